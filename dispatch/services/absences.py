"""A nurse does not come: her hours are closed at once, and repairs are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from dispatch import audit, holding, schedule
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.jobs import REPAIR_S, Cause, hours_left
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit import Status
from dispatch.models import Absence, Hold, Nurse, Shift, Visit
from dispatch.queueing import ask_planner
from dispatch.selectors.access import nurse_for

LONGEST = timedelta(days=366)


@transaction.atomic
def record_absence(
    nurse_id: UUID, start: datetime, end: datetime, *, reason: str, by: Actor, now: datetime
) -> UUID:
    """Close the nurse's hours in [start, end) and ask for repairs of the days; return its id.

    No slot is offered there from now on, and holds there are given back. Visits stay assigned until
    a repair is accepted. Raises Invalid for a span that is past, reversed or too long; Conflict
    ``busy`` where her shifts keep being changed between look and lock.
    """
    nurse = nurse_for(by, nurse_id)
    _check_span(start, end, now)
    shifts = Shift.objects.filter(nurse=nurse, start_at__lt=end, end_at__gt=max(start, now))
    _lock(nurse, shifts, now)
    absence = Absence.objects.create(
        market_id=nurse.market_id,
        nurse=nurse,
        begins_at=start,
        ends_at=end,
        reason=reason,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )
    closed = list(shifts)
    for shift in closed:
        _shorten(shift, start, end, now)
    _ask_for_repair(absence, closed, by, now)
    audit.note(by, "record", "absence", absence.id, now=now)
    return absence.id


def _lock(nurse: Nurse, shifts: QuerySet[Shift], now: datetime) -> None:
    """Lock the shifts and then the nurse, as whoever gives her another shift does: none comes
    unseen. One that came between look and lock is locked at the next try, in its order."""
    for _ in range(schedule.TRIES):
        before = set(shifts.values_list("id", flat=True))
        step = transaction.savepoint()
        schedule.lock(before, now=now)
        _hold(nurse.id)
        if set(shifts.values_list("id", flat=True)) <= before:
            transaction.savepoint_commit(step)
            return
        transaction.savepoint_rollback(step)
    raise Conflict("busy", "The nurse's shifts are being changed by others; try again.")


def _hold(nurse_id: UUID) -> None:
    Nurse.objects.select_for_update(no_key=True).get(id=nurse_id)


def _check_span(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise Invalid({"until": "The absence ends before it begins."})
    if end <= now:
        raise Invalid({"until": "This time has passed."})
    if end - start > LONGEST:
        pattern = "An absence spans at most {days} days."
        raise Invalid({"until": Sentence(pattern, days=LONGEST.days)})


def _shorten(shift: Shift, start: datetime, end: datetime, now: datetime) -> None:
    shift.start_at, shift.end_at = hours_left(shift.start_at, shift.end_at, start, end)
    Shift.objects.filter(id=shift.id).update(
        start_at=shift.start_at, end_at=shift.end_at, version=F("version") + 1
    )
    outside = Q(reservation__start_at__lt=shift.start_at) | Q(reservation__end_at__gt=shift.end_at)
    for hold in Hold.objects.filter(outside, reservation__shift=shift):
        holding.give_back(hold, now=now)


def _ask_for_repair(absence: Absence, shifts: Iterable[Shift], by: Actor, now: datetime) -> None:
    """One repair for all the days on which somebody counts on the nurse."""
    counted_on = Visit.objects.filter(
        reservation__shift__in=shifts,
        status__in=[Status.REQUESTED.value, Status.ASSIGNED.value],
    )
    days = sorted(set(counted_on.values_list("reservation__shift__service_date", flat=True)))
    if days:
        ask_planner(Cause.REPAIR, days, REPAIR_S, absence=absence, by=by, now=now)
