"""Taking a slot for a short while, and giving it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, holding, schedule
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.visit import Status
from dispatch.selectors.access import hold_for, location_for
from dispatch.selectors.claims import claim_of, claim_on
from dispatch.selectors.clearance import check_may_be_booked
from dispatch.selectors.courses import place_of_hold
from dispatch.selectors.movable import movable
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

    Where the slot says so, room is made for it first, and stays made whatever becomes of the hold.
    Raises Conflict ``slot_taken`` where the witness can no longer serve it, ``not_cleared``,
    NotFound for a place that is not the person's; and as ``Course.place`` where the day keeps no
    gap of the course, or the phase that it would be of is not open.
    """
    location = location_for(by, location_id)
    if slot.start < now:
        raise Conflict("slot_taken", "The slot's time has come; ask for slots again.")
    protocol = protocol_of(protocol_id)
    gone, to = (None, None) if slot.way is None else (slot.way.stop, slot.way.to)
    schedule.lock({slot.shift_id, to or slot.shift_id}, patients=[location.patient_id], now=now)
    check_may_be_booked(location, protocol.code, slot.start, by=by, now=now)
    day = service_date(slot.start, location.zone)
    placed = place_of_hold(location, protocol, day, now=now)
    if gone is not None and to is not None:
        _move_away(gone, slot.shift_id, to, location.market_id, by, now)
    claim = claim_on(location, protocol, slot.start, slot.window_end, asked_nurse_id, now=now)
    in_any_order = slot.way is not None and gone is None
    insert = schedule.insert_in_any_order if in_any_order else schedule.insert
    reservation = insert(claim, slot.shift_id, new_id(), now=now)
    if reservation is None:
        raise _taken()
    hold = holding.keep(
        reservation,
        (slot.start, slot.window_end),
        holding.Purpose(protocol_id, placed.phase, placed.course, asked_nurse_id),
        location=location,
        taken_by_id=by.user_id,
        now=now,
    )
    schedule.settle("slot_taken")
    audit.note(by, "take", "hold", hold.id, now=now)
    return hold.id


def _move_away(
    reservation_id: UUID, shift_id: UUID, to: UUID, market_id: UUID, by: Actor, now: datetime
) -> None:
    """Give a visit that stands in the way to another nurse; both shifts are locked.

    Raises Conflict ``slot_taken`` where it stands there no more, may not be moved any longer, or
    where the other nurse can no longer take it.
    """
    visit = (
        movable(market_id, now=now)
        .filter(reservation_id=reservation_id, reservation__shift_id=shift_id)
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if visit is None or visit.reservation is None:
        raise _taken()
    held = visit.reservation
    taken = schedule.insert(claim_of(visit, now=now), to, new_id(), now=now)
    if taken is None:
        raise _taken()
    visit.reservation = taken
    if Status(visit.status) is Status.ASSIGNED:
        assigning.assign(visit, now=now)
    else:
        visit.version += 1
        visit.save(update_fields=["reservation", "version"])
    schedule.remove(held, now=now)
    audit.note(by, "make_room", "visit", visit.id, now=now)


def _taken() -> Conflict:
    return Conflict("slot_taken", "The slot has been taken; ask for slots again.")


@transaction.atomic
def clear_lapsed_holds(shift_id: UUID, *, now: datetime) -> None:
    """Free what nobody booked in time, so that the others' drives are true again."""
    schedule.lock({shift_id}, now=now)


@transaction.atomic
def give_back_hold(hold_id: UUID, *, by: Actor, now: datetime) -> None:
    """Free the hold's time. Raises NotFound where it is gone or not the person's."""
    shift_id = hold_for(by, hold_id).reservation.shift_id
    schedule.lock({shift_id}, now=now)
    holding.give_back(hold_for(by, hold_id), now=now)
    audit.note(by, "give_back", "hold", hold_id, now=now)
