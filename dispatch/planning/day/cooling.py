"""The search over time: it begins warm, cools down, and keeps the best plan it meets."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.planning.day.arrays import Arrays, Small
from dispatch.planning.day.course import Course
from dispatch.planning.day.pool import Pool
from dispatch.planning.day.search import improve
from dispatch.planning.day.tours import Tours, copy, cost_of, empty_tours, refresh, total_of
from dispatch.planning.day.workshop import ROUNDS, workshop_of

A_SLICE_S = 0.2
FIRST_SLICE = 20
A_ROUND_ALONE = 1000
MARGIN = 2.0  # usual legs above the best plan, within which routes are remembered
ENOUGH = 5_000  # rounds for each visit: a small day is done before its time


@dataclass(frozen=True, slots=True)
class Cooling:
    """From ``warm`` to ``cool`` (usual legs) until a share of the course's time is used up, or
    over all its iterations."""

    warm: float
    cool: float
    leg: float
    near: Small
    until: float

    def run(self, a: Arrays, best: Tours, pool: Pool, course: Course) -> int:
        """Improve ``best`` in place, for one slice at the least; how many rounds were done."""
        tours, shop = empty_tours(a), workshop_of(a, best, self.near, course.limits.seed)
        copy(best, tours)
        for shift in range(len(tours.length)):
            refresh(a, tours, shift)
        shop.cost[:] = total_of(a, best)
        begun, done, rounds = course.seconds, 0.0, FIRST_SLICE
        while done < 1:
            began = course.seconds
            after = min(1.0, done + self._ahead(rounds, begun, course))
            improve(
                a, tours, best, shop, pool, rounds,
                self._heat(done), self._heat(after), MARGIN * self.leg,
            )  # fmt: skip
            course.cost, course.unserved = cost_of(a, best)
            in_all = int(shop.tally[ROUNDS])
            rounds = _slice(rounds, course.seconds - began, in_all, course)
            done = self._done(in_all, len(a.place), begun, course)
            if not course.goes_on("search", until=self.until):
                break
        return in_all

    def _heat(self, done: float) -> float:
        return float(self.warm * self.leg * (self.cool / self.warm) ** done)

    def _ahead(self, rounds: int, begun: float, course: Course) -> float:
        """The share of the search that some more rounds are."""
        if course.limits.iterations is not None:
            return rounds / course.limits.iterations
        return A_SLICE_S / self._seconds(begun, course)

    def _done(self, rounds: int, visits: int, begun: float, course: Course) -> float:
        limits, done = course.limits, 0.0
        if limits.iterations is not None:
            done = rounds / limits.iterations
        if limits.seconds is not None:
            done = max(done, rounds / (ENOUGH * visits))
            done = max(done, (course.seconds - begun) / self._seconds(begun, course))
        return done

    def _seconds(self, begun: float, course: Course) -> float:
        return max(1e-3, (course.limits.seconds or 1.0) * self.until - begun)


def _slice(rounds: int, took: float, in_all: int, course: Course) -> int:
    """Rounds until the next look at the clock; none is looked at where iterations count."""
    if course.limits.iterations is not None:
        return max(1, min(A_ROUND_ALONE, course.limits.iterations - in_all))
    return max(1, min(4 * rounds, int(rounds * A_SLICE_S / max(took, 1e-3))))
