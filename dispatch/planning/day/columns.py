"""Column generation: price routes out until none is missing, and prove a bound on the way.

Duals are smoothed towards those of the best bound (Wentges 1997). At any prices the sum of the
visits' worth and of what each shift's best route saves is a bound (Lagrange), closed or not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dispatch.planning.day.arrays import Arrays
from dispatch.planning.day.course import Course
from dispatch.planning.day.net import Net, net_of
from dispatch.planning.day.pool import Pool
from dispatch.planning.day.pricing import price_out
from dispatch.planning.day.programme import Duals, Programme
from dispatch.planning.day.tours import Floats

SMOOTHING = 0.3
A_ROUND = 10  # new routes per shift and round, at most
STEPS = 300_000  # of one shift's search, before its bound has to do
MOST_STEPS = 30_000_000
CHUNK_S = 0.3
BUCKET_S = 1800
FINEST_BUCKET_S = 300
MOST_BUCKETS = 500
STEP_S = 4e-9  # of pricing: per pair of visits, bucket and shift
ROUNDS = 15


class Found(NamedTuple):
    """What a round over all shifts found: see ``pricing.price_out``."""

    total: float
    new: int
    cut: int
    full: int


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices near those of the programme over all routes, and a bound no plan goes below."""

    duals: Duals
    bound: float


def bucket_of(a: Arrays) -> int | None:
    """Bucket of the completion bound, seconds; None where visits are too short for buckets."""
    places = np.unique(a.place)
    ways = a.travel[np.ix_(places, places)]
    apart = ways[~np.eye(len(places), dtype=bool)]
    neighbours = len(places) < len(a.place) or not len(apart)
    shortest = int(a.service.min()) + (0 if neighbours else int(apart.min()))
    bucket = min(BUCKET_S, shortest)
    longest = int((a.closes - a.opens).max(initial=0))
    return None if bucket < FINEST_BUCKET_S or longest // bucket > MOST_BUCKETS else bucket


def rounds_take(a: Arrays, bucket: int) -> float:
    """About how many seconds it takes to close the programme."""
    nodes = np.bincount(a.pair_shift, minlength=len(a.start)).astype(float)
    return ROUNDS * STEP_S * float((nodes**2 * ((a.closes - a.opens) // bucket + 1)).sum())


class Generation:
    """The programme over all visits and shifts, and the search for routes that are missing."""

    def __init__(self, a: Arrays, pool: Pool, width: int, bucket: int) -> None:
        self.a, self.pool, self.bucket, self.width = a, pool, bucket, width
        none = np.zeros(len(a.most_hours), dtype=np.int64)
        visits, shifts = np.arange(len(a.place)), np.arange(len(a.start))
        self.programme = Programme(a, pool, visits, shifts, none, whole=False)

    def run(self, course: Course, until: float) -> Priced | None:
        """Price out until closed or a share of the time is used; None where no round ended."""
        net = net_of(self.a, self.width, self.bucket, A_ROUND)
        best: Priced | None = None
        steps = STEPS
        while course.goes_on("price", until=until):
            self._take_new()
            exact = self.programme.duals()
            asked = exact if best is None else _towards(exact, best.duals)
            found = self._round(net, asked, steps, course, until)
            if found is not None and not found.new and asked is not exact:
                best = _better(best, asked, found)
                asked = exact
                found = self._round(net, asked, steps, course, until)
            if found is None:
                return best
            best = _better(best, asked, found)
            if found.new:
                continue
            if not found.cut or steps >= MOST_STEPS:
                return replace(best, duals=exact)
            steps *= 10
        return best

    def enumerate(self, priced: Priced, within: float, most: int, course: Course) -> bool:
        """Bring every shift's routes into the pool that cost at most ``within`` too much; True
        where none is missing."""
        net = net_of(self.a, self.width, self.bucket, most)
        wide = replace(priced.duals, rent=priced.duals.rent + within)
        found = self._round(net, wide, STEPS, course, 1.0)
        return found is not None and not found.cut and not found.full

    def _take_new(self) -> None:
        self.programme.add(np.arange(len(self.programme.columns), int(self.pool.used[0])))

    def _round(
        self, net: Net, asked: Duals, steps: int, course: Course, until: float
    ) -> Found | None:
        """One round over all shifts, a few at a time; None where time ran out."""
        sums, first, chunk = np.zeros(4), 0, 4
        while first < len(self.a.start):
            if not course.goes_on("price", until=until):
                return None
            began = course.seconds
            last = min(len(self.a.start), first + chunk)
            sums += price_out(
                self.a, net, self.pool, asked.worth, asked.rent, -asked.hour,
                self.bucket, steps, first, last,
            )  # fmt: skip
            first = last
            chunk = 2 * chunk if course.seconds - began < CHUNK_S / 2 else max(1, chunk // 2)
        return Found(float(sums[0]), int(sums[1]), int(sums[2]), int(sums[3]))


def _better(best: Priced | None, asked: Duals, found: Found) -> Priced:
    """Whichever bound is higher, with its prices."""
    bound = float(asked.worth.sum()) + found.total + asked.allowance
    return best if best is not None and best.bound >= bound else Priced(asked, bound)


def _towards(exact: Duals, best: Duals) -> Duals:
    def mixed(new: Floats, old: Floats) -> Floats:
        return SMOOTHING * old + (1 - SMOOTHING) * new

    return replace(
        exact,
        worth=mixed(exact.worth, best.worth),
        rent=mixed(exact.rent, best.rent),
        hour=mixed(exact.hour, best.hour),
        allowance=SMOOTHING * best.allowance + (1 - SMOOTHING) * exact.allowance,
    )
