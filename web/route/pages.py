"""The nurse's day on the phone, with or without a connection."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.domain.clock import service_date
from dispatch.selectors.access import attended_by
from dispatch.selectors.clock import zone_of
from dispatch.selectors.day_end import nurse_of
from dispatch.selectors.day_route import route_on
from web.guarding import Visitor
from web.languages import words


def route(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the screen."""
    today = service_date(visitor.now, zone_of(visitor.by.market_id))
    day = route_on(nurse_of(visitor.by), today, now=visitor.now)
    return render(request, "web/route/route.html", {"words": words("route"), "day": day})


def visit(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show one visit."""
    attended_by(visitor.by, visit_id)
    context = {"words": words("route"), "visit": visit_id}
    return render(request, "web/route/visit.html", context)
