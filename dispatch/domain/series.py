"""What is asked of a series: how many infusions, how far apart, when it suits, and with whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from uuid import UUID

from dispatch.domain.course import Beginning
from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import Protocol
from dispatch.domain.sentences import Sentence
from dispatch.domain.terms import Range, SeriesPhase

INDUCTION = "induction"
BEGIN_WITHIN = 7
"""The first infusion is on the first day that was asked for or within a week of it."""
FURTHEST_AHEAD = timedelta(days=92)


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
    """Whether the infusions of a series are held, booked, given back, or their hold ran out; once
    booked, whether they are paused until a prescriber looks, or called off."""

    HELD = "held"
    BOOKED = "booked"
    GIVEN_BACK = "given_back"
    LAPSED = "lapsed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of a series; None and empty where the treatment's own terms suit."""

    count: int | None = None
    gap_days: tuple[int, int] | None = None
    first_day: date | None = None
    weekdays: frozenset[Weekday] = frozenset()
    hours: tuple[time, time] | None = None
    nurse: UUID | None = None
    continuity: Continuity | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A series as it is to be planned.

    ``gap_days`` lies between an infusion and the next, and from the one on the day ``before``, if
    there is one, to the first, which is within ``begin_within`` days. ``weekdays`` and ``hours``
    (the local time at which a window opens, from and up to but not including) are preferred and no
    more; empty or None where every one suits. ``nurse`` is whom the patient asked for: only she is
    promised.
    """

    count: int
    gap_days: Range
    first_day: date
    weekdays: frozenset[Weekday]
    hours: tuple[time, time] | None
    nurse: UUID | None
    continuity: Continuity
    begin_within: int = BEGIN_WITHIN
    before: date | None = None

    def missed(self, day: date, at: time) -> int:
        """Return how many of the two preferences a start misses."""
        off_day = bool(self.weekdays) and WEEK[day.weekday()] not in self.weekdays
        off_hours = self.hours is not None and not self.hours[0] <= at < self.hours[1]
        return off_day + off_hours


def phase_of(protocol: Protocol, code: str | None) -> SeriesPhase:
    """Return the phase of that code, the induction if none is named; Invalid where it has none."""
    for phase in protocol.series:
        if phase.code == (code or INDUCTION):
            return phase
    if code is None:
        raise Invalid({"protocol": "This treatment does not begin with a series."})
    raise Invalid({"phase": "This treatment has no such phase."})


def agreed(wish: Wish, beginning: Beginning, today: date) -> Pattern:
    """Return the wish as a pattern that the phase allows, with what is left of it.

    Whoever asks for a nurse gets her each time, if not said otherwise. Raises Invalid naming what
    the phase does not allow.
    """
    phase, before = beginning.phase, beginning.before
    faults = dict(_faults(wish, phase, today))
    if faults:
        raise Invalid(faults)
    first = wish.first_day or max(today, beginning.soonest or today)
    within = BEGIN_WITHIN
    if before is not None and wish.first_day is None:
        within = (before - first).days + phase.gap_days.max + 1
    least, most = wish.gap_days or (phase.gap_days.min, phase.gap_days.max)
    usual = min(max(phase.gap_days.target, least), most)
    alone = Continuity.WITH_BACKUP if wish.nurse is None else Continuity.ONE_NURSE
    return Pattern(
        count=phase.count.target if wish.count is None else wish.count,
        gap_days=Range(least, usual, most),
        first_day=max(first, beginning.soonest or first),
        begin_within=within,
        before=before,
        weekdays=wish.weekdays,
        hours=wish.hours,
        nurse=wish.nurse,
        continuity=wish.continuity or alone,
    )


def _faults(wish: Wish, phase: SeriesPhase, today: date) -> Iterator[tuple[str, str]]:
    number, gap = phase.count, phase.gap_days
    if wish.count is not None and not number.min <= wish.count <= number.max:
        sentence = "This treatment takes {least} to {most} infusions."
        yield "pattern.count", Sentence(sentence, least=number.min, most=number.max)
    if wish.gap_days is not None:
        least, most = wish.gap_days
        if most < least:
            yield "pattern.gap_days.max", "The greatest gap is less than the least."
        elif not gap.min <= least <= most <= gap.max:
            sentence = "Its infusions lie {least} to {most} days apart."
            yield "pattern.gap_days", Sentence(sentence, least=gap.min, most=gap.max)
    if wish.first_day is not None and wish.first_day < today:
        yield "pattern.first_day", "This day has passed."
    elif wish.first_day is not None and wish.first_day > today + FURTHEST_AHEAD:
        days = FURTHEST_AHEAD.days
        yield "pattern.first_day", Sentence("Series begin at most {days} days ahead.", days=days)
    if wish.hours is not None and wish.hours[1] <= wish.hours[0]:
        yield "pattern.hours.end", "The hours end before they begin."
