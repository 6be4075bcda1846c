"""Nurse-days, made from the weekly rules and their exceptions, and both as administrators set them.

What follows from a change is made with it. Locks are taken in the schedule's order: shifts first,
then the nurse's own row, under which alone her rules change and her shifts are made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch import audit, schedule
from dispatch.domain.clock import service_date, to_instant_or_next
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.jobs import hours_left
from dispatch.domain.people import Actor
from dispatch.models import (
    Absence,
    KitCheck,
    Nurse,
    Reservation,
    Shift,
    ShiftException,
    ShiftRule,
)
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clock import zone_of

DAYS_AHEAD = 28
DAYS_A_WEEK = 7
FARTHEST = timedelta(days=366)


@transaction.atomic
def roll_shifts(market_id: UUID, *, days: int = DAYS_AHEAD, now: datetime) -> int:
    """Make the shifts of the next ``days`` that are not there yet; return how many were made.

    A shift that exists is left alone: visits may stand on it. The nurses are locked, as whoever
    records an absence locks them: it sees what was made, or its hours are left out here.
    """
    nurses = Nurse.objects.filter(market_id=market_id).order_by("id")
    return _make(list(nurses.select_for_update(no_key=True)), market_id, days, now)


@transaction.atomic
def add_rules(
    nurse_id: UUID, weekdays: Collection[int], hours: tuple[time, time], first_day: date,
    last_day: date | None, *, by: Actor, now: datetime,
) -> list[UUID]:  # fmt: skip
    """Have a nurse work every week on these days, 0 is Monday, by the market's clocks.

    Return the ids of the rules, one a day. Raises NotFound; Invalid ``nurse`` for one who is
    closed, ``weekdays`` where a rule of hers has such a day in that time, ``ends``, ``first_day``,
    ``last_day``.
    """
    nurse = _locked(nurse_for(by, nurse_id).id)
    _check_open(nurse)
    _check_span(first_day, last_day, by, now)
    if not weekdays or not set(weekdays) <= set(range(DAYS_A_WEEK)):
        raise Invalid({"weekdays": "Name one or more days of the week."})
    _check_hours(*hours)
    going_on = ShiftRule.objects.filter(nurse=nurse, weekday__in=weekdays)
    going_on = going_on.filter(Q(last_day__isnull=True) | Q(last_day__gte=first_day))
    if going_on.filter(first_day__lte=last_day or date.max).exists():
        raise Invalid({"weekdays": "She has hours on such a day in that time: end those first."})
    rules = [
        ShiftRule(
            market_id=by.market_id, nurse=nurse, weekday=weekday, starts=hours[0], ends=hours[1],
            first_day=first_day, last_day=last_day,
        )
        for weekday in sorted(set(weekdays))
    ]  # fmt: skip
    ShiftRule.objects.bulk_create(rules)
    _make([nurse], by.market_id, DAYS_AHEAD, now)
    for rule in rules:
        audit.note(by, "add", "shift_rule", rule.id, now=now)
    return [rule.id for rule in rules]


@transaction.atomic
def end_rule(rule_id: UUID, last_day: date, *, by: Actor, now: datetime) -> None:
    """Have a rule hold through ``last_day`` alone; the shifts that it made later are taken away.

    One that had not begun by then is gone. Raises NotFound; Invalid ``last_day``; Conflict
    ``rule_over``, and ``shift_in_use`` with the times ``taken`` where somebody counts on a shift.
    """
    rule = _rule_of(by, rule_id)
    _lock_coming(rule.nurse_id, now)
    _locked(rule.nurse_id)
    rule = _rule_of(by, rule_id)
    today = service_date(now, zone_of(by.market_id))
    if rule.last_day is not None and rule.last_day < today:
        raise Conflict("rule_over", "These hours have ended already.")
    if last_day < today - timedelta(days=1):
        raise Invalid({"last_day": "This day has passed."})
    if rule.last_day is not None and last_day >= rule.last_day:
        raise Invalid({"last_day": "These hours end by then already."})
    _take_away(_made_by(rule).filter(service_date__gt=last_day, end_at__gt=now))
    if rule.first_day > last_day:
        rule.delete()
    else:
        rule.last_day = last_day
        rule.save(update_fields=["last_day"])
    audit.note(by, "end", "shift_rule", rule_id, now=now)


@transaction.atomic
def except_day(
    nurse_id: UUID, day: date, hours: tuple[time, time] | None, *, by: Actor, now: datetime
) -> UUID:
    """Have one day differ from a nurse's week: other hours, or none; return the exception's id.

    Raises NotFound; Invalid ``nurse``, ``day``, ``ends``; Conflict ``shift_in_use`` as above.
    """
    nurse_for(by, nurse_id)
    _lock_coming(nurse_id, now)
    nurse = _locked(nurse_id)
    _check_open(nurse)
    today = service_date(now, zone_of(by.market_id))
    if not today <= day <= today + FARTHEST:
        raise Invalid({"day": "This day has passed." if day < today else "This is too far away."})
    if hours is not None:
        _check_hours(*hours)
    _take_away(Shift.objects.filter(nurse=nurse, service_date=day))
    starts, ends = hours or (None, None)
    exception, _ = ShiftException.objects.update_or_create(
        nurse=nurse, day=day,
        defaults={"market_id": by.market_id, "starts": starts, "ends": ends},
    )  # fmt: skip
    _make([nurse], by.market_id, DAYS_AHEAD, now)
    audit.note(by, "except", "shift_exception", exception.id, now=now)
    return exception.id


@transaction.atomic
def undo_exception(exception_id: UUID, *, by: Actor, now: datetime) -> None:
    """Have the day be as the nurse's week says. Raises NotFound; Conflict ``day_over``, and
    ``shift_in_use`` as above."""
    exception = _exception_of(by, exception_id)
    _lock_coming(exception.nurse_id, now)
    nurse = _locked(exception.nurse_id)
    exception = _exception_of(by, exception_id)
    if exception.day < service_date(now, zone_of(by.market_id)):
        raise Conflict("day_over", "This day has passed.")
    _take_away(Shift.objects.filter(nurse=nurse, service_date=exception.day))
    exception.delete()
    _make([nurse], by.market_id, DAYS_AHEAD, now)
    audit.note(by, "undo", "shift_exception", exception_id, now=now)


def _make(nurses: Collection[Nurse], market_id: UUID, days: int, now: datetime) -> int:
    """Make what is missing for nurses whose rows are locked."""
    zone = zone_of(market_id)
    today = service_date(now, zone)
    shifts = Shift.objects.filter(nurse__in=nurses)
    before = shifts.count()
    Shift.objects.bulk_create(
        [
            Shift(
                id=new_id(), market_id=market_id, nurse=nurse, service_date=day,
                start_at=start, end_at=end, home_lat=nurse.home_lat, home_lng=nurse.home_lng,
            )
            for nurse, day, start, end in _hours_left(nurses, zone, today, days, now)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return shifts.count() - before


def _hours_left(
    nurses: Collection[Nurse], zone: str, today: date, days: int, now: datetime
) -> Iterator[tuple[Nurse, date, datetime, datetime]]:
    """The hours of rules and exceptions, without those of absences."""
    by_id = {nurse.id: nurse for nurse in nurses}
    absences = list(Absence.objects.filter(nurse__in=nurses, ends_at__gt=now))
    for nurse_id, day, starts, ends in _hours(nurses, today, days):
        start = to_instant_or_next(day, starts, zone)
        end = to_instant_or_next(day, ends, zone)
        for absence in absences:
            if absence.nurse_id == nurse_id:
                start, end = hours_left(start, end, absence.begins_at, absence.ends_at)
        yield by_id[nurse_id], day, start, end


def _hours(
    nurses: Collection[Nurse], today: date, days: int
) -> Iterator[tuple[UUID, date, time, time]]:
    """An exception takes the place of the rule on its day, and needs none."""
    rules = list(ShiftRule.objects.filter(nurse__in=nurses))
    last = today + timedelta(days=days - 1)
    excepted = set()
    for one in ShiftException.objects.filter(nurse__in=nurses, day__range=(today, last)):
        excepted.add((one.nurse_id, one.day))
        if one.starts is not None and one.ends is not None:
            yield one.nurse_id, one.day, one.starts, one.ends
    for day in (today + timedelta(days=ahead) for ahead in range(days)):
        for rule in rules:
            applies = rule.weekday == day.weekday() and (rule.nurse_id, day) not in excepted
            if applies and rule.first_day <= day <= (rule.last_day or day):
                yield rule.nurse_id, day, rule.starts, rule.ends


def _made_by(rule: ShiftRule) -> QuerySet[Shift]:
    excepted = ShiftException.objects.filter(nurse_id=rule.nurse_id).values("day")
    days = rule.first_day, rule.last_day or date.max
    shifts = Shift.objects.filter(nurse_id=rule.nurse_id, service_date__range=days)
    on_its_day = shifts.filter(service_date__iso_week_day=rule.weekday + 1)
    return on_its_day.exclude(service_date__in=excepted)


def _take_away(shifts: QuerySet[Shift]) -> None:
    """Raise Conflict where time on them is taken or the nurse has begun; ``taken`` says which."""
    rows = Reservation.objects.filter(shift__in=shifts).order_by("start_at")
    taken: list[tuple[datetime, UUID | None]] = list(rows.values_list("start_at", "visit__id"))
    begun = KitCheck.objects.filter(shift__in=shifts).values_list("shift__start_at", flat=True)
    taken += [(start, None) for start in begun.distinct() if not taken]
    if taken:
        told = "Somebody counts on these shifts: give the visits to others."
        raise Conflict("shift_in_use", told, taken=taken)
    shifts.delete()


def _lock_coming(nurse_id: UUID, now: datetime) -> None:
    coming = Shift.objects.filter(nurse_id=nurse_id, end_at__gt=now)
    schedule.lock(coming.values_list("id", flat=True), now=now)


def _locked(nurse_id: UUID) -> Nurse:
    return Nurse.objects.select_for_update(no_key=True).get(id=nurse_id)


def _check_open(nurse: Nurse) -> None:
    if not nurse.user.is_active:
        raise Invalid({"nurse": "This nurse works here no longer."})


def _check_span(first_day: date, last_day: date | None, by: Actor, now: datetime) -> None:
    today = service_date(now, zone_of(by.market_id))
    if first_day < today:
        raise Invalid({"first_day": "This day has passed."})
    if first_day - today > FARTHEST:
        raise Invalid({"first_day": "This is too far away."})
    if last_day is not None and last_day < first_day:
        raise Invalid({"last_day": "This ends before it begins."})


def _check_hours(starts: time, ends: time) -> None:
    if ends <= starts:
        raise Invalid({"ends": "This ends before it begins."})


def _rule_of(by: Actor, rule_id: UUID) -> ShiftRule:
    rule = ShiftRule.objects.filter(id=rule_id, market_id=by.market_id).first()
    if rule is None:
        raise NotFound("rule")
    return rule


def _exception_of(by: Actor, exception_id: UUID) -> ShiftException:
    found = ShiftException.objects.filter(id=exception_id, market_id=by.market_id).first()
    if found is None:
        raise NotFound("exception")
    return found
