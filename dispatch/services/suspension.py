"""Visits whose patient has lost the clearance are suspended, and resumed once it is given again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import assigning, outbox, schedule, tasking
from dispatch.domain.events import VisitSuspended
from dispatch.domain.series import SeriesState
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import UNDER_WAY, Action, Status, advance
from dispatch.models import Visit
from dispatch.selectors.clearance import standing, was_lost
from dispatch.selectors.protocols import protocol_of

STILL_TO_COME = [Status.REQUESTED.value, Status.ASSIGNED.value]
AT_IT = [status.value for status in UNDER_WAY if status is not Status.COMPLETED]

LOST = (
    "The patient's answers have changed, and no clearance covers this treatment any more. "
    "A clinician decides; the nurse's time is free again."
)
LOST_UNDER_WAY = (
    "The patient's answers have changed while the nurse is under way, and no clearance covers "
    "this treatment any more. The infusion cannot begin."
)


@transaction.atomic
def suspend_visits(patient_id: UUID, *, now: datetime) -> None:
    """Suspend what is still to come of each treatment whose clearance was lost by an answer.

    It is read from what now is, whatever has happened since the event. A visit under way goes on as
    far as its gates allow; a dispatcher is told of it as well.
    """
    to_come = Q(status=Status.ASSIGNED.value) | Q(window_end__gt=now)
    ids = _ids(patient_id, to_come, STILL_TO_COME)
    for visit in schedule.lock_visits(ids, patient_id, now=now):
        if visit.status in STILL_TO_COME and _was_lost(visit, now):
            _suspend(visit, now)
    for visit in Visit.objects.filter(patient_id=patient_id, status__in=AT_IT):
        if _was_lost(visit, now):
            _tell_dispatcher(visit, LOST_UNDER_WAY, now)


@transaction.atomic
def resume_visits(patient_id: UUID, *, now: datetime) -> None:
    """Look for a nurse again for the visits still ahead that a clearance covers once more.

    Those of a paused series wait until a prescriber resumes it.
    """
    ids = _ids(patient_id, Q(window_start__gt=now), [Status.SUSPENDED.value])
    for visit in schedule.lock_visits(ids, patient_id, now=now):
        if visit.series is not None and visit.series.state == SeriesState.PAUSED.value:
            continue
        paper = standing(patient_id, protocol_of(visit.protocol_id).code, now=now)
        ahead = paper is not None and paper.since <= visit.window_start < paper.until
        if ahead and Status(visit.status) is Status.SUSPENDED:
            _resume(visit, now)


def _ids(patient_id: UUID, which: Q, statuses: list[str]) -> list[UUID]:
    visits = Visit.objects.filter(which, patient_id=patient_id, status__in=statuses)
    return list(visits.values_list("id", flat=True))


def _was_lost(visit: Visit, now: datetime) -> bool:
    return was_lost(visit.patient_id, protocol_of(visit.protocol_id).code, now=now)


def _suspend(visit: Visit, now: datetime) -> None:
    visit.status = advance(Status(visit.status), Action.SUSPEND).value
    held = visit.reservation
    visit.reservation = visit.assign_due_at = visit.unassigned_because = None
    _save(visit)
    if held is not None:
        schedule.remove(held, now=now)
    assigning.unassign(visit, now)
    outbox.record(VisitSuspended(visit.id), market_id=visit.market_id, now=now)
    _tell_dispatcher(visit, LOST, now)


def _resume(visit: Visit, now: datetime) -> None:
    visit.status = advance(Status(visit.status), Action.RESUME).value
    visit.assign_due_at = now
    _save(visit)
    tasking.close_task(
        TaskKind.VISIT_SUSPENDED, visit.id, by=None, outcome="Cleared again.", now=now
    )


def _save(visit: Visit) -> None:
    visit.version += 1
    visit.save(
        update_fields=["status", "reservation", "assign_due_at", "unassigned_because", "version"]
    )


def _tell_dispatcher(visit: Visit, reason: str, now: datetime) -> None:
    tasking.open_task(
        TaskKind.VISIT_SUSPENDED,
        visit.id,
        market_id=visit.market_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        reason=reason,
        now=now,
    )
