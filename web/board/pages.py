"""The dispatchers' board: a day of the market, and everything that is done to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.guarding import Visitor
from web.languages import words


def board(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Show the screen."""
    return render(request, "web/board/board.html", {"words": words("board")})
