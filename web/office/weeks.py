"""A nurse's week: the days and hours that return, the days that differ, and what comes of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.selectors.clock import zone_of
from dispatch.selectors.office import nurse_card, shifts_ahead
from dispatch.selectors.weeks import Week, week_of
from dispatch.services.shifts import DAYS_AHEAD, add_rules, end_rule, except_day, undo_exception
from web.guarding import Visitor
from web.languages import words
from web.office.forms import EndForm, OfficeForm, OtherDayForm, WeekForm
from web.refusals import sentence


def week(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    """Show her week, or add hours to it."""
    if request.method != "POST":
        return _shown(request, visitor, nurse_id)
    form = WeekForm(request.POST, auto_id="week_%s")

    def add(typed: dict[str, Any]) -> None:
        hours, days = (typed["starts"], typed["ends"]), (typed["first_day"], typed["last_day"])
        weekdays = [int(day) for day in typed["weekdays"]]
        add_rules(nurse_id, weekdays, hours, *days, by=visitor.by, now=visitor.now)

    return _done(request, visitor, nurse_id, form, add, {"week_form": form})


def end(request: HttpRequest, visitor: Visitor, nurse_id: UUID, rule_id: UUID) -> HttpResponse:
    """Have some of her hours end."""
    if not any(one.id == rule_id for one in _week(visitor, nurse_id).hours):
        raise NotFound("rule")
    form = EndForm(request.POST, auto_id=f"end_{rule_id}_%s")

    def end_it(typed: dict[str, Any]) -> None:
        end_rule(rule_id, typed["last_day"], by=visitor.by, now=visitor.now)

    return _done(request, visitor, nurse_id, form, end_it, {"ended": {rule_id: form}})


def other_day(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    """Have one day be another: hours of its own, or none."""
    form = OtherDayForm(request.POST, auto_id="day_%s")

    def change(typed: dict[str, Any]) -> None:
        except_day(nurse_id, typed["day"], form.hours(), by=visitor.by, now=visitor.now)

    return _done(request, visitor, nurse_id, form, change, {"day_form": form})


def undo(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, exception_id: UUID
) -> HttpResponse:
    """Have a day be as her week says."""
    if not any(one.id == exception_id for one in _week(visitor, nurse_id).other_days):
        raise NotFound("exception")
    try:
        undo_exception(exception_id, by=visitor.by, now=visitor.now)
    except Conflict as refusal:
        return _refused(request, visitor, nurse_id, refusal)
    return _to_week(nurse_id)


def _done(
    request: HttpRequest,
    visitor: Visitor,
    nurse_id: UUID,
    form: OfficeForm,
    verb: Callable[[dict[str, Any]], None],
    shown: dict[str, Any],
) -> HttpResponse:
    """Do it, or show the page with the form ``shown`` as it was typed."""
    if not form.is_valid():
        return _shown(request, visitor, nurse_id, **shown)
    try:
        verb(form.cleaned_data)
    except Invalid as refusal:
        form.refuse(refusal)
        return _shown(request, visitor, nurse_id, **shown)
    except Conflict as refusal:
        return _refused(request, visitor, nurse_id, refusal, **shown)
    return _to_week(nurse_id)


def _refused(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, refusal: Conflict, **shown: Any
) -> HttpResponse:
    more = {"told": sentence(refusal), "taken": refusal.facts.get("taken", ())}
    return _shown(request, visitor, nurse_id, **more, **shown)


def _shown(request: HttpRequest, visitor: Visitor, nurse_id: UUID, **more: Any) -> HttpResponse:
    found = _week(visitor, nurse_id)
    ended = more.pop("ended", {})
    begin = {"first_day": found.today}
    named = words("office_weekdays")
    ahead = shifts_ahead(visitor.by, nurse_id=nurse_id, days_shown=DAYS_AHEAD, now=visitor.now)
    context = {
        "words": words("office"),
        "nurse": nurse_card(visitor.by, nurse_id, now=visitor.now),
        "week": found,
        "hours": [
            (one, named[str(one.weekday)], ended.get(one.id, EndForm(auto_id=f"end_{one.id}_%s")))
            for one in found.hours
        ],
        "week_form": WeekForm(initial=begin, auto_id="week_%s"),
        "day_form": OtherDayForm(auto_id="day_%s"),
        "shifts": [one for lines in ahead.values() for one in lines],
        "zone": zone_of(visitor.by.market_id),
    }
    return render(request, "web/office/week.html", context | more)


def _week(visitor: Visitor, nurse_id: UUID) -> Week:
    return week_of(visitor.by, nurse_id, now=visitor.now)


def _to_week(nurse_id: UUID) -> HttpResponse:
    answer = HttpResponseRedirect(f"/office/nurses/{nurse_id}/week")
    answer.status_code = 303
    return answer
