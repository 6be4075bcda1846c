"""What the nurse does at the door, step by step, each step through the state table."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, outbox, schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.events import VisitBroken, VisitEnded
from dispatch.domain.gates import blocking
from dispatch.domain.people import Actor
from dispatch.domain.visit import ENDED, UNDER_WAY, Action, Status, advance
from dispatch.models import Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.gates import gates_of

HAPPENED_AT = {
    Action.DEPART: "departed_at",
    Action.ARRIVE: "arrived_at",
    Action.START_INFUSION: "infusion_started_at",
    Action.END_INFUSION: "infusion_ended_at",
    Action.DISCHARGE: "discharged_at",
    Action.COMPLETE: "completed_at",
}
BREAKS_OFF = frozenset({Action.NO_SHOW, Action.ABORT})
OUT = [status.value for status in UNDER_WAY if status not in ENDED]
BEFORE_THE_SHIFT = timedelta(hours=1)
"""How early a nurse may set out."""
GATED = frozenset({Action.DEPART, Action.START_INFUSION})


@transaction.atomic
def perform(
    visit_id: UUID,
    action: Action,
    *,
    reason: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Do one step of the visit, at ``now``.

    Raises Conflict ``gate_closed`` (with the gates) where a hard gate is closed at departure or
    before the infusion, ``too_early`` or ``still_under_way`` at departure, ``not_discharged``
    where the patient has not been discharged before completing, ``wrong_status`` where the step
    does not follow the one before.
    """
    visit_for(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    visit.status = advance(Status(visit.status), action).value
    if action in GATED:
        _check_gates(visit, now)
    if action is Action.DEPART:
        _check_departure(visit, now)
    if action is Action.COMPLETE and visit.discharged_at is None:
        raise Conflict("not_discharged", "The patient is discharged before the visit is complete.")
    _write(visit, action, reason, now)
    audit.note(by, action.value, "visit", visit.id, now=now)


def _check_departure(visit: Visit, now: datetime) -> None:
    """A nurse sets out on the day of the shift, and from one patient at a time."""
    held = visit.reservation
    if held is None:
        return
    if now < held.shift.start_at - BEFORE_THE_SHIFT:
        raise Conflict("too_early", "The shift of this visit has not begun.")
    others = Visit.objects.filter(reservation__nurse_id=held.nurse_id, status__in=OUT)
    if others.exclude(id=visit.id).exists():
        raise Conflict("still_under_way", "The nurse is still at another visit.")


def _check_gates(visit: Visit, now: datetime) -> None:
    closed = blocking(gates_of(visit, now=now))
    if closed:
        raise Conflict(
            "gate_closed",
            "The treatment cannot go on while a gate is closed.",
            gates=[{"name": gate.name.value, "reason": gate.reason} for gate in closed],
        )


def _write(visit: Visit, action: Action, reason: str, now: datetime) -> None:
    fields = ["status", "reservation", "ended_because", "version"]
    if action in HAPPENED_AT:
        setattr(visit, HAPPENED_AT[action], now)
        fields.append(HAPPENED_AT[action])
    held = visit.reservation
    if action in BREAKS_OFF:
        visit.reservation, visit.ended_because = None, reason
    visit.version += 1
    visit.save(update_fields=fields)
    if action in BREAKS_OFF:
        if held is not None:
            schedule.remove(held, now=now)
        assigning.unassign(visit, now)
        outbox.record(VisitBroken(visit.id), market_id=visit.market_id, now=now)
    if action is Action.COMPLETE:
        outbox.record(VisitEnded(visit.id), market_id=visit.market_id, now=now)
