"""Calling a visit off, or moving it to another held slot."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, holding, outbox, schedule
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.events import VisitCancelled, VisitRescheduled
from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Hold, Reservation, Visit
from dispatch.selectors.access import hold_for, visit_for
from dispatch.selectors.courses import place_of
from dispatch.selectors.fees import owed_cents
from dispatch.selectors.protocols import protocol_of


@transaction.atomic
def cancel_visit(
    visit_id: UUID,
    *,
    reason: str,
    charge: bool = True,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Call the visit off, give the nurse's time back and note what is owed.

    Without ``charge`` it is the company that calls off, and nothing is owed: a dispatcher does so,
    with a reason. Raises Invalid otherwise, Conflict ``wrong_status`` once the treatment has begun
    or the visit has ended.
    """
    visit_for(by, visit_id)
    if not charge:
        _check_waiver(reason, by)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    visit.fee_cents = owed_cents(visit, now) if charge else 0
    visit.status = advance(Status(visit.status), Action.CANCEL).value
    visit.ended_because = reason
    held = visit.reservation
    _save(visit, reservation=None)
    if held is not None:
        schedule.remove(held, now=now)
    assigning.unassign(visit, now)
    outbox.record(VisitCancelled(visit.id), market_id=visit.market_id, now=now)
    audit.note(by, "cancel", "visit", visit.id, now=now)


def _check_waiver(reason: str, by: Actor) -> None:
    if by.role is not Role.DISPATCHER:
        raise Invalid({"charge": "Only a dispatcher calls a visit off on the company's behalf."})
    if not reason.strip():
        raise Invalid({"reason": "Needed where nothing is charged."})


@transaction.atomic
def reschedule_visit(
    visit_id: UUID, hold_id: UUID, *, expected_version: int | None, by: Actor, now: datetime
) -> None:
    """Move the visit to the held slot; its old time is free again, its companion is asked anew.

    Raises Conflict ``hold_expired``, ``slot_taken`` where the nurse has meanwhile run late,
    ``wrong_status``, ``other_treatment`` where the hold is for another patient or protocol, and as
    ``Course.place`` where the new day keeps no gap.
    """
    visit_for(by, visit_id)
    new_shift = hold_for(by, hold_id).reservation.shift_id
    visit = schedule.lock_visit(visit_id, new_shift, now=now)
    schedule.check_version(visit, expected_version)
    hold = Hold.objects.filter(id=hold_id).select_related("location").first()
    if hold is None:
        raise Conflict("hold_expired", "The hold has run out; ask for slots again.")
    if (hold.patient_id, hold.protocol_id) != (visit.patient_id, visit.protocol_id):
        raise Conflict("other_treatment", "The hold is for another patient or treatment.")
    holding.check_kept(hold)
    day = service_date(hold.window_start, hold.location.zone)
    protocol = protocol_of(visit.protocol_id)
    placed = place_of(hold.location, protocol, day, day, apart_from=visit.id, now=now)
    visit.status = advance(Status(visit.status), Action.RESCHEDULE).value
    visit.phase, visit.course = placed.phase, placed.course
    visit.location, visit.asked_nurse_id = hold.location, hold.asked_nurse_id
    visit.window_start, visit.window_end = hold.window_start, hold.window_end
    visit.window_promised, visit.assign_due_at = True, now
    visit.moves += 1
    visit.service_date = service_date(hold.window_start, hold.location.zone)
    held = visit.reservation
    hold.delete()
    _save(visit, reservation=hold.reservation)
    if held is not None:
        schedule.remove(held, now=now)
    schedule.settle("slot_taken")
    assigning.unassign(visit, now)
    outbox.record(VisitRescheduled(visit.id), market_id=visit.market_id, now=now)
    audit.note(by, "reschedule", "visit", visit.id, now=now)


def _save(visit: Visit, reservation: Reservation | None) -> None:
    visit.reservation = reservation
    visit.version += 1
    visit.save(
        update_fields=[
            "status", "reservation", "location", "asked_nurse", "window_start", "window_end",
            "window_promised", "phase", "course", "moves", "service_date", "assign_due_at",
            "ended_because", "fee_cents", "version",
        ]
    )  # fmt: skip
