"""The board's map: the routes of a day as the scripts draw them."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse

from dispatch.selectors.board_map import map_of
from web.board.asked import day_of
from web.guarding import Visitor


def day_map(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer the routes of the day that the query names: nurses, homes, stops in their order."""
    return JsonResponse(asdict(map_of(visitor.by.market_id, day_of(request.GET, visitor))))
