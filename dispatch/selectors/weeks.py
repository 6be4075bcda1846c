"""A nurse's week as it was set: the days and hours that return, and the days that differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q

from dispatch.domain.clock import service_date
from dispatch.domain.people import Actor
from dispatch.models import ShiftException, ShiftRule
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clock import zone_of


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """``weekday`` 0 is Monday; ``last_day`` is None where no end is known; ``to_come`` has not
    begun."""

    id: UUID
    weekday: int
    starts: time
    ends: time
    first_day: date
    last_day: date | None
    to_come: bool


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A day off, where both times are None, or one with hours of its own."""

    id: UUID
    day: date
    starts: time | None
    ends: time | None


@dataclass(frozen=True, slots=True)
class Week:
    """What holds from today on, and what will."""

    today: date
    hours: tuple[WeeklyHours, ...]
    other_days: tuple[OtherDay, ...]


def week_of(by: Actor, nurse_id: UUID, *, now: datetime) -> Week:
    """Return a nurse's week, by the market's clocks. Raises NotFound."""
    nurse = nurse_for(by, nurse_id)
    today = service_date(now, zone_of(by.market_id))
    rules = ShiftRule.objects.filter(nurse=nurse)
    rules = rules.filter(Q(last_day__isnull=True) | Q(last_day__gte=today))
    days = ShiftException.objects.filter(nurse=nurse, day__gte=today)
    return Week(
        today,
        tuple(
            WeeklyHours(
                one.id, one.weekday, one.starts, one.ends, one.first_day, one.last_day,
                one.first_day > today,
            )
            for one in rules.order_by("weekday", "first_day")
        ),
        tuple(
            OtherDay(one.id, one.day, one.starts, one.ends) for one in days.order_by("day")
        ),
    )  # fmt: skip
