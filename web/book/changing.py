"""Moving a visit to another time, and calling it off: both from the version that was seen."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.clock import instant
from dispatch.domain.errors import Conflict, DispatchError, Invalid
from dispatch.selectors.own_times import own_times, time_chosen
from dispatch.selectors.own_visit import own_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.holds import give_back_hold, take_hold
from web.book.forms import (
    REFUSALS,
    Context,
    gone_to,
    language_of,
    number_in,
    reason_in,
    shown,
    version_in,
    visit_at,
)
from web.guarding import Visitor
from web.refusals import said_of


def change(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show the times of a week; the one that is chosen is held, and the visit moved to it."""
    if request.method != "POST":
        return shown(request, "change", _times(request, visitor, visit_id))
    try:
        _move(request, visitor, visit_id)
    except REFUSALS as refusal:
        return shown(request, "change", _times(request, visitor, visit_id), refusal)
    return gone_to(visit_at(visit_id))


def _times(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> Context:
    times = own_times(visitor.by, visit_id, _first_day(request), now=visitor.now)
    return _seen(visitor, visit_id) | {"times": times}


def _move(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> None:
    """What was held goes back at once where the visit cannot be moved to it."""
    by, now = visitor.by, visitor.now
    version, start = version_in(request), instant(_start_in(request))
    chosen = time_chosen(by, visit_id, start, now=now)
    hold_id = take_hold(
        chosen.slot,
        location_id=chosen.location,
        protocol_id=chosen.protocol,
        asked_nurse_id=chosen.asked_nurse,
        by=by,
        now=now,
    )
    try:
        reschedule_visit(visit_id, hold_id, expected_version=version, by=by, now=now)
    except DispatchError:
        give_back_hold(hold_id, by=by, now=now)
        raise


def cancel(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Say what calling off costs, and do it once the patient says yes to that."""
    if request.method != "POST":
        return shown(request, "cancel", _seen(visitor, visit_id))
    try:
        _cancel(request, visitor, visit_id)
    except REFUSALS as refusal:
        return shown(request, "cancel", _seen(visitor, visit_id), refusal)
    return gone_to(visit_at(visit_id))


def _cancel(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> None:
    """Nobody pays more than they were told: where that has changed meanwhile, it is told anew."""
    seen = own_visit(visitor.by, visit_id, language_of(visitor), now=visitor.now)
    if number_in(request, "owed_cents") < seen.owed_cents:
        raise Conflict("dearer", "Calling off has become dearer meanwhile.")
    cancel_visit(
        visit_id,
        reason=reason_in(request),
        expected_version=version_in(request),
        by=visitor.by,
        now=visitor.now,
    )


def _seen(visitor: Visitor, visit_id: UUID) -> Context:
    own = own_visit(visitor.by, visit_id, language_of(visitor), now=visitor.now)
    return {"own": own, "office_phone": own.office_phone}


def _first_day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return None


def _start_in(request: HttpRequest) -> int:
    sent = request.POST.get("start", "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) == len("1800000000")):
        raise Invalid({"start": said_of("choose_time")})
    return int(sent)
