"""Plan day, Repair, Absence and Undo: what would change is shown first, and applied whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.domain.clock import day_bounds
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.jobs import Cause
from dispatch.selectors.board import board_of
from dispatch.selectors.clock import zone_of
from dispatch.selectors.differences import differences_of
from dispatch.selectors.proposals import absence_seen_by, job_seen_by
from dispatch.selectors.standing import last_in_force
from dispatch.services.absences import record_absence
from dispatch.services.applying import accept_proposal
from dispatch.services.plans import ask_for_plan, ask_for_repair, stop_plan
from dispatch.services.undoing import undo_proposal
from web.board.asked import day_of, id_of, moment_of, number_of
from web.guarding import Visitor
from web.languages import words
from web.refusals import refused

DEFAULT_S, LONGEST_S, MOST_PROPOSALS = 10, 120, 100
TOOLS = frozenset({"plan", "repair", "absence", "undo"})
AT_THE_DOOR = frozenset({"en_route", "arrived", "in_treatment", "recovering"})
CHANGED = "board:refresh"
"""The event by which the page hears that the day is another one now."""
LINE = "#planning-refusal"
"""Where a dialog shows a refusal: what lies beneath a dialog cannot be read."""

View = Callable[..., HttpResponse]


def in_dialog(view: View) -> View:
    """Have a refusal told in the dialog, where what was on the screen stays."""

    @wraps(view)
    def wrapped(request: HttpRequest, visitor: Visitor, **parts: Any) -> HttpResponse:
        try:
            return view(request, visitor, **parts)
        except (Conflict, Invalid) as refusal:
            answer = refused(request, refusal)
            if "HX-Retarget" in answer:
                answer["HX-Retarget"] = LINE
            return answer

    return wrapped


def tool(request: HttpRequest, visitor: Visitor, kind: str) -> HttpResponse:
    """Open the dialog of a tool for the day that the query names."""
    if kind not in TOOLS:
        raise NotFound("tool")
    day = day_of(request.GET, visitor)
    return render(request, f"web/board/planning/{kind}.html", _about(visitor, day, kind))


def _about(visitor: Visitor, day: date, kind: str) -> dict[str, Any]:
    about = _frame(visitor) | {"kind": kind, "day": day, "seconds": DEFAULT_S, "most": LONGEST_S}
    if kind == "undo":
        return about | {"undoing": last_in_force(visitor.by, day, now=visitor.now)}
    if kind == "plan":
        return about
    shifts = board_of(visitor.by.market_id, day, now=visitor.now).shifts
    begun = [
        (stop, shift.nurse_name)
        for shift in shifts
        for stop in shift.stops
        if stop.visit.status in AT_THE_DOOR
    ]
    return about | {"shifts": sorted(shifts, key=lambda one: one.nurse_name), "begun": begun}


@in_dialog
def plan(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Have a day planned."""
    day = day_of(request.POST, visitor)
    allowed = number_of(request.POST, "seconds", 1, LONGEST_S)
    job_id = ask_for_plan(day, allowed, by=visitor.by, now=visitor.now)
    return _job(request, visitor, job_id, Cause.PLAN)


@in_dialog
def repair(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Have repairs worked out for what cannot be kept, also for a visit that runs long."""
    day, visit_id, until = day_of(request.POST, visitor), None, None
    if request.POST.get("visit"):
        visit_id = id_of(request.POST, "visit")
        until = moment_of(request.POST, "until", day, zone_of(visitor.by.market_id))
    job_id = ask_for_repair(day, visit_id=visit_id, until=until, by=visitor.by, now=visitor.now)
    return _job(request, visitor, job_id, Cause.REPAIR)


@in_dialog
def absence(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Record that a nurse is away, and show the repairs that are looked for."""
    day, zone = day_of(request.POST, visitor), zone_of(visitor.by.market_id)
    nurse_id = id_of(request.POST, "nurse")
    if request.POST.get("span") == "hours":
        start, end = (moment_of(request.POST, name, day, zone) for name in ("from", "until"))
    else:
        start, end = day_bounds(day, zone)
    reason = request.POST.get("reason", "")[:1000]
    absence_id = record_absence(nurse_id, start, end, reason=reason, by=visitor.by, now=visitor.now)
    repairs = absence_seen_by(visitor.by, absence_id).repair
    if repairs is not None:
        return _changed(_job(request, visitor, repairs, Cause.REPAIR))
    return _changed(_done(request, visitor, "nobody_affected"))


def job(request: HttpRequest, visitor: Visitor, cause: str, job_id: UUID) -> HttpResponse:
    """Show how far the planner is, and what it proposes once it has ended."""
    return _job(request, visitor, job_id, _cause(cause))


@in_dialog
def stop(request: HttpRequest, visitor: Visitor, cause: str, job_id: UUID) -> HttpResponse:
    """Have the planner stop with its best plan so far."""
    if _cause(cause) is not Cause.PLAN:
        raise NotFound("plan")
    stop_plan(job_id, by=visitor.by, now=visitor.now)
    return _job(request, visitor, job_id, Cause.PLAN)


@in_dialog
def accept(request: HttpRequest, visitor: Visitor, cause: str, job_id: UUID) -> HttpResponse:
    """Put one of the proposals into force."""
    number = number_of(request.POST, "proposal", 1, MOST_PROPOSALS)
    accept_proposal(job_id, _cause(cause), number, by=visitor.by, now=visitor.now)
    return _changed(_done(request, visitor, "applied", job_id, cause))


@in_dialog
def undo(request: HttpRequest, visitor: Visitor, cause: str, job_id: UUID) -> HttpResponse:
    """Put back what stood before a proposal that is in force."""
    undo_proposal(job_id, _cause(cause), by=visitor.by, now=visitor.now)
    return _changed(_done(request, visitor, "undone"))


def _job(request: HttpRequest, visitor: Visitor, job_id: UUID, cause: Cause) -> HttpResponse:
    seen = job_seen_by(visitor.by, job_id, cause)
    told: dict[str, Any] = {"job": seen, "cause": cause.value, "day": seen.dates[0]}
    if seen.state == "ready":
        told["differences"] = differences_of(seen)
    return render(request, "web/board/planning/job.html", _frame(visitor) | told)


def _done(
    request: HttpRequest, visitor: Visitor, what: str, job_id: UUID | None = None, cause: str = ""
) -> HttpResponse:
    told = {"what": what, "job_id": job_id, "cause": cause}
    return render(request, "web/board/planning/done.html", _frame(visitor) | told)


def _frame(visitor: Visitor) -> dict[str, Any]:
    return {"words": words("board_planning"), "zone": zone_of(visitor.by.market_id)}


def _changed(answer: HttpResponse) -> HttpResponse:
    answer["HX-Trigger"] = CHANGED
    return answer


def _cause(text: str) -> Cause:
    if text not in set(Cause):
        raise NotFound("job")
    return Cause(text)
