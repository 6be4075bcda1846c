"""Three hundred visits, booked the way patients and dispatchers book, and given to nurses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from demo.market.courses import Course, prescribe
from demo.market.invent import ZIP_CODES, Address, Inventor
from demo.market.people import SignedUp, Staff, sign_up
from dispatch.domain.clock import day_bounds, service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.models import Location, Market
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.selectors.slots import Slot, find_slots
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import book_hold, request_visit
from dispatch.services.companions import add_companion
from dispatch.services.holds import take_hold
from dispatch.services.locations import add_location

VISITS = 300
MOST_PATIENTS = 140
DAYS = 14
BY_PHONE = 0.15
WITHOUT_COMPANION = 0.12
NEAREST = 6
"""How many of the day's slots with the least detour a patient chooses from."""


class SeedError(RuntimeError):
    """The market could not be filled as planned."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One infusion of a patient's course: where, on which day, with whom at their side."""

    patient: SignedUp
    course: Course
    location: Location
    companion_id: UUID | None
    day: date


def book_visits(
    market: Market, staff: Staff, inventor: Inventor, *, now: datetime
) -> Iterator[UUID]:
    """Yield the visits as they are booked and assigned, until there are ``VISITS``."""
    booked = 0
    for number in range(MOST_PATIENTS):
        for wish in _course_of(market, staff, inventor, number, now):
            visit_id = _book(wish, staff.dispatcher, inventor, now)
            if visit_id is None:
                continue
            assign_visit(visit_id, now=now)
            yield visit_id
            booked += 1
            if booked == VISITS:
                return
    raise SeedError(f"Only {booked} of {VISITS} visits found a nurse.")


def add_place(by: Actor, address: Address, *, now: datetime) -> UUID:
    """Give the patient an invented place."""
    return add_location(
        patient_id=None,
        kind=address.kind,
        address=address.text,
        zip_code=address.zip_code,
        access_notes=address.access_notes,
        by=by,
        now=now,
    )


def _course_of(
    market: Market, staff: Staff, inventor: Inventor, number: int, now: datetime
) -> Iterator[Wish]:
    """Sign a patient up and yield what they wish for, soonest first."""
    draw = inventor.draw
    patient = sign_up(market, inventor, f"demo.patient{number + 1:03}")
    state = draw.choice(sorted(ZIP_CODES))
    place = Location.objects.get(id=add_place(patient.by, inventor.address(state), now=now))
    course = prescribe(draw, patient, staff.prescriber, now=now)
    companion_id = _companion(patient, course, inventor, now)
    first = draw.randint(1, max(1, DAYS - (course.infusions - 1) * course.gap_days))
    today = service_date(now, market.zone)
    for nth in range(course.infusions):
        ahead = first + nth * course.gap_days
        if ahead > DAYS:
            return
        yield Wish(patient, course, place, companion_id, today + timedelta(days=ahead))


def _companion(patient: SignedUp, course: Course, inventor: Inventor, now: datetime) -> UUID | None:
    """Most of those who need somebody at their side have named somebody."""
    if not course.with_companion or inventor.draw.random() < WITHOUT_COMPANION:
        return None
    return add_companion(
        patient_id=None,
        name=inventor.name(),
        phone=inventor.phone(),
        by=patient.by,
        now=now,
    )


def _book(wish: Wish, dispatcher: Actor, inventor: Inventor, now: datetime) -> UUID | None:
    """None where the day has no slot, or where the infusion before it had none and the gap to it
    would be too long."""
    by_phone = inventor.draw.random() < BY_PHONE
    try:
        if by_phone:
            return _ask_by_phone(wish, dispatcher, now)
        return _book_slot(wish, inventor, now)
    except Conflict:
        return None


def _ask_by_phone(wish: Wish, dispatcher: Actor, now: datetime) -> UUID:
    """Any time that day."""
    start, end = day_bounds(wish.day, wish.location.zone)
    return request_visit(
        location_id=wish.location.id,
        protocol_code=wish.course.protocol,
        start=start,
        end=end,
        companion_id=wish.companion_id,
        key=None,
        by=dispatcher,
        now=now,
    )


def _book_slot(wish: Wish, inventor: Inventor, now: datetime) -> UUID | None:
    """Hold and book one of the slots offered for the day; None where there is none."""
    row = bookable_row(wish.patient.by.market_id, wish.course.protocol)
    start, end = day_bounds(wish.day, wish.location.zone)
    slots = find_slots(wish.location, protocol_of(row.id), start, end, nurse_id=None, now=now)
    if not slots:
        return None
    hold_id = take_hold(
        _chosen(slots, inventor),
        location_id=wish.location.id,
        protocol_id=row.id,
        asked_nurse_id=None,
        by=wish.patient.by,
        now=now,
    )
    return book_hold(
        hold_id,
        companion_id=wish.companion_id,
        price_cents=protocol_of(row.id).price_cents,
        key=None,
        by=wish.patient.by,
        now=now,
    )


def _chosen(slots: tuple[Slot, ...], inventor: Inventor) -> Slot:
    near = sorted(slots, key=lambda slot: (slot.detour_s, slot.start))
    return inventor.draw.choice(near[:NEAREST])
