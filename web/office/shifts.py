"""Who works on the days to come: a day's shift is added, or taken away."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.errors import Conflict, Invalid
from dispatch.selectors.clock import zone_of
from dispatch.selectors.office import nurse_cards, shifts_ahead
from dispatch.services.staffing import add_shift, remove_shift
from web.guarding import Visitor
from web.languages import words
from web.office.forms import ShiftForm
from web.refusals import sentence


def shifts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show a day's shifts, or add one."""
    if request.method != "POST":
        return _shown(request, visitor, _day_in(request.GET.get("day", "")))
    form = _form(visitor, request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        hours = typed["day"], typed["starts"], typed["ends"]
        try:
            add_shift(UUID(typed["nurse"]), *hours, by=visitor.by, now=visitor.now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return _to_day(typed["day"])
    day = _day_in(request.POST.get("day", ""))
    return _shown(request, visitor, day, form=form)


def remove(request: HttpRequest, visitor: Visitor, shift_id: UUID) -> HttpResponse:
    """Take one away on which nobody counts."""
    day = _day_in(request.POST.get("day", ""))
    try:
        remove_shift(shift_id, by=visitor.by, now=visitor.now)
    except Conflict as refusal:
        return _shown(request, visitor, day, told=sentence(refusal))
    return _to_day(day)


def _shown(request: HttpRequest, visitor: Visitor, day: date | None, **more: Any) -> HttpResponse:
    ahead = shifts_ahead(visitor.by, now=visitor.now)
    chosen = day if day in ahead else next(iter(ahead))
    context = {
        "words": words("office"),
        "days": [(one, len(lines)) for one, lines in ahead.items()],
        "day": chosen,
        "shifts": ahead[chosen],
        "form": _form(visitor, None, initial={"day": chosen}),
        "zone": zone_of(visitor.by.market_id),
    }
    return render(request, "web/office/shifts.html", context | more)


def _form(visitor: Visitor, typed: Any, **more: Any) -> ShiftForm:
    cards = nurse_cards(visitor.by, now=visitor.now)
    return ShiftForm([(str(one.id), one.name) for one in cards if one.active], typed, **more)


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _to_day(day: date | None) -> HttpResponse:
    answer = HttpResponseRedirect(f"/office/shifts/?day={day}" if day else "/office/shifts/")
    answer.status_code = 303
    return answer
