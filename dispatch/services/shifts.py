"""Nurse-days, made from the weekly rules and their exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from dispatch.domain.clock import service_date, to_instant_or_next
from dispatch.domain.ids import new_id
from dispatch.domain.jobs import hours_left
from dispatch.models import Absence, Market, Nurse, Shift, ShiftException, ShiftRule

DAYS_AHEAD = 28


@transaction.atomic
def roll_shifts(market_id: UUID, *, days: int = DAYS_AHEAD, now: datetime) -> int:
    """Make the shifts of the next ``days`` that are not there yet; return how many were made.

    A shift that exists is left alone: visits may stand on it. The nurses are locked, as whoever
    records an absence locks them: it sees what was made, or its hours are left out here.
    """
    market = Market.objects.get(id=market_id)
    _hold(market)
    today = service_date(now, market.zone)
    before = Shift.objects.filter(market=market).count()
    Shift.objects.bulk_create(
        [
            Shift(
                id=new_id(),
                market=market,
                nurse=nurse,
                service_date=day,
                start_at=start,
                end_at=end,
                home_lat=nurse.home_lat,
                home_lng=nurse.home_lng,
            )
            for nurse, day, start, end in _hours_left(market, today, days, now)
        ],
        ignore_conflicts=True,
    )
    return Shift.objects.filter(market=market).count() - before


def _hold(market: Market) -> None:
    nurses = Nurse.objects.select_for_update(no_key=True).filter(market=market)
    list(nurses.order_by("id").values_list("id", flat=True))


def _hours_left(
    market: Market, today: date, days: int, now: datetime
) -> Iterator[tuple[Nurse, date, datetime, datetime]]:
    """The hours of rules and exceptions, without those of absences."""
    absences = list(Absence.objects.filter(market=market, ends_at__gt=now))
    for nurse, day, starts, ends in _hours(market, today, days):
        start = to_instant_or_next(day, starts, market.zone)
        end = to_instant_or_next(day, ends, market.zone)
        for absence in absences:
            if absence.nurse_id == nurse.id:
                start, end = hours_left(start, end, absence.begins_at, absence.ends_at)
        yield nurse, day, start, end


def _hours(market: Market, today: date, days: int) -> Iterator[tuple[Nurse, date, time, time]]:
    """An exception takes the place of the rule on its day, and needs none."""
    rules = list(ShiftRule.objects.filter(market=market).select_related("nurse"))
    last = today + timedelta(days=days - 1)
    exceptions = ShiftException.objects.filter(market=market, day__range=(today, last))
    excepted = set()
    for one in exceptions.select_related("nurse"):
        excepted.add((one.nurse_id, one.day))
        if one.starts is not None and one.ends is not None:
            yield one.nurse, one.day, one.starts, one.ends
    for day in (today + timedelta(days=ahead) for ahead in range(days)):
        for rule in rules:
            applies = rule.weekday == day.weekday() and (rule.nurse_id, day) not in excepted
            if applies and rule.first_day <= day <= (rule.last_day or day):
                yield rule.nurse, day, rule.starts, rule.ends
