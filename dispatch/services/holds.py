"""Taking a slot for a short while, and giving it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.models import Hold
from dispatch.schedule import HELD_FOR
from dispatch.selectors.access import hold_for, location_for
from dispatch.selectors.claims import claim_on
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.slots import Witnessed


@transaction.atomic
def take_hold(
    slot: Witnessed,
    *,
    location_id: UUID,
    protocol_id: UUID,
    asked_nurse_id: UUID | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Reserve the slot's witness for ten minutes; return the hold's id.

    Raises Conflict ``slot_taken`` where the witness can no longer serve it, NotFound for a place
    that is not the person's.
    """
    location = location_for(by, location_id)
    if slot.start < now:
        raise Conflict("slot_taken", "The slot's time has come; ask for slots again.")
    protocol = protocol_of(protocol_id)
    schedule.lock({slot.shift_id}, patient_id=location.patient_id, now=now)
    claim = claim_on(location, protocol, slot.start, slot.window_end, asked_nurse_id, now=now)
    reservation = schedule.insert(claim, slot.shift_id, new_id(), now=now)
    if reservation is None:
        raise Conflict("slot_taken", "The slot has been taken; ask for slots again.")
    hold = Hold.objects.create(
        market_id=location.market_id,
        patient_id=location.patient_id,
        location=location,
        protocol_id=protocol_id,
        asked_nurse_id=asked_nurse_id,
        window_start=slot.start,
        window_end=slot.window_end,
        reservation=reservation,
        taken_by_id=by.user_id,
        expires_at=now + HELD_FOR,
    )
    schedule.settle("slot_taken")
    audit.note(by, "take", "hold", hold.id, now=now)
    return hold.id


@transaction.atomic
def clear_lapsed_holds(shift_id: UUID, *, now: datetime) -> None:
    """Free what nobody booked in time, so that the others' drives are true again."""
    schedule.lock({shift_id}, now=now)


@transaction.atomic
def give_back_hold(hold_id: UUID, *, by: Actor, now: datetime) -> None:
    """Free the hold's time. Raises NotFound where it is gone or not the person's."""
    shift_id = hold_for(by, hold_id).reservation.shift_id
    schedule.lock({shift_id}, now=now)
    hold = hold_for(by, hold_id)
    reservation = hold.reservation
    hold.delete()
    schedule.remove(reservation, now=now)
    audit.note(by, "give_back", "hold", hold_id, now=now)
