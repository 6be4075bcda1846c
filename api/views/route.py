"""The nurse's own day."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, day_from
from api.listing import day
from dispatch.domain.errors import NotFound
from dispatch.selectors.clock import market_today
from dispatch.selectors.day_route import DayRoute, route_on


class RouteOut(Answer[DayRoute]):
    class Meta:
        dataclass = DayRoute


class MyRoute(Door):
    @extend_schema(
        operation_id="nurses_me_route",
        parameters=[day("date", "Today, if left out.")],
        responses=RouteOut,
    )
    def get(self, request: Request) -> Response:
        """The day: stops in order, times, travel, gates, instructions."""
        by = self.by(request)
        if by.person_id is None:
            raise NotFound("nurse")
        asked = request.query_params.get("date")
        on = market_today(by.market_id) if asked is None else day_from(asked, "date")
        return Response(RouteOut(route_on(by.person_id, on, now=self.now(by))).data)
