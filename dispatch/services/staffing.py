"""Who works here and when: nurses are added, changed, closed and opened, days' shifts made.

Locks are taken in the schedule's order, shifts first, and then the nurse's own row.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from dispatch import audit, schedule
from dispatch.domain.clock import NoSuchTime, service_date, to_instant
from dispatch.domain.contact import phone_number
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.people import Actor, Role, is_name
from dispatch.gateways.geocoding import Place, locate
from dispatch.models import (
    Absence,
    KitCheck,
    Nurse,
    Reservation,
    Shift,
    ShiftException,
    ShiftRule,
    User,
)
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clock import zone_of

FARTHEST = timedelta(days=366)


@transaction.atomic
def add_nurse(
    *, username: str, name: str, phone: str, zip_code: str, by: Actor, now: datetime
) -> UUID:
    """Write a nurse who lives in this ZIP code, with an account without a password; return her id.

    Raises Invalid ``username``, ``name``, ``phone``, ``zip_code``.
    """
    number, home = _reached(name, phone), _home(zip_code)
    user = User.objects.enrol(username, Role.NURSE, by.market_id)
    nurse = Nurse.objects.create(
        market_id=by.market_id,
        user=user,
        name=name,
        phone=number,
        home_lat=home.lat,
        home_lng=home.lng,
    )
    audit.note(by, "add", "nurse", nurse.id, now=now)
    return nurse.id


@transaction.atomic
def change_nurse(
    nurse_id: UUID, *, name: str, phone: str, zip_code: str | None, expected: int, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Change how a nurse is called and reached; with a ZIP code she has moved.

    The shifts to come begin and end at the new home, except those on which somebody counts.
    Raises NotFound, Invalid as ``add_nurse``, Conflict ``stale`` where she was changed meanwhile.
    """
    nurse_for(by, nurse_id)
    coming = _lock_coming(nurse_id, now)
    nurse = _locked(nurse_id)
    if nurse.changed_in != expected:
        raise Conflict("stale", "The nurse has changed since you looked.")
    nurse.name, nurse.phone = name, _reached(name, phone)
    if zip_code is not None:
        home = _home(zip_code)
        nurse.home_lat, nurse.home_lng = home.lat, home.lng
        _free(coming).update(home_lat=home.lat, home_lng=home.lng, version=F("version") + 1)
    nurse.save(update_fields=["name", "phone", "home_lat", "home_lng"])
    audit.note(by, "change", "nurse", nurse_id, now=now)


@transaction.atomic
def close_nurse(nurse_id: UUID, *, by: Actor, now: datetime) -> None:
    """She works here no longer: her account is closed, and the shifts to come are taken away.

    What she did stays. Raises NotFound; Conflict ``shift_in_use`` where somebody counts on her.
    """
    nurse_for(by, nurse_id)
    coming = _lock_coming(nurse_id, now)
    nurse = _locked(nurse_id)
    if Reservation.objects.filter(shift__in=coming).exists():
        raise Conflict("shift_in_use", "Somebody counts on this nurse: give the visits to others.")
    today = service_date(now, zone_of(by.market_id))
    _free(coming).exclude(id__in=KitCheck.objects.values("shift_id")).delete()
    ShiftException.objects.filter(nurse=nurse, day__gte=today).delete()
    going_on = ShiftRule.objects.filter(nurse=nurse).exclude(last_day__lt=today)
    going_on.update(last_day=today - timedelta(days=1))
    User.objects.filter(id=nurse.user_id).update(is_active=False)
    audit.note(by, "close", "nurse", nurse_id, now=now)


@transaction.atomic
def open_nurse(nurse_id: UUID, *, by: Actor, now: datetime) -> None:
    """She works here again; her shifts are made anew. Raises NotFound."""
    nurse = _locked(nurse_for(by, nurse_id).id)
    User.objects.filter(id=nurse.user_id).update(is_active=True)
    audit.note(by, "open", "nurse", nurse_id, now=now)


@transaction.atomic
def add_shift(
    nurse_id: UUID, day: date, starts: time, ends: time, *, by: Actor, now: datetime
) -> UUID:
    """Have a nurse work on one day, by the market's clocks, whatever her week is; return its id.

    Raises NotFound; Invalid ``nurse`` for one who is closed, ``day`` where it has passed, is too
    far away, or where she is absent or has a shift, ``starts``, ``ends``.
    """
    nurse_for(by, nurse_id)
    nurse = _locked(nurse_id)
    if not User.objects.get(id=nurse.user_id).is_active:
        raise Invalid({"nurse": "This nurse works here no longer."})
    start, end = _hours(day, starts, ends, zone_of(by.market_id), now)
    if Absence.objects.filter(nurse=nurse, begins_at__lt=end, ends_at__gt=start).exists():
        raise Invalid({"day": "She is absent at that time."})
    if Shift.objects.filter(nurse=nurse, service_date=day).exists():
        raise Invalid({"day": "She has a shift on this day."})
    shift = Shift.objects.create(
        market_id=by.market_id, nurse=nurse, service_date=day, start_at=start, end_at=end,
        home_lat=nurse.home_lat, home_lng=nurse.home_lng,
    )  # fmt: skip
    _except(nurse, day, starts, ends)
    audit.note(by, "add", "shift", shift.id, now=now)
    return shift.id


@transaction.atomic
def remove_shift(shift_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a shift away on which nobody counts; her weekly rule does not make it again.

    Raises NotFound; Conflict ``shift_in_use`` where time on it is taken or she has begun,
    ``shift_over``.
    """
    shift = _shift_of(by, shift_id)
    schedule.lock([shift_id], now=now)
    nurse = _locked(shift.nurse_id)
    if (shift := _shift_of(by, shift_id)).end_at <= now:
        raise Conflict("shift_over", "This shift has passed.")
    begun = KitCheck.objects.filter(shift=shift).exists()
    if begun or Reservation.objects.filter(shift=shift).exists():
        raise Conflict("shift_in_use", "Somebody counts on this shift: give the visits to others.")
    shift.delete()
    _except(nurse, shift.service_date, None, None)
    audit.note(by, "remove", "shift", shift_id, now=now)


def _reached(name: str, phone: str) -> str:
    """Return the number as it is kept. Raises Invalid for it or the name."""
    if not is_name(name):
        raise Invalid({"name": "This is no name that can be kept."})
    try:
        return phone_number(phone)
    except ValueError as fault:
        raise Invalid({"phone": str(fault)}) from fault


def _home(zip_code: str) -> Place:
    place = locate(zip_code)
    if place is None:
        raise Invalid({"zip_code": "There is no such ZIP code."})
    return place


def _hours(
    day: date, starts: time, ends: time, zone: str, now: datetime
) -> tuple[datetime, datetime]:
    today = service_date(now, zone)
    if day < today:
        raise Invalid({"day": "This day has passed."})
    if day - today > FARTHEST:
        raise Invalid({"day": "This is too far away."})
    if ends <= starts:
        raise Invalid({"ends": "This ends before it begins."})
    try:
        start, end = to_instant(day, starts, zone), to_instant(day, ends, zone)
    except NoSuchTime as fault:
        raise Invalid({"starts": "The clocks are put forward at that time."}) from fault
    if end <= now:
        raise Invalid({"ends": "This time has passed."})
    return start, end


def _lock_coming(nurse_id: UUID, now: datetime) -> QuerySet[Shift]:
    """Lock the shifts that a nurse has before her, and return them."""
    coming = Shift.objects.filter(nurse_id=nurse_id, end_at__gt=now)
    schedule.lock(coming.values_list("id", flat=True), now=now)
    return coming


def _free(shifts: QuerySet[Shift]) -> QuerySet[Shift]:
    """Those of which no time is taken."""
    return shifts.filter(reservations__isnull=True)


def _locked(nurse_id: UUID) -> Nurse:
    return Nurse.objects.select_for_update(no_key=True).get(id=nurse_id)


def _shift_of(by: Actor, shift_id: UUID) -> Shift:
    shift = Shift.objects.filter(id=shift_id, market_id=by.market_id).first()
    if shift is None:
        raise NotFound("shift")
    return shift


def _except(nurse: Nurse, day: date, starts: time | None, ends: time | None) -> None:
    """Have the day differ from her weekly rule, so that it stays as it was made here."""
    ShiftException.objects.update_or_create(
        nurse=nurse,
        day=day,
        defaults={"market_id": nurse.market_id, "starts": starts, "ends": ends},
    )
