"""A day that runs otherwise than planned is timed anew, and whoever waits for the nurse is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import outbox, running
from dispatch.domain.events import ArrivalMoved
from dispatch.domain.expected import is_earlier_again, is_late
from dispatch.domain.sending import BEFORE_ARRIVAL
from dispatch.domain.visit import Status
from dispatch.models import Assignment, Shift, Visit
from dispatch.selectors.messages import told_last

BROKEN_OFF = frozenset({Status.ABORTED, Status.NO_SHOW})


@transaction.atomic
def retime_day(visit_id: UUID, *, now: datetime) -> None:
    """Time the day of a visit anew from all that is known, after something has happened there.

    What is written depends on the facts and on ``now`` alone: again, or in another order, it comes
    to the same. Does nothing where the visit has been called off or waits for a nurse. It locks
    shifts: as a reaction it goes before those that lock the visit.
    """
    _retime(visit_id, heard=True, now=now)


@transaction.atomic
def retime_quiet_day(visit_id: UUID, *, now: datetime) -> None:
    """Do the same where nothing was heard of a visit when something should have been.

    The times move on, so that no slot is offered that they do not allow. But the nurse's phone may
    merely be offline: a patient is told of such a delay once, and then only of what was heard.
    """
    _retime(visit_id, heard=False, now=now)


def _retime(visit_id: UUID, *, heard: bool, now: datetime) -> None:
    shift_id = _shift_of(visit_id)
    if shift_id is None:
        return
    concerned = running.write_expected(shift_id, now=now)
    for one in _to_be_told(concerned, heard=heard):
        outbox.record(ArrivalMoved(one.id), market_id=one.market_id, now=now)


def _shift_of(visit_id: UUID) -> UUID | None:
    """The shift the visit is on; of one that broke off, the one it was on."""
    visit = Visit.objects.select_related("reservation").get(id=visit_id)
    if visit.reservation is not None:
        return visit.reservation.shift_id
    last = Assignment.objects.filter(visit=visit).order_by("since", "id").last()
    if last is None or Status(visit.status) not in BROKEN_OFF:
        return None
    shifts = Shift.objects.filter(nurse_id=last.nurse_id, service_date=visit.service_date)
    return shifts.values_list("id", flat=True).first()


def _to_be_told(shift_ids: Collection[UUID], *, heard: bool) -> list[Visit]:
    """Visits whose nurse is expected at another time than their patients know of."""
    waiting = list(
        Visit.objects.filter(
            reservation__shift_id__in=shift_ids,
            status__in=[status.value for status in BEFORE_ARRIVAL],
        ).select_related("reservation")
    )
    last = told_last(visit.id for visit in waiting)
    found = []
    for visit in waiting:
        told = last[visit.id].named_start if visit.id in last else None
        if visit.reservation is None or (told is not None and not heard):
            continue
        expected = visit.reservation.start_at
        if is_late(expected, visit.window_end, told) or is_earlier_again(expected, told):
            found.append(visit)
    return found
