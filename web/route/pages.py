"""The nurse's day on the phone, with or without a connection."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.guarding import Visitor
from web.languages import words


def route(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Show the screen."""
    return render(request, "web/route/route.html", {"words": words("route")})
