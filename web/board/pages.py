"""The dispatchers' board: a day of the market, and everything that is done to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.selectors.clock import zone_of
from web.board.asked import day_of
from web.guarding import Visitor
from web.languages import words


def board(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the screen."""
    day, zone = day_of(request.GET, visitor), zone_of(visitor.by.market_id)
    told = {"words": words("board"), "date": day, "zone": zone}
    return render(request, "web/board/board.html", told)
