"""Plan a day: search, then prices and a bound, then the best cover of all routes met.

The search alone is good within seconds and for any size. Where there is time to price all routes
out, their programme proves how far the plan is from the best, and tells which routes to combine.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from dispatch.planning.day.arrays import Arrays, arrays_of
from dispatch.planning.day.columns import Generation, Priced, bucket_of, rounds_take
from dispatch.planning.day.course import Course
from dispatch.planning.day.neighbourhood import Neighbourhoods, known_routes
from dispatch.planning.day.pool import empty_pool
from dispatch.planning.day.problem import Limits, Problem, Progress, Routes, Solution, Watch
from dispatch.planning.day.search import improve
from dispatch.planning.day.tours import (
    Tours,
    copy,
    cost_of,
    empty_tours,
    refresh,
    routes_of,
    tours_of,
)
from dispatch.planning.day.workshop import ROUNDS, usual_leg, workshop_of

WARM, COOL = 5.0, 0.05  # usual legs
A_SLICE_S = 0.2
FIRST_SLICE = 20
MARGIN = 2.0  # usual legs above the best plan, within which routes are remembered
MOST_ROUTES = 300_000
SEARCH_SHARE, SEARCH_S = 0.16, (2.0, 15.0)
PRICE_SHARE = 0.35
ENUMERATE = 500  # routes a shift, at most
WITHIN = 1.0  # usual legs of reduced cost
PROVABLE = 4.0  # usual legs: a gap so small may be closed by looking at all routes within it
A_ROUND_ALONE = 1000
ENOUGH = 5_000  # rounds of search for each visit: a small day is done before its time


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
        seed = course.limits.seed
        self.workshop = workshop_of(a, best, seed)
        self.leg = usual_leg(a, self.workshop.near) if len(a.place) else 1.0
        self.pool = empty_pool(a, best.stop.shape[1], MOST_ROUTES, seed)
        self.workshop.cost[:] = self._total()

    def run(self) -> Solution:
        bucket = self._bucket()
        share = 1.0
        if bucket is not None and self.course.limits.seconds:
            low, high = SEARCH_S
            share = min(high, max(low, SEARCH_SHARE * self.course.limits.seconds))
            share = min(1.0, share / self.course.limits.seconds)
        if len(self.a.pair_shift):
            self._search(share)
        priced = None if bucket is None else self._combine(bucket, share)
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

    def _search(self, until: float) -> None:
        """Cool down over a share of the time, or over all iterations; one slice at the least."""
        tours, rounds = empty_tours(self.a), FIRST_SLICE
        copy(self.best, tours)
        for shift in range(len(tours.length)):
            refresh(self.a, tours, shift)
        done = 0.0
        while done < 1:
            began = self.course.seconds
            after = min(1.0, done + self._ahead(rounds, until))
            improve(
                self.a, tours, self.best, self.workshop, self.pool, rounds,
                self._heat(done), self._heat(after), MARGIN * self.leg,
            )  # fmt: skip
            self.course.cost, self.course.unserved = cost_of(self.a, self.best)
            rounds = self._slice(rounds, self.course.seconds - began)
            done = self._done(until) if self.course.goes_on("search", until=until) else 1.0

    def _heat(self, done: float) -> float:
        return float(WARM * self.leg * (COOL / WARM) ** done)

    def _done(self, until: float) -> float:
        limits, done = self.course.limits, 0.0
        if limits.iterations is not None:
            done = int(self.workshop.tally[ROUNDS]) / limits.iterations
        if limits.seconds is not None:
            enough = ENOUGH * len(self.a.place)
            done = max(done, int(self.workshop.tally[ROUNDS]) / enough)
            done = max(done, self.course.seconds / (limits.seconds * until))
        return done

    def _ahead(self, rounds: int, until: float) -> float:
        """The share of the search that some more rounds are."""
        limits = self.course.limits
        if limits.iterations is not None:
            return rounds / limits.iterations
        return A_SLICE_S / ((limits.seconds or 1.0) * until)

    def _slice(self, rounds: int, took: float) -> int:
        """Rounds until the next look at the clock; none is looked at where iterations count."""
        if self.course.limits.iterations is not None:
            left = self.course.limits.iterations - int(self.workshop.tally[ROUNDS])
            return max(1, min(A_ROUND_ALONE, left))
        return max(1, min(4 * rounds, int(rounds * A_SLICE_S / max(took, 1e-3))))

    def _combine(self, bucket: int, share: float) -> Priced | None:
        generation = Generation(self.a, self.pool, self.best.stop.shape[1], bucket)
        priced = generation.run(self.course, share + PRICE_SHARE)
        if priced is None:
            return None
        self.course.lower_bound = self._bound(priced)
        missing = self._total() - priced.bound
        within = missing if missing < PROVABLE * self.leg else WITHIN * self.leg
        complete = generation.enumerate(priced, within, ENUMERATE, self.course)
        known = known_routes(self.a, self.pool, priced.duals, within)
        best_known = Neighbourhoods(
            self.a, self.pool, known, self.best, self.workshop.near, self.course.limits.seed
        ).run(self.course, 1.0)
        if complete and best_known and within >= missing:
            return replace(priced, bound=self._total())
        return priced

    def _bound(self, priced: Priced) -> int | None:
        """Of the cost alone: None where some visit is left out that fits a shift by itself."""
        out = self.best.shift_of < 0
        if (np.diff(self.a.pair_at)[out] > 0).any():
            return None
        bound = priced.bound - float(self.a.loss[out].sum())
        return max(0, math.ceil(bound - 0.01) if self.a.plain else math.floor(bound))

    def _total(self) -> float:
        out = self.best.shift_of < 0
        return cost_of(self.a, self.best)[0] + float(self.a.loss[out].sum())

    def _solution(self, priced: Priced | None) -> Solution:
        return replace(
            _as_solution(self.a, self.best),
            lower_bound=None if priced is None else self._bound(priced),
            iterations=int(self.workshop.tally[ROUNDS]),
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
