"""Plan a day: search, then prices and a bound, then the best cover of all routes met.

The search alone is good within seconds and for any size. Where there is time to price all routes
out, their programme proves how far the plan is from the best, and tells which routes to combine.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from dispatch.planning.day.arrays import Arrays, arrays_of, narrowed
from dispatch.planning.day.columns import Generation, Priced, bucket_of, rounds_take
from dispatch.planning.day.cooling import Cooling
from dispatch.planning.day.course import Course
from dispatch.planning.day.neighbourhood import Known, Neighbourhoods, known_routes
from dispatch.planning.day.pool import empty_pool
from dispatch.planning.day.problem import Limits, Problem, Progress, Routes, Solution, Watch
from dispatch.planning.day.tours import Tours, cost_of, routes_of, total_of, tours_of
from dispatch.planning.day.workshop import neighbours, usual_leg

WARM, COOL = 5.0, 0.05  # usual legs
LUKEWARM = 1.0  # where only promising pairs are left
SEARCH_SHARE, SEARCH_S = 0.10, (2.0, 15.0)
PRICE_SHARE = 0.35
NARROW_SHARE = 0.3
MOST_ROUTES = 300_000
ENUMERATE = 500  # routes a shift, at most
WITHIN, MOST_WITHIN = 0.5, 1.0  # usual legs of reduced cost: in half a minute, and with more time
HALF_A_MINUTE = 30.0
PROVABLE = 4.0  # usual legs: a gap so small may be closed by looking at all routes within it


def never(_: Progress) -> bool:
    """Nobody watches."""
    return False


def solve(
    problem: Problem, limits: Limits, *, start: Routes | None = None, watch: Watch = never
) -> Solution:
    """The best plan found within the limits: fewest unserved by priority, then least cost.

    ``start`` is the plan in force: the answer is never worse. Raises ``ValueError`` where it
    breaks a rule, and where the limits have no end.
    """
    if limits.seconds is None and limits.iterations is None:
        raise ValueError("a search without end: give seconds or iterations")
    course = Course(limits, watch)
    a = arrays_of(problem)
    return _Solver(a, course, tours_of(a, start or ((),) * len(a.start))).run()


def valued(problem: Problem, routes: Routes) -> Solution:
    """A plan as it is, with what it costs; nothing is proven. Raises ``ValueError`` as above."""
    a = arrays_of(problem)
    return _as_solution(a, tours_of(a, routes))


class _Solver:
    def __init__(self, a: Arrays, course: Course, best: Tours) -> None:
        self.a, self.course, self.best = a, course, best
        self.near = neighbours(a)
        self.leg = usual_leg(a, self.near) if len(a.place) else 1.0
        self.pool = empty_pool(a, best.stop.shape[1], MOST_ROUTES, course.limits.seed)
        self.rounds = 0

    def run(self) -> Solution:
        bucket, priced = self._bucket(), None
        share = 1.0
        if bucket is not None and self.course.limits.seconds:
            low, high = SEARCH_S
            share = min(high, max(low, SEARCH_SHARE * self.course.limits.seconds))
            share = min(1.0, share / self.course.limits.seconds)
        if len(self.a.pair_shift):
            self._search(self.a, WARM, share)
        if bucket is not None:
            priced = self._combine(bucket, share)
        return self._solution(priced)

    def _bucket(self) -> int | None:
        """The bucket for pricing; None where there is no time for it, or no sense."""
        seconds = self.course.limits.seconds
        if seconds is None or self.course.limits.iterations is not None:
            return None
        bucket = bucket_of(self.a) if len(self.a.pair_shift) else None
        if bucket is None or rounds_take(self.a, bucket) > PRICE_SHARE * seconds:
            return None
        return bucket

    def _search(self, a: Arrays, warm: float, until: float) -> None:
        cooling = Cooling(warm, COOL, self.leg, self.near, until)
        self.rounds += cooling.run(a, self.best, self.pool, self.course)

    def _combine(self, bucket: int, share: float) -> Priced | None:
        generation = Generation(self.a, self.pool, self.best.stop.shape[1], bucket)
        priced = generation.run(self.course, share + PRICE_SHARE)
        if priced is None:
            return None
        self.course.lower_bound = self._bound(priced)
        missing = total_of(self.a, self.best) - priced.bound
        within = missing if missing < PROVABLE * self.leg else self._within()
        complete = generation.enumerate(priced, within, ENUMERATE, self.course)
        known = known_routes(self.a, self.pool, priced.duals, within)
        if self.course.goes_on("search", until=1.0 - NARROW_SHARE):
            total = self.course.limits.seconds or 1.0
            self._search(
                self._promising(known), LUKEWARM, self.course.seconds / total + NARROW_SHARE
            )
            known = known_routes(self.a, self.pool, priced.duals, within)
        best_known = Neighbourhoods(
            self.a, self.pool, known, self.best, self.near, self.course.limits.seed
        ).run(self.course, 1.0)
        if complete and best_known and within >= missing:
            return replace(priced, bound=total_of(self.a, self.best))
        return priced

    def _within(self) -> float:
        """How dear a route may be to be listed: more of them where there is time to choose."""
        longer = (self.course.limits.seconds or 0.0) / HALF_A_MINUTE
        return self.leg * min(MOST_WITHIN, WITHIN * max(1.0, math.sqrt(longer)))

    def _promising(self, known: Known) -> Arrays:
        """Visits and shifts that meet on some route known to be near the bound, or in the plan."""
        keep = np.zeros(len(self.a.pair_shift), dtype=np.bool_)
        for stops in known.stop.T:
            real = stops < len(self.a.place)
            keep[self.a.pair_of[stops[real], known.shift[real]]] = True
        served = np.flatnonzero(self.best.shift_of >= 0)
        keep[self.a.pair_of[served, self.best.shift_of[served]]] = True
        return narrowed(self.a, keep)

    def _bound(self, priced: Priced) -> int | None:
        """Of the cost alone: None where some visit is left out that fits a shift by itself."""
        out = self.best.shift_of < 0
        if (np.diff(self.a.pair_at)[out] > 0).any():
            return None
        bound = priced.bound - float(self.a.loss[out].sum())
        return max(0, math.ceil(bound - 0.01) if self.a.plain else math.floor(bound))

    def _solution(self, priced: Priced | None) -> Solution:
        return replace(
            _as_solution(self.a, self.best),
            lower_bound=None if priced is None else self._bound(priced),
            iterations=self.rounds,
            seconds=self.course.seconds,
        )


def _as_solution(a: Arrays, tours: Tours) -> Solution:
    routes = routes_of(tours)
    return Solution(
        routes=routes,
        unserved=tuple(np.flatnonzero(tours.shift_of < 0).tolist()),
        travel_s=sum(_way(a, shift, route) for shift, route in enumerate(routes)),
        cost=cost_of(a, tours)[0],
        lower_bound=None,
        iterations=0,
        seconds=0.0,
    )


def _way(a: Arrays, shift: int, route: tuple[int, ...]) -> int:
    path = [a.start[shift], *a.place[list(route)], a.end[shift]] if route else []
    return sum(int(a.travel[here, there]) for here, there in pairwise(path))
