"""The patients' screens: from the first question to the day after the visit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.guarding import Visitor
from web.languages import words


def book(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Show the screen."""
    return render(request, "web/book/book.html", {"words": words("book")})
