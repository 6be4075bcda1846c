"""Where the stand-in for a video provider leads."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def room(request: HttpRequest, key: UUID) -> HttpResponse:  # noqa: ARG001 - each room has a page
    """Say that no video provider is set up, and nothing of the consult."""
    return render(request, "web/room.html")
