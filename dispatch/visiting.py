"""Visits of a series changed together: locked as one, let go of, moved, and made up for.

``schedule.settle`` follows whatever takes time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import assigning, outbox, schedule
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.events import VisitBooked, VisitRescheduled
from dispatch.domain.ids import new_id
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Reservation, Series, Visit
from dispatch.selectors.claims import claim_on
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.series_plans import Infusion


def lock_series(
    series_id: UUID, *, other_shifts: Iterable[UUID] = (), now: datetime
) -> tuple[Series, list[Visit]]:
    """Lock the shifts that the series' visits are on and the others named, their patients, the
    visits in id order, and then the series itself.

    Raises Conflict ``busy`` where the visits keep being moved between look and lock.
    """
    patient_id = Series.objects.values_list("patient_id", flat=True).get(id=series_id)
    visits = Visit.objects.filter(series_id=series_id).order_by("id")
    for _ in range(schedule.TRIES):
        before = {*other_shifts} | set(visits.values_list("reservation__shift_id", flat=True)) - {
            None
        }
        step = transaction.savepoint()
        schedule.lock(before, patients=[patient_id], now=now)
        found = list(visits.select_for_update(of=("self",), no_key=True))
        if set(visits.values_list("reservation__shift_id", flat=True)) - {None} <= before:
            transaction.savepoint_commit(step)
            return Series.objects.select_for_update(no_key=True).get(id=series_id), found
        transaction.savepoint_rollback(step)
    raise Conflict("busy", "The series is being changed by others; try again.")


def let_go(visit: Visit, action: Action, *, now: datetime) -> None:
    """Suspend or call off a locked visit, and give its time back."""
    visit.status = advance(Status(visit.status), action).value
    held, visit.reservation = visit.reservation, None
    visit.version += 1
    visit.save(update_fields=["status", "reservation", "ended_because", "fee_cents", "version"])
    if held is not None:
        schedule.remove(held, now=now)
    assigning.unassign(visit, now)


def move(visit: Visit, to: Infusion, *, now: datetime) -> bool:
    """Move a locked visit to another window, a suspended one back to life; False, with nothing
    written, where the time is gone."""
    taken = _reserve(visit, to, now)
    if taken is None:
        return False
    again = Action.RESUME if visit.status == Status.SUSPENDED.value else Action.RESCHEDULE
    visit.status = advance(Status(visit.status), again).value
    held = visit.reservation
    _promise(visit, to, taken, now)
    visit.moves += 1
    visit.version += 1
    visit.save()
    if held is not None:
        schedule.remove(held, now=now)
    assigning.unassign(visit, now)
    outbox.record(VisitRescheduled(visit.id), market_id=visit.market_id, now=now)
    return True


def make_up_for(lost: Visit, number: int, to: Infusion, *, now: datetime) -> Visit | None:
    """Book another visit of the series in place of a lost one; None where the time is gone."""
    visit = Visit(
        market_id=lost.market_id,
        patient_id=lost.patient_id,
        location=lost.location,
        protocol_id=lost.protocol_id,
        companion_id=lost.companion_id,
        phase=lost.phase,
        course=lost.course,
        series_id=lost.series_id,
        series_number=number,
        booked_at=now,
        booked_by_id=lost.booked_by_id,
    )
    taken = _reserve(visit, to, now)
    if taken is None:
        return None
    _promise(visit, to, taken, now)
    visit.save(force_insert=True)
    outbox.record(VisitBooked(visit.id), market_id=visit.market_id, now=now)
    return visit


def _reserve(visit: Visit, to: Infusion, now: datetime) -> Reservation | None:
    claim = claim_on(
        visit.location,
        protocol_of(visit.protocol_id),
        to.start,
        to.window_end,
        to.promised,
        instead_of=visit.reservation_id,
        now=now,
    )
    return schedule.insert(claim, to.shift_id, new_id(), now=now)


def _promise(visit: Visit, to: Infusion, taken: Reservation, now: datetime) -> None:
    visit.reservation, visit.asked_nurse_id = taken, to.promised
    visit.window_start, visit.window_end = to.start, to.window_end
    visit.window_promised, visit.assign_due_at = True, now
    visit.service_date = service_date(to.start, visit.location.zone)
