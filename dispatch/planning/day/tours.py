"""A plan being worked on: who serves what in which order, with the slack of every route."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints, Small
from dispatch.planning.day.driving import price, unfairness
from dispatch.planning.day.problem import Routes

Floats = NDArray[np.float64]


class Tours(NamedTuple):
    """Routes of ``s`` shifts over ``n`` visits; a route has at most ``width`` stops.

    Where the problem is ``plain``, ``ready[s, i]`` is the earliest end of the i-th stop and
    ``latest[s, i]`` the latest start that keeps all behind it (Savelsbergh 1992).
    """

    stop: Small  # (s, width)
    length: Ints  # (s,)
    ready: Ints  # (s, width)
    latest: Ints  # (s, width)
    cost: Floats  # (s,)
    hours: Ints  # (s,)
    worked: Ints  # (nurses,)
    shift_of: Ints  # (n,), -1 where nobody serves the visit
    soonest: Ints  # room for ``driving.drive``
    before: Ints
    trial: Ints


def width_of(a: Arrays) -> int:
    """No route has more stops than this: by the number that fit and by the hours there are."""
    visits = len(a.place)
    most = 1
    for shift in range(len(a.start)):
        fitting = np.flatnonzero(a.pair_of[:, shift] >= 0)
        shortest = int(a.service[fitting].min(initial=1 << 40))
        hours = int(a.closes[shift] - a.opens[shift])
        by_time = len(fitting) if shortest <= 0 else hours // shortest + 1
        most = max(most, min(len(fitting), by_time, int(a.most_visits[shift])))
    return min(visits, most) or 1


def empty_tours(a: Arrays) -> Tours:
    shifts, visits, width = len(a.start), len(a.place), width_of(a)
    breaks = int(np.diff(a.break_at).max(initial=0))
    return Tours(
        stop=np.zeros((shifts, width), dtype=np.int32),
        length=np.zeros(shifts, dtype=np.int64),
        ready=np.zeros((shifts, width), dtype=np.int64),
        latest=np.zeros((shifts, width), dtype=np.int64),
        cost=np.zeros(shifts),
        hours=np.zeros(shifts, dtype=np.int64),
        worked=np.zeros(len(a.most_hours), dtype=np.int64),
        shift_of=np.full(visits, -1, dtype=np.int64),
        soonest=np.zeros((width + 2, breaks + 1), dtype=np.int64),
        before=np.zeros((width + 2, breaks + 1), dtype=np.int64),
        trial=np.zeros(width + 2, dtype=np.int64),
    )


def tours_of(a: Arrays, routes: Routes) -> Tours:
    """Routes as tours. Raises ``ValueError`` where one breaks a rule."""
    tours = empty_tours(a)
    for shift, route in enumerate(routes):
        if len(route) > tours.stop.shape[1]:
            raise ValueError(f"the route of shift {shift} has more stops than fit its hours")
        tours.stop[shift, : len(route)] = route
        tours.length[shift] = len(route)
        tours.shift_of[list(route)] = shift
        refresh(a, tours, shift)
        if not np.isfinite(tours.cost[shift]):
            raise ValueError(f"the route of shift {shift} breaks a rule")
    return tours


def routes_of(tours: Tours) -> Routes:
    return tuple(
        tuple(stops[:count])
        for stops, count in zip(tours.stop.tolist(), tours.length.tolist(), strict=True)
    )


@compiled
def copy(source: Tours, target: Tours) -> None:
    """Make ``target`` the plan that ``source`` is; slack is not copied."""
    for shift in range(len(source.length)):
        target.length[shift] = source.length[shift]
        for i in range(source.length[shift]):
            target.stop[shift, i] = source.stop[shift, i]
    target.cost[:] = source.cost
    target.hours[:] = source.hours
    target.worked[:] = source.worked
    target.shift_of[:] = source.shift_of


def cost_of(a: Arrays, tours: Tours) -> tuple[int, int]:
    """Driving and soft terms of all routes, and how many visits nobody serves."""
    unfair = sum(unfairness(a, nurse, hours) for nurse, hours in enumerate(tours.worked.tolist()))
    return round(float(tours.cost.sum()) + unfair), int((tours.shift_of < 0).sum())


def total_of(a: Arrays, tours: Tours) -> float:
    """The same cost, and the loss for what is left out."""
    cost, _ = cost_of(a, tours)
    return cost + float(a.loss[tours.shift_of < 0].sum())


@compiled
def refresh(a: Arrays, t: Tours, shift: int) -> None:
    """Bring a changed route's cost, hours and slack up to date."""
    count = t.length[shift]
    if a.plain:
        _slack(a, t, shift)
        return
    for i in range(count):
        t.trial[i] = t.stop[shift, i]
    cost, hours = price(a, shift, t.trial, count, t.soonest, t.before)
    t.worked[a.nurse[shift]] += hours - t.hours[shift]
    t.cost[shift], t.hours[shift] = cost, hours


@compiled
def _slack(a: Arrays, t: Tours, shift: int) -> None:
    count = t.length[shift]
    at, here, cost = a.opens[shift], a.start[shift], 0
    for i in range(count):
        visit = t.stop[shift, i]
        pair = a.pair_of[visit, shift]
        way = a.travel[here, a.place[visit]]
        at = begin_from(a, pair, visit, at + way) + a.service[visit]
        t.ready[shift, i] = at
        here = a.place[visit]
        cost += way + a.pair_cost[pair]
    bound, after = a.closes[shift], a.end[shift]
    if count > 0:
        cost += a.travel[here, after]
    for i in range(count - 1, -1, -1):
        visit = t.stop[shift, i]
        there = a.place[visit]
        bound = begin_until(
            a, a.pair_of[visit, shift], visit, bound - a.travel[there, after] - a.service[visit]
        )
        t.latest[shift, i] = bound
        after = there
    t.cost[shift] = cost


@compiled
def begin_from(a: Arrays, pair: int, visit: int, at: int) -> int:
    """The earliest start from ``at`` on, of a visit on a shift; the last start is not looked at."""
    if not a.pair_several[pair]:
        return max(at, a.pair_first[pair])
    for window in range(a.window_at[visit], a.window_at[visit + 1]):
        if at <= a.window_until[window]:
            return max(at, a.window_from[window], a.pair_first[pair])
    return a.pair_last[pair] + 1


@compiled
def begin_until(a: Arrays, pair: int, visit: int, at: int) -> int:
    """The latest start up to ``at``; before the first there is where none is left."""
    if not a.pair_several[pair]:
        return min(at, a.pair_last[pair])
    for window in range(a.window_at[visit + 1] - 1, a.window_at[visit] - 1, -1):
        if at >= a.window_from[window]:
            return min(at, a.window_until[window], a.pair_last[pair])
    return a.pair_first[pair] - 1
