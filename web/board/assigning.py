"""Giving a visit to a nurse from the board – dropped on her row or by a button – and undoing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from dispatch.domain.errors import Conflict
from dispatch.selectors.access import nurse_for
from dispatch.selectors.candidates import Candidate
from dispatch.selectors.inspection import Placing, placing_of
from dispatch.selectors.undoable import last_by_hand
from dispatch.services.assignment import assign_by_hand
from dispatch.services.taking_back import undo_assignment
from web.board.answering import STALE, changed, conflict, in_dialog, reason_in, uuid_in, version_in
from web.board.telling import PAGE, day_and_hour, said, told
from web.guarding import Visitor
from web.languages import words


def candidates(_request: HttpRequest, visitor: Visitor, visit_id: UUID) -> JsonResponse:
    """Tell a script of each nurse on shift whether the visit could be dropped on her row.

    ``nurses`` have ``nurse``, ``shift``, ``standing`` (can, if_agreed or cannot), ``has_it`` and
    the ``line`` for the row; ``others`` is the line of those who are not named.
    """
    placing = placing_of(visitor.by, visit_id, now=visitor.now)
    nurses = [_row(one, placing) for one in placing.candidates]
    others = said("rule__nobody_on_shift" if placing.may_go else "cannot_go")
    version = placing.visit.version
    return JsonResponse({"version": version, "nurses": nurses, "others": others})


def agreement(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Ask in a dialog what the patient said, where it is their wish that stands in the way."""
    nurse = nurse_for(visitor.by, uuid_in(request, "nurse"))
    placing = placing_of(visitor.by, visit_id, now=visitor.now)
    context = {
        "words": words(PAGE),
        "visit": placing.visit,
        "nurse": nurse,
        "why": said("agree_why", asked=placing.asked_nurse, nurse=nurse.name),
    }
    return in_dialog(render(request, "web/board/agreement.html", context))


def assign(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Give the visit to the nurse, if it is as it was when the dispatcher decided so."""
    nurse = nurse_for(visitor.by, uuid_in(request, "nurse"))
    agreed, version = "patient_agreed" in request.POST, version_in(request)
    try:
        assign_by_hand(
            visit_id, nurse.id, reason=reason_in(request, needed=agreed), patient_agreed=agreed,
            expected_version=version, by=visitor.by, now=visitor.now,
        )  # fmt: skip
    except Conflict as refusal:
        if refusal.code == "rules_broken":
            return _refused(request, visitor, visit_id, nurse.id)
        wanted = said("wanted_assign", nurse=nurse.name)
        return conflict(request, visitor, visit_id, refusal, wanted)
    return changed(request, visitor, visit_id, said("done_assign", nurse=nurse.name))


def undo(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what can be undone, or undo it."""
    return _undone(request, visitor) if request.method == "POST" else _tool(request, visitor)


def _tool(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    last = last_by_hand(visitor.by)
    when = "" if last is None else day_and_hour(last.window_start, last.zone)
    context = {"words": words("board"), "last": last, "when": when}
    return render(request, "web/board/undo.html", context)


def _undone(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the last assignment by hand back, if nobody has changed the visit since."""
    visit_id, version = uuid_in(request, "visit"), version_in(request)
    try:
        undo_assignment(visit_id, expected_version=version, by=visitor.by, now=visitor.now)
    except Conflict as refusal:
        if refusal.code != STALE:
            raise
        raise Conflict("not_undone", str(refusal)) from refusal
    return changed(request, visitor, visit_id, said("done_undo"))


def _refused(request: HttpRequest, visitor: Visitor, visit_id: UUID, nurse: UUID) -> HttpResponse:
    """Name every rule that stands in the way, and what would help."""
    placing = placing_of(visitor.by, visit_id, now=visitor.now)
    own = [told(one, placing.zone, None) for one in placing.candidates if one.nurse_id == nurse]
    context = {"words": words(PAGE), "own": own[:1], "none": said("rule__nobody_on_shift")}
    answer = render(request, "web/board/rules_broken.html", context, status=409)
    return in_dialog(answer)


def _row(one: Candidate, placing: Placing) -> dict[str, Any]:
    now_with = placing.visit.nurse
    shown = told(one, placing.zone, None if now_with is None else now_with.id)
    return {
        "nurse": str(one.nurse_id),
        "shift": str(one.shift_id),
        "name": one.nurse_name,
        "standing": one.standing.value,
        "has_it": shown.has_it,
        "line": shown.line,
    }
