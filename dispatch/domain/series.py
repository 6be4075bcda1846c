"""What is asked of a series: how many infusions, how far apart, when it suits, and with whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from uuid import UUID

from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import Protocol
from dispatch.domain.terms import Range, SeriesPhase

INDUCTION = "induction"


class Continuity(StrEnum):
    """Who may come: one nurse each time, now and then a second one, or any number of nurses."""

    ONE_NURSE = "one_nurse"
    WITH_BACKUP = "with_backup"
    ANY_NURSES = "any_nurses"


class Weekday(StrEnum):
    """In the order of ``date.weekday``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)


class SeriesState(StrEnum):
    """Whether the infusions of a series are held, booked, given back, or their hold ran out."""

    HELD = "held"
    BOOKED = "booked"
    GIVEN_BACK = "given_back"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A series as it is to be planned.

    ``gap_days`` lies between an infusion and the next. ``weekdays`` and ``hours`` (the local time
    at which a window opens, from and up to but not including) are preferred and no more; empty or
    None where every one suits. ``nurse`` is whom the patient asked for.
    """

    count: int
    gap_days: Range
    first_day: date
    weekdays: frozenset[Weekday]
    hours: tuple[time, time] | None
    nurse: UUID | None
    continuity: Continuity

    def missed(self, day: date, at: time) -> int:
        """Return how many of the two preferences a start misses."""
        off_day = bool(self.weekdays) and WEEK[day.weekday()] not in self.weekdays
        off_hours = self.hours is not None and not self.hours[0] <= at < self.hours[1]
        return off_day + off_hours


def induction_of(protocol: Protocol) -> SeriesPhase:
    """Return the phase that is booked as a whole; Invalid where the protocol has none."""
    for phase in protocol.series:
        if phase.code == INDUCTION:
            return phase
    raise Invalid({"protocol": "This treatment is not begun with a series."})


def agreed(
    phase: SeriesPhase,
    *,
    count: int | None,
    gaps: tuple[int, int] | None,
    first_day: date,
    weekdays: frozenset[Weekday],
    hours: tuple[time, time] | None,
    nurse: UUID | None,
    continuity: Continuity | None,
) -> Pattern:
    """Return the wish as a pattern that the phase allows; what was left out is the phase's own.

    Whoever asks for a nurse gets her each time, if not said otherwise. Raises Invalid naming what
    the phase does not allow.
    """
    asked = Range(gaps[0], gaps[0], gaps[1]) if gaps else phase.gap_days
    count = phase.count.target if count is None else count
    faults = dict(_faults(phase, count, asked, hours))
    if faults:
        raise Invalid(faults)
    usual = min(max(phase.gap_days.target, asked.min), asked.max)
    alone = Continuity.WITH_BACKUP if nurse is None else Continuity.ONE_NURSE
    return Pattern(
        count, Range(asked.min, usual, asked.max), first_day, weekdays, hours, nurse,
        continuity or alone,
    )  # fmt: skip


def _faults(
    phase: SeriesPhase, count: int, asked: Range, hours: tuple[time, time] | None
) -> Iterator[tuple[str, str]]:
    number, gap = phase.count, phase.gap_days
    if not number.min <= count <= number.max:
        between = f"{number.min}" if number.min == number.max else f"{number.min} to {number.max}"
        yield "pattern.count", f"The treatment takes {between} infusions."
    if asked.max < asked.min:
        yield "pattern.gap_days.max", "The greatest gap is less than the least."
    elif not gap.min <= asked.min <= asked.max <= gap.max:
        yield "pattern.gap_days", f"Infusions lie {gap.min} to {gap.max} days apart."
    if hours is not None and hours[1] <= hours[0]:
        yield "pattern.hours.end", "The hours end before they begin."
