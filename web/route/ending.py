"""The end of the nurse's day: what is still open, by name, with the way to close it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispatch.domain.clock import service_date
from dispatch.selectors.clock import zone_of
from dispatch.selectors.day_end import day_end
from dispatch.services.custody import witness
from web.guarding import Visitor
from web.languages import words

SEE_OTHER = 303


def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show today's end: visits, vials, signatures, kit, and what the phone has not sent."""
    zone = zone_of(visitor.by.market_id)
    ending = day_end(visitor.by, service_date(visitor.now, zone), now=visitor.now)
    context = {"words": words("route_end"), "end": ending, "zone": zone, "now": visitor.now}
    return render(request, "web/route/end.html", context)


def sign(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Sign as the second person what another nurse wasted, returned or explained."""
    witness(entry_id, by=visitor.by, now=visitor.now)
    return HttpResponseRedirect(reverse("route_end"), status=SEE_OTHER)
