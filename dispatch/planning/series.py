"""All infusions of a series at once: a dynamic programme over days, for every nurse in one sweep.

A nurse's days are different shifts, so what fits one day fits it whatever the other days hold:
the least that each day of each nurse costs is all that a plan needs to know. Over it runs, for all
nurses at once, ``least[k, day] = cost[day] + min over gaps of least[k - 1, day - gap]``.

What is best, in this order: one nurse, else one and a backup; the fewest infusions without the main
nurse; the fewest preferences missed; the days nearest to the usual gaps, beginning soonest; the
least driving. Each lies in digits of its own of one whole number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from uuid import UUID

import numpy as np

from dispatch.domain.series import Continuity
from dispatch.domain.terms import Range
from dispatch.planning.insertion import Gaps
from dispatch.planning.openings import Index
from dispatch.planning.problem import Request, Seconds
from dispatch.planning.slots import open_starts

DAY, MISSED, AWAY, LEFT, NONE = 1 << 22, 1 << 36, 1 << 44, 1 << 49, 1 << 54
"""A day off the usual gap, a preference missed, an infusion without the main nurse, one that is not
left where it is booked, no way."""

Change = Literal[
    "with_backup", "later_start", "other_gaps", "other_nurse", "fewer", "several_nurses", "anyhow"
]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The bookable starts, ascending: epoch seconds, each one's local day, counted from the first
    that is asked for, and how many preferences it misses. Shape (starts,) each."""

    starts: Seconds
    days: Index
    missed: Seconds
    length: int

    def only(self, starts: Seconds) -> Calendar:
        kept = np.isin(self.starts, starts)
        return Calendar(self.starts[kept], self.days[kept], self.missed[kept], self.length)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan must keep: so many infusions, each gap in days within ``gap`` and near its
    target, the first on a day of [first, first_until), and who may come. Where there is an infusion
    on the day ``before``, which may be negative, the first keeps the gap to it as well."""

    count: int
    gap: Range
    first: int
    first_until: int
    nurse: UUID | None
    continuity: Continuity
    before: int | None = None

    def waiting(self, length: int) -> Seconds:
        """What it costs to begin on each day: the sooner or the nearer to the usual gap the less,
        NONE where it may not begin."""
        days = np.arange(length)
        may = (days >= self.first) & (days < self.first_until)
        if self.before is None:
            return np.where(may, DAY * days, NONE)
        gaps = days - self.before
        may &= (gaps >= self.gap.min) & (gaps <= self.gap.max)
        return np.where(may, DAY * np.abs(gaps - self.gap.target), NONE)


@dataclass(frozen=True, slots=True)
class Pick:
    """One infusion: its day, the window's beginning, and the shift that can keep it."""

    day: int
    start: int
    shift: UUID
    nurse: UUID
    detour_s: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Every infusion in order, and the nurse who gives most of them."""

    main: UUID
    picks: tuple[Pick, ...]

    @property
    def with_main(self) -> int:
        """How many of the infusions the main nurse gives."""
        return sum(pick.nurse == self.main for pick in self.picks)


@dataclass(frozen=True, slots=True)
class Alternative:
    """The nearest terms that can be kept: what has changed of them, and the plan."""

    change: Change
    terms: Terms
    plan: Plan


@dataclass(frozen=True, slots=True)
class Options:
    """What each nurse can do on each day: ``cost`` (nurses, days), NONE where nothing fits."""

    gaps: Gaps
    calendar: Calendar
    cost: Seconds
    window: Index
    shift: Index

    @classmethod
    def of(cls, gaps: Gaps, request: Request, calendar: Calendar, width: int) -> Options:
        """The best place of every nurse and day: fewest preferences missed, then least detour.

        Ties go to the earlier start, then the earlier shift. ``width`` is that of the windows. A
        detour that saves driving counts as none.
        """
        calendar = calendar.only(open_starts(request, calendar.starts.tolist(), width))
        shift, window, detour = gaps.fits(request, calendar.starts, width)
        price = calendar.missed[window] * MISSED + np.maximum(detour, 0)
        cell = _nurses(gaps)[shift] * calendar.length + calendar.days[window]
        size = (len(gaps.nurses), calendar.length)
        cost = np.full(size[0] * size[1], NONE)
        np.minimum.at(cost, cell, price)
        (best,) = np.nonzero(price == cost[cell])
        best = best[np.lexsort((shift[best], window[best]))][::-1]
        chosen = np.full((2, len(cost)), -1)
        chosen[:, cell[best]] = window[best], shift[best]  # of equal indices the last write stays
        return cls(gaps, calendar, cost.reshape(size), *chosen.reshape(2, *size))

    def pick(self, nurse: int, day: int) -> Pick:
        shift = self.gaps.shifts[self.shift[nurse, day]]
        start = int(self.calendar.starts[self.window[nurse, day]])
        detour_s = int(self.cost[nurse, day] % MISSED)
        return Pick(day, start, shift.id, shift.nurse.id, detour_s)


def _nurses(gaps: Gaps) -> Index:
    """Of each shift, the row of its nurse."""
    rows = {nurse.id: row for row, nurse in enumerate(gaps.nurses)}
    return np.array([rows[shift.nurse.id] for shift in gaps.shifts], dtype=np.intp)


def find(options: Options, terms: Terms) -> Plan | None:
    """The best plan that keeps the terms, or None. O(count · gaps · nurses · days) for one nurse,
    times the nurses where a backup is looked for."""
    mains = _mains(options, terms)
    if not len(mains) or not options.calendar.length:
        return None
    alone = _alone(options, terms, mains)
    if alone is not None or terms.continuity is Continuity.ONE_NURSE:
        return alone
    paired = _with_backup(options, terms, mains)
    if paired is not None or terms.continuity is Continuity.WITH_BACKUP:
        return paired
    return _with_several(options, terms, mains)


def alternatives(options: Options, terms: Terms, limits: Terms) -> tuple[Alternative, ...]:
    """Plans with one of the terms relaxed, nearest first; no plan twice.

    No term goes beyond the ``limits``: the fewest infusions that the treatment bears, the gaps it
    allows, the latest first day. Where no single change helps, the limits are tried with as many
    infusions as were asked for.
    """
    found: dict[Plan, Alternative] = {}
    for change, relaxed in _relaxed(terms, limits):
        for one in relaxed:
            plan = find(options, one)
            if plan is not None:
                found.setdefault(plan, Alternative(change, one, plan))
                break
    if found:
        return tuple(found.values())
    anyhow = replace(limits, count=terms.count)
    plan = find(options, anyhow)
    return (Alternative("anyhow", anyhow, plan),) if plan else ()


def _relaxed(terms: Terms, limits: Terms) -> Iterator[tuple[Change, list[Terms]]]:
    if terms.continuity is Continuity.ONE_NURSE:
        yield "with_backup", [replace(terms, continuity=Continuity.WITH_BACKUP)]
    later = replace(terms, first=terms.first_until, first_until=limits.first_until)
    yield "later_start", [later]
    if terms.gap != limits.gap:
        yield "other_gaps", [replace(terms, gap=limits.gap)]
    if terms.nurse is not None:
        yield "other_nurse", [replace(terms, nurse=None)]
    counts = range(terms.count - 1, limits.count - 1, -1)
    yield "fewer", [replace(terms, count=count) for count in counts]
    if terms.continuity is not Continuity.ANY_NURSES:
        yield "several_nurses", [replace(terms, continuity=Continuity.ANY_NURSES)]


def _mains(options: Options, terms: Terms) -> Index:
    """Rows of the nurses who may be the main one."""
    ids = [nurse.id for nurse in options.gaps.nurses]
    return np.array([n for n, nurse in enumerate(ids) if terms.nurse in {None, nurse}], dtype=int)


def _alone(options: Options, terms: Terms, mains: Index) -> Plan | None:
    ends = ends_of(options.cost[mains], terms)
    best = int(ends.argmin())
    return None if ends[best] >= NONE else _plan(options, terms, int(mains[best]), None)


def _with_backup(options: Options, terms: Terms, mains: Index) -> Plan | None:
    """Each main nurse with each other; a bound from "with anybody else" spares most of it.

    The main nurse gives at least half, as the other would be the main one else; where she was
    asked for she gives one at least.
    """
    bounds = ends_of(_with_anybody(options, mains), terms)
    most_away = terms.count // 2 if terms.nurse is None else terms.count - 1
    least, pair = min(NONE, (most_away + 1) * AWAY - AWAY // 2), None
    for row in np.argsort(bounds, kind="stable").tolist():
        if bounds[row] >= least:
            break
        main = int(mains[row])
        ends = ends_of(np.minimum(options.cost[main], options.cost + AWAY), terms)
        backup = int(ends.argmin())
        if ends[backup] < least:
            least, pair = ends[backup], (main, backup)
    return None if pair is None else _plan(options, terms, *pair)


def _with_several(options: Options, terms: Terms, mains: Index) -> Plan | None:
    ends = ends_of(_with_anybody(options, mains), terms)
    best = int(ends.argmin())
    asked = terms.nurse is not None
    if ends[best] >= (terms.count * AWAY - AWAY // 2 if asked else NONE):
        return None
    return _plan(options, terms, int(mains[best]), options.cost.argmin(axis=0))


def _with_anybody(options: Options, mains: Index) -> Seconds:
    anybody: Seconds = options.cost.min(axis=0) + AWAY
    return np.minimum(options.cost[mains], anybody)


def _plan(options: Options, terms: Terms, main: int, others: int | Index | None) -> Plan:
    """The plan of a main nurse, with another where ``others`` (a row, or one for each day) says."""
    days = np.arange(options.calendar.length)
    own = options.cost[main]
    row = np.full(len(days), main if others is None else others)
    away = options.cost[row, days] + AWAY
    cost, nurses = np.minimum(own, away), np.where(own <= away, main, row)
    picks = [options.pick(int(nurses[day]), day) for day in chain(cost, terms)]
    return Plan(options.gaps.nurses[main].id, tuple(picks))


def ends_of(cost: Seconds, terms: Terms) -> Seconds:
    """The least that a whole series costs, for each row of ``cost`` (rows, days); NONE or more
    where there is none."""
    *_, last = _layers(cost, terms)
    ends: Seconds = last.min(axis=1)
    return ends


def _layers(cost: Seconds, terms: Terms) -> Iterator[Seconds]:
    """For each k: the least cost of k + 1 infusions, the last on each day; (rows, days)."""
    length = cost.shape[1]
    layer = np.minimum(cost + terms.waiting(length), NONE)
    yield layer
    for _ in range(1, terms.count):
        before = np.full(cost.shape, NONE)
        for gap in range(terms.gap.min, min(terms.gap.max, length - 1) + 1):
            earlier = layer[:, : length - gap] + DAY * abs(gap - terms.gap.target)
            np.minimum(before[:, gap:], earlier, out=before[:, gap:])
        layer = np.minimum(cost + before, NONE)
        yield layer


def chain(cost: Seconds, terms: Terms) -> list[int]:
    """The days of the best series over one row of costs; the earliest of equals."""
    layers = [layer[0] for layer in _layers(cost[np.newaxis], terms)]
    days = [int(layers[-1].argmin())]
    for before, after in pairwise(reversed(layers)):
        day = days[-1]
        gaps = range(terms.gap.min, min(terms.gap.max, day) + 1)
        costs = {gap: after[day - gap] + DAY * abs(gap - terms.gap.target) for gap in gaps}
        due = before[day] - cost[day]
        days.append(day - max(gap for gap in gaps if costs[gap] == due))
    return days[::-1]
