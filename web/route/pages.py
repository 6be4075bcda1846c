"""The nurse's day on the phone, and each visit as steps, with or without a connection."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispatch.domain.channels import Language
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Invalid
from dispatch.domain.visit import ENDED
from dispatch.selectors.clock import zone_of
from dispatch.selectors.day_end import nurse_of
from dispatch.selectors.day_route import route_on
from dispatch.selectors.visit_sheet import plain, sheet_of
from dispatch.services.readiness import confirm_kit
from web.guarding import Visitor
from web.languages import words
from web.refusals import said_of

SEE_OTHER = 303


def route(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show a day: what comes next, the stops, the kit."""
    zone = zone_of(visitor.by.market_id)
    today = service_date(visitor.now, zone)
    day = _day(request.GET.get("date"), today)
    found = route_on(nurse_of(visitor.by), day, now=visitor.now)
    to_come = [stop for stop in found.stops if stop.status not in ENDED]
    context = {
        "words": words("route"), "day": found, "zone": zone,
        "days": ((today, "today"), (today + timedelta(days=1), "tomorrow")),
        "next": to_come[0] if to_come else None,
        "missing_kit": [line for line in found.kit if not line.confirmed],
        "points": [{"lat": stop.lat, "lng": stop.lng} for stop in found.stops],
    }  # fmt: skip
    return render(request, "web/route/route.html", context)


def pack(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The nurse says what of the day's kit she has with her."""
    day = _day(request.POST.get("date"), visitor.now.date())
    confirm_kit(day, request.POST.getlist("items"), by=visitor.by, now=visitor.now)
    return HttpResponseRedirect(f"{reverse('route')}?date={day}#kit", status=SEE_OTHER)


def visit(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show a visit as steps, with all that is needed to go through them offline."""
    sheet = sheet_of(visitor.by, visit_id, Language(visitor.language), now=visitor.now)
    known = {
        "told": [plain(event) for event in sheet.told],
        "flags": [
            {"code": one.code, "subject": one.subject, "step": one.step} for one in sheet.flags
        ],
        "vials": {one.number: one.left_ug for one in sheet.vials},
    }
    context = {
        "words": words("route_visit"), "sheet": sheet, "known": known,
        "main": [step for step in sheet.steps if not step.aside],
        "aside": [step for step in sheet.steps if step.aside],
    }  # fmt: skip
    return render(request, "web/route/visit.html", context)


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Invalid({"date": said_of("day")}) from fault
