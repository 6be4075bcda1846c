"""The front page, and where the link in a patient's message leads."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Say what runs here and where the API is."""
    return render(request, "web/home.html")


def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Say nothing about the visit to whoever has the link: the app asks for a sign-in first."""
    return render(request, "web/visit.html")
