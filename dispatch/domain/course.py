"""A patient's course through the phases of a protocol: which comes next, from when and until when.

Days are local days of the patient. An infusion keeps the gaps of its phase to the one before, also
where that belongs to the phase before, and the next one keeps its own gaps to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from dispatch.domain.errors import Conflict
from dispatch.domain.infusions import ANY_DAY, Days, Improvement, Infusion, Record, Stage
from dispatch.domain.terms import Range, Requirement, SeriesPhase

SENTENCES = {
    Requirement.INDUCTION_COMPLETED: "An induction has been completed.",
    Requirement.RESPONSE_RECORDED: "A clinician has recorded the response to the phase before.",
    Requirement.SIGNIFICANT_IMPROVEMENT: "The response recorded is a significant improvement.",
    Requirement.THERAPY_NAMED: "The therapist who goes on with the treatment is named.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new infusion belongs: its phase, and the days it may be on of those asked for."""

    phase: SeriesPhase
    days: Days


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a phase can begin, or go on: the phase with the number of infusions that it has left,
    the soonest day, and the day of the last infusion of the course, if there is one."""

    phase: SeriesPhase
    soonest: date | None
    before: date | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The soonest day, the best one, and the last one, if there is one."""

    soonest: date
    day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """The phases of a protocol, the infusions of one course in order of their days, the record,
    and the day of the last infusion before the course, of whatever protocol with the same drug."""

    phases: tuple[SeriesPhase, ...]
    infusions: tuple[Infusion, ...]
    record: Record
    since: date | None = None

    def count(self, phase: SeriesPhase, *stages: Stage) -> int:
        """How many infusions of the phase count: those given and booked, or at these stages."""
        wanted = stages or (Stage.GIVEN, Stage.BOOKED)
        return sum(one.phase == phase.code and one.stage in wanted for one in self.infusions)

    def missing(self, phase: SeriesPhase) -> tuple[Requirement, ...]:
        """What the phase requires and is not on record."""
        response = self._response_before(phase)
        met = {
            Requirement.INDUCTION_COMPLETED: self.record.induction,
            Requirement.RESPONSE_RECORDED: response is not None,
            Requirement.SIGNIFICANT_IMPROVEMENT: response is Improvement.SIGNIFICANT,
            Requirement.THERAPY_NAMED: self.record.therapy_named,
        }
        return tuple(one for one in phase.requires if not met[one])

    def _response_before(self, phase: SeriesPhase) -> Improvement | None:
        """To the phase before, all of whose infusions are over; to an induction, if it is first."""
        at = self.phases.index(phase)
        if at == 0:
            return self.record.induction_response
        before = self.phases[at - 1]
        if self.count(before, Stage.BOOKED) or not self.count(before, Stage.GIVEN):
            return None
        return self.record.responses.get(before.code)

    def candidates(self, day: date) -> tuple[SeriesPhase, ...]:
        """The phases that one more infusion on that day could belong to, the sooner first."""
        before, after = self._neighbours(day)
        codes = [phase.code for phase in self.phases]
        at = codes.index(before.phase) if before else 0
        latest = codes.index(after.phase) if after else len(codes) - 1
        found = []
        for index in range(at, min(at + 1, latest) + 1):
            phase = self.phases[index]
            reached = index == at or self.count(self.phases[at]) >= self.phases[at].count.min
            if reached and index <= latest and self.count(phase) < phase.count.max:
                found.append(phase)
        return tuple(found)

    def days(self, phase: SeriesPhase, day: date) -> Days | None:
        """The days that keep the gaps for one more infusion of the phase near ``day``.

        The gap after it may be too long where no day would keep both.
        """
        before, after = self._neighbours(day)
        gap = phase.gap_days
        days = ANY_DAY
        if before is not None:
            days = Days(_plus(before.last, gap.min), _plus(before.first, gap.max))
        elif self.since is not None:
            days = Days(_plus(self.since, gap.min), None)
        if after is None:
            return days if _in_order(days) else None
        own = next(one for one in self.phases if one.code == after.phase).gap_days
        soon = days.meet(Days(None, _plus(after.first, -own.min)))
        both = soon and soon.meet(Days(_plus(after.last, -own.max), None))
        return both or soon

    def place(self, first: date, last: date) -> Place:
        """Return where one more infusion on some day of [first, last] belongs.

        Raises Conflict ``phase_full``, ``phase_not_open`` with what is ``missing``, or
        ``gap_not_kept`` with the ``days`` on which it would be.
        """
        asked = Days(first, last)
        tried = [
            (phase, days, days and days.meet(asked), self.missing(phase))
            for phase in self.candidates(first)
            for days in (self.days(phase, first),)
        ]
        if not tried:
            raise _full()
        for phase, _, kept, missing in tried:
            if kept is not None and not missing:
                return Place(phase, kept)
        for phase, _, kept, missing in tried:
            if kept is not None:
                raise _not_open(phase, missing)
        may_be = [(phase, days) for phase, days, _, missing in tried if not missing]
        if not may_be:
            raise _not_open(tried[0][0], tried[0][3])
        raise _gap_not_kept(may_be)

    def begin(self, phase: SeriesPhase, today: date) -> Beginning:
        """Return how the infusions of the phase that are still to come can begin.

        Raises Conflict ``phase_full``, ``phase_not_open``, or ``gap_not_kept`` where the last day
        for it has passed.
        """
        before = self.infusions[-1].last if self.infusions else None
        found = self.candidates(before or today)
        if phase not in found:
            later = found and self.phases.index(phase) > self.phases.index(found[-1])
            raise _not_open(phase, self.missing(phase)) if later else _full()
        if missing := self.missing(phase):
            raise _not_open(phase, missing)
        days = self.days(phase, before or today)
        if days is None or (days.last is not None and days.last < today):
            raise _gap_not_kept([(phase, days)])
        count, had = phase.count, self.count(phase)
        left = Range(max(1, count.min - had), max(1, count.target - had), count.max - had)
        return Beginning(replace(phase, count=left), days.first, before)

    def next_phase(self) -> SeriesPhase | None:
        """The phase that one more infusion after all others would be of; None where all are over.

        A phase that has as many infusions as usual gives way to the next one.
        """
        if not self.infusions:
            return self.phases[0]
        found = self.candidates(self.infusions[-1].last)
        for phase in found:
            if self.count(phase) < phase.count.target or phase is found[-1]:
                return phase
        return None

    def suggested(self) -> Suggestion | None:
        """Return when the next infusion would best be; None where there is nothing to suggest.

        Nothing is while one is booked, while something is missing, and of a phase that many do
        without, until the response to the last infusion is on record.
        """
        phase = self.next_phase()
        last = self.infusions[-1] if self.infusions else None
        since = last.last if last else self.since
        if phase is None or since is None or self.missing(phase):
            return None
        if any(one.stage is Stage.BOOKED for one in self.infusions):
            return None
        if last and phase.count.min == 0 and last.phase not in self.record.responses:
            return None
        usual = suggested_gap(phase, self.count(phase, Stage.GIVEN))
        until = _plus(since, phase.gap_days.max) if last else None
        return Suggestion(_plus(since, phase.gap_days.min), _plus(since, usual), until)

    def is_over(self, today: date) -> bool:
        """Nothing is booked, and no day is left on which one more infusion would keep its gap."""
        if not self.infusions or any(one.stage is Stage.BOOKED for one in self.infusions):
            return False
        latest = self.infusions[-1].last
        left = [self.days(phase, latest) for phase in self.candidates(latest)]
        return all(days is None or (days.last or today) < today for days in left)

    def with_one(self, day: date, phase: SeriesPhase) -> Course:
        """The course with one more infusion booked."""
        more = (*self.infusions, Infusion(day, day, phase.code, Stage.BOOKED))
        return replace(self, infusions=tuple(sorted(more, key=lambda one: one.first)))

    def _neighbours(self, day: date) -> tuple[Infusion | None, Infusion | None]:
        before = [one for one in self.infusions if one.first <= day]
        after = [one for one in self.infusions if one.first > day]
        return (before[-1] if before else None), (after[0] if after else None)


def suggested_gap(phase: SeriesPhase, done: int) -> int:
    """Days to the next infusion once ``done`` of the phase are: growing, up to the greatest gap.

    Whole days, rounded to the nearest; ``done`` infusions of the phase make as many steps.
    """
    grown: int = phase.gap_days.target * (100 + phase.gap_grows_percent) ** done
    whole: int = 100**done
    return min(phase.gap_days.max, (2 * grown + whole) // (2 * whole))


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _in_order(days: Days) -> bool:
    return days.first is None or days.last is None or days.first <= days.last


def _full() -> Conflict:
    return Conflict(
        "phase_full",
        "Every infusion of this course has been given or is booked; a prescriber orders a new one.",
    )


def _not_open(phase: SeriesPhase, missing: tuple[Requirement, ...]) -> Conflict:
    return Conflict(
        "phase_not_open",
        "The next phase of the treatment cannot be booked yet; see what is missing.",
        phase=phase.code,
        missing=[{"code": one.value, "sentence": SENTENCES[one]} for one in missing],
    )


def _gap_not_kept(may_be: list[tuple[SeriesPhase, Days | None]]) -> Conflict:
    return Conflict(
        "gap_not_kept",
        "The infusion would be too near to another one, or too far from it.",
        days=list(_facts(may_be)),
    )


def _facts(may_be: list[tuple[SeriesPhase, Days | None]]) -> Iterator[dict[str, Any]]:
    for phase, days in may_be:
        if days is not None:
            yield {
                "phase": phase.code,
                "from": days.first and days.first.isoformat(),
                "until": days.last and days.last.isoformat(),
            }
