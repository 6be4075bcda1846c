"""What waits for a prescriber: clearances, orders, responses and tasks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.guarding import Visitor
from web.languages import words


def inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Show the screen."""
    return render(request, "web/inbox/inbox.html", {"words": words("inbox")})
