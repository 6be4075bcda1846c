"""What administrators keep: nurses, shifts, credentials, protocols and their market."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.guarding import Visitor
from web.languages import words


def office(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Show the screen."""
    return render(request, "web/office/office.html", {"words": words("office")})
