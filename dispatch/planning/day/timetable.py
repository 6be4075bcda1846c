"""When everything on one route happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.planning.day.arrays import Arrays, Ints, arrays_of
from dispatch.planning.day.driving import LATE, drive, fit
from dispatch.planning.day.problem import Problem


@dataclass(frozen=True, slots=True)
class Call:
    """A visit (index among the problem's) or, with ``is_break``, a break (index among the
    shift's): arrival, start of service, its end, and driving seconds from the stop before.

    Waiting lies between arrival and start. A break has no place: the driving before it that is
    already done counts in the ``travel_s`` of the visit after it.
    """

    index: int
    is_break: bool
    arrival: int
    start: int
    end: int
    travel_s: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """``leave`` is when the nurse sets out (just in time for the first call, where no break has a
    say), ``home`` when she is at the end of her way, after ``travel_s`` seconds of driving."""

    calls: tuple[Call, ...]
    leave: int
    home: int
    travel_s: int


def timetable(problem: Problem, shift: int, order: Sequence[int]) -> Timetable | None:
    """The route driven as early as possible; None where it breaks a window, a break, a limit."""
    a = arrays_of(_only(problem, shift, order))
    count = len(order)
    if (a.pair_of < 0).any() or count > a.most_visits[0]:
        return None
    breaks = len(a.break_service)
    soonest = np.zeros((count + 1, breaks + 1), dtype=np.int64)
    before = np.zeros_like(soonest)
    stops = np.arange(count)
    travelled, leave, home = drive(a, 0, stops, count, soonest, before)
    if home >= LATE:
        return None
    had = [breaks]
    for i in range(count, 0, -1):
        had.append(int(before[i, had[-1]]))
    had.reverse()
    calls = tuple(_calls(a, order, soonest, had))
    return Timetable(calls, int(leave), int(home), int(travelled))


def _only(problem: Problem, shift: int, order: Sequence[int]) -> Problem:
    """The problem of this route alone, with the places it touches."""
    own, visits = problem.shifts[shift], [problem.visits[index] for index in order]
    ends = [place for place in (own.start, own.end) if place is not None]
    places = sorted({*ends, *(visit.place for visit in visits)})
    at = {place: i for i, place in enumerate(places)}
    moved = replace(
        own,
        nurse=0,
        start=None if own.start is None else at[own.start],
        end=None if own.end is None else at[own.end],
    )
    rows = np.ix_(list(order), [shift])
    return Problem(
        travel=problem.travel[np.ix_(places, places)],
        visits=tuple(replace(visit, place=at[visit.place]) for visit in visits),
        shifts=(moved,),
        able=problem.able[rows],
        cost=problem.cost[rows],
        terms=problem.terms,
    )


def _calls(a: Arrays, order: Sequence[int], soonest: Ints, had: Sequence[int]) -> Iterator[Call]:
    """``had[i]`` breaks are over when visit i begins; the last entry is for the way home."""
    at, here = int(a.opens[0]), int(a.start[0])
    taken = 0
    for i, until in enumerate(had):
        there = int(a.end[0]) if i == len(order) else int(a.place[i])
        way = left = int(a.travel[here, there])
        for each in range(taken, until):
            windows = (a.pause_at[each], a.pause_at[each + 1], a.pause_from, a.pause_until)
            begin = int(fit(at, *windows))
            left -= min(left, begin - at)
            end = begin + int(a.break_service[each])
            yield Call(each, is_break=True, arrival=at, start=begin, end=end, travel_s=0)
            at = end
        taken = until
        if i < len(order):
            start = int(soonest[i, until])
            setup = int(a.setup[i]) if here != there else 0
            end = start + setup + int(a.service[i])
            yield Call(
                order[i], is_break=False, arrival=at + left, start=start, end=end, travel_s=way
            )
            at, here = end, there
