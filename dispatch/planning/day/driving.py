"""One route driven as early as possible: does it keep every rule, and what does it cost."""

from __future__ import annotations

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import UNBOUND, Arrays, Ints

LATE = UNBOUND
"""An arrival that cannot be."""


@compiled
def fit(at: int, first: int, until: int, begins: Ints, ends: Ints) -> int:
    """The earliest time from ``at`` on inside one of the windows ``first`` up to ``until``."""
    for window in range(first, until):
        if at <= ends[window]:
            return max(at, begins[window])
    return LATE


@compiled
def leg(a: Arrays, at: int, drive: int, taken: int, until: int) -> int:
    """Arrival after a drive on which the breaks ``taken`` up to ``until`` are had, one after
    another: what waits for a break is spent driving."""
    for each in range(taken, until):
        begin = fit(at, a.pause_at[each], a.pause_at[each + 1], a.pause_from, a.pause_until)
        if begin >= LATE:
            return LATE
        drive -= min(drive, begin - at)
        at = begin + a.break_service[each]
    return at + drive


@compiled
def drive(
    a: Arrays, shift: int, order: Ints, count: int, soonest: Ints, before: Ints
) -> tuple[int, int, int]:
    """Drive the first ``count`` visits of an order.

    ``soonest[i, k]`` becomes the earliest start of visit i with k breaks had by then (row
    ``count``: arrival at the end), ``before[i, k]`` how many of those were had at visit i - 1;
    both of shape (count + 1 at least, breaks + 1 at least). Returns the driving seconds, the
    leaving and the arrival at the end; the arrival is LATE where a rule is broken.
    """
    first_break, breaks = a.break_at[shift], a.break_at[shift + 1] - a.break_at[shift]
    travelled, here = 0, a.start[shift]
    for i in range(count + 1):
        there = a.end[shift] if i == count else a.place[order[i]]
        way = a.travel[here, there]
        travelled += way
        kept = False
        for k in range(breaks + 1):
            best = LATE
            for had in range(k + 1):
                at = a.opens[shift]
                if i == 0 and had > 0:
                    break
                if i > 0:
                    at = soonest[i - 1, had]
                    if at >= LATE:
                        continue
                    at = _done(a, shift, order, i - 1, at)
                arrival = leg(a, at, way, first_break + had, first_break + k)
                if arrival < LATE and i < count:
                    visit = order[i]
                    arrival = fit(
                        arrival, a.window_at[visit], a.window_at[visit + 1],
                        a.window_from, a.window_until,
                    )  # fmt: skip
                if arrival < best:
                    best = arrival
                    before[i, k] = had
            soonest[i, k] = best
            kept = kept or best < LATE
        if not kept:
            return travelled, 0, LATE
        here = there
    home = soonest[count, breaks]
    if home > a.closes[shift] or travelled > a.most_travel[shift]:
        return travelled, 0, LATE
    leave = a.opens[shift]
    if count > 0 and breaks == 0:
        leave = soonest[0, 0] - a.travel[a.start[shift], a.place[order[0]]]
    return travelled, leave, home


@compiled
def _done(a: Arrays, shift: int, order: Ints, index: int, start: int) -> int:
    """When the visit at an index of the order, begun at ``start``, is over."""
    visit = order[index]
    here = a.start[shift] if index == 0 else a.place[order[index - 1]]
    setup = a.setup[visit] if here != a.place[visit] else 0
    return start + setup + a.service[visit]


@compiled
def price(
    a: Arrays, shift: int, order: Ints, count: int, soonest: Ints, before: Ints
) -> tuple[float, int]:
    """Cost (driving and all soft terms but the hours shared with other shifts) and working time
    of a route; the cost is infinite where a rule is broken. An empty route costs nothing."""
    if count == 0:
        return 0.0, 0
    if count > a.most_visits[shift]:
        return float("inf"), 0
    travelled, leave, home = drive(a, shift, order, count, soonest, before)
    if home >= LATE:
        return float("inf"), 0
    cost = float(travelled) + a.overtime * max(0, home - a.regular_end[shift])
    had = a.break_at[shift + 1] - a.break_at[shift]
    for i in range(count, 0, -1):
        had = before[i, had]
        visit = order[i - 1]
        pair = a.pair_of[visit, shift]
        if pair < 0:
            return float("inf"), 0
        cost += a.pair_cost[pair]
        told = a.planned[visit]
        if told < UNBOUND and abs(soonest[i - 1, had] - told) > a.moved_after:
            cost += a.moved
    return cost, home - leave


@compiled
def unfairness(a: Arrays, nurse: int, hours: int) -> float:
    """What a nurse's working time costs beyond her fair share; infinite beyond what is allowed."""
    if hours > a.most_hours[nurse]:
        return float("inf")
    return a.unfair * max(0, hours - a.fair_hours[nurse])
