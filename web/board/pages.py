"""The dispatchers' board: a day of the market, and everything that is done to it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.selectors.board import board_of
from web.guarding import Visitor
from web.languages import words


def board(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the screen."""
    day = date.fromisoformat(request.GET.get("date") or f"{visitor.now:%Y-%m-%d}")
    found = board_of(visitor.by.market_id, day, now=visitor.now)
    context = {"words": words("board"), "board": found, "zone": "America/New_York"}
    return render(request, "web/board/board.html", context)
