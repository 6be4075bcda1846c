"""Other times for a patient's visit: those that a nurse can serve and that keep its course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dispatch.domain.clock import day_bounds, local, service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.models import Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.courses import place_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.slots import Slot, find_slots

DAYS = 7
"""How many days are looked at together."""
FURTHEST_AHEAD = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class OwnTime:
    """A window by the clocks of the place, and the slot that proves it."""

    start: datetime
    window_end: datetime
    slot: Slot


@dataclass(frozen=True, slots=True)
class OwnTimes:
    """By day; ``earlier`` and ``later`` are where the weeks beside it begin, if there are any."""

    days: tuple[tuple[date, tuple[OwnTime, ...]], ...]
    first: date
    last: date
    earlier: date | None
    later: date | None


@dataclass(frozen=True, slots=True)
class TimeChosen:
    """What a hold is taken for, to move a visit to it."""

    slot: Slot
    location: UUID
    protocol: UUID
    asked_nurse: UUID | None


def own_times(by: Actor, visit_id: UUID, first: date | None, *, now: datetime) -> OwnTimes:
    """Return the times of a week from ``first``, else from the visit's day. Raises NotFound."""
    visit = visit_for(by, visit_id)
    zone = visit.location.zone
    today = service_date(now, zone)
    begin = max(today, min(first or visit.service_date, today + FURTHEST_AHEAD))
    last = begin + timedelta(days=DAYS - 1)
    start, end = day_bounds(begin, zone)[0], day_bounds(last, zone)[1]
    found: dict[date, list[OwnTime]] = {}
    for slot in _slots(visit, start, end, now):
        if slot.start == visit.window_start:
            continue
        time = OwnTime(local(slot.start, zone), local(slot.window_end, zone), slot)
        found.setdefault(time.start.date(), []).append(time)
    protocol = protocol_of(visit.protocol_id)
    kept = [day for day in found if _keeps_course(visit, protocol, day, now)]
    return OwnTimes(
        days=tuple((day, tuple(found[day])) for day in kept),
        first=begin,
        last=last,
        earlier=max(today, begin - timedelta(days=DAYS)) if begin > today else None,
        later=last + timedelta(days=1) if last < today + FURTHEST_AHEAD else None,
    )


def time_chosen(by: Actor, visit_id: UUID, start: datetime, *, now: datetime) -> TimeChosen:
    """Return the slot that begins then, found anew.

    Raises NotFound, Conflict ``slot_taken`` where nobody can come at that time any more.
    """
    visit = visit_for(by, visit_id)
    found = _slots(visit, start, start + timedelta(minutes=1), now)
    slot = next((one for one in found if one.start == start), None)
    if slot is None:
        raise Conflict("slot_taken", "This time has been taken; choose another.")
    return TimeChosen(slot, visit.location_id, visit.protocol_id, visit.asked_nurse_id)


def _slots(visit: Visit, start: datetime, end: datetime, now: datetime) -> tuple[Slot, ...]:
    protocol = protocol_of(visit.protocol_id)
    return find_slots(visit.location, protocol, start, end, nurse_id=visit.asked_nurse_id, now=now)


def _keeps_course(visit: Visit, protocol: Protocol, day: date, now: datetime) -> bool:
    try:
        place_of(visit.location, protocol, day, day, apart_from=visit.id, now=now)
    except Conflict:
        return False
    return True
