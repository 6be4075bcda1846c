"""Large neighbourhoods: free all routes near a visit and choose the best cover of known routes.

What is chosen is exact among the routes known. A neighbourhood grows while nothing better is
found, and shrinks where its programme is not solved in time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.planning.day.arrays import Arrays, Ints, Small
from dispatch.planning.day.course import Course
from dispatch.planning.day.pool import Pool, find, remember
from dispatch.planning.day.programme import Duals, Programme
from dispatch.planning.day.tours import (
    Tours,
    copy,
    cost_of,
    empty_tours,
    refresh,
    total_of,
)

SMALLEST, LARGEST = 25, 90
IDLE_SHARE = 5  # one idle shift for so many others
MOST_COLUMNS = 8_000
SECONDS = 2.0  # for one neighbourhood
GROWTH = 1.3
NEAR_ENOUGH = 1e-4  # of what the freed routes cost
PATIENCE = 1.5  # times all routes are freed in vain, before neighbourhoods grow


class Known(NamedTuple):
    """The routes worth a thought, cheapest reduced cost first, as arrays beside each other."""

    column: Ints
    shift: Small
    stop: Small  # filled up with the number of visits


def known_routes(a: Arrays, pool: Pool, duals: Duals, within: float) -> Known:
    """All routes of the pool whose reduced cost is at most ``within``."""
    used = int(pool.used[0])
    stop = pool.stop[:used].copy()
    stop[np.arange(stop.shape[1])[None, :] >= pool.length[:used, None]] = len(a.place)
    worth = np.append(duals.worth, 0.0)
    shift = pool.shift[:used]
    reduced = pool.cost[:used] - worth[stop].sum(axis=1) - duals.rent[shift]
    reduced -= duals.hour[a.nurse[shift]] * pool.hours[:used]
    order = np.argsort(reduced, kind="stable")
    order = order[: int((reduced <= within).sum())]
    return Known(order, shift[order], stop[order])


class Neighbourhoods:
    """``best`` is improved in place; ``near`` lists each visit's neighbours, shape (n, n)."""

    def __init__(
        self, a: Arrays, pool: Pool, known: Known, best: Tours, near: Small, seed: int
    ) -> None:
        self.a, self.pool, self.known, self.best, self.near = a, pool, known, best, near
        self.trial = empty_tours(a)
        self.random = np.random.default_rng(seed)
        self.ways_home = a.travel[np.ix_(a.place, a.start)]
        self.can_be_served = np.diff(a.pair_at) > 0
        self.tried: set[bytes] = set()
        self.size, self.vain = float(SMALLEST), 0.0

    def run(self, course: Course, until: float) -> bool:
        """Improve until a share of the time is used up, or until the plan is proven the best of
        all routes known: then True."""
        whole = False
        while not whole and course.goes_on("combine", until=until):
            shifts = self._shifts_near(int(self.random.integers(len(self.a.place))))
            whole = len(shifts) == len(self.a.start)
            seconds = min(SECONDS, max(0.05, course.left))
            better, proven = self._recombine(shifts, seconds)
            whole = whole and proven
            if better:
                self.vain = 0.0
                course.cost, course.unserved = cost_of(self.a, self.best)
            self.vain += len(shifts) / max(1, int((self.best.length > 0).sum()))
            if not proven:
                self.size = max(SMALLEST, self.size / GROWTH)
            elif self.vain > PATIENCE:
                self.size, self.vain = min(LARGEST, self.size * GROWTH), 0.0
        return whole

    def _shifts_near(self, visit: int) -> Ints:
        """The shifts that serve the visit and its neighbours, and a few idle ones about."""
        serving = self.best.shift_of[self.near[visit]]
        serving = serving[serving >= 0]
        _, first = np.unique(serving, return_index=True)
        busy = serving[np.sort(first)][: int(self.size)]
        idle = np.flatnonzero(self.best.length == 0)
        nearest = np.argsort(self.ways_home[visit, idle], kind="stable")
        return np.concatenate((busy, idle[nearest[: int(self.size) // IDLE_SHARE + 1]]))

    def _recombine(self, shifts: Ints, seconds: float) -> tuple[bool, bool]:
        """Choose anew for some shifts: is the plan better, and was the choice proven best."""
        free = np.zeros(len(self.a.start), dtype=bool)
        free[shifts] = True
        served = np.append(np.isin(self.best.shift_of, shifts), True)
        served[:-1] |= (self.best.shift_of < 0) & self.can_be_served
        current = self._current(shifts)
        asked = np.concatenate((np.sort(shifts), np.sort(current))).tobytes()
        if asked in self.tried:
            return False, True
        self.tried.add(asked)
        fit = free[self.known.shift] & served[self.known.stop].all(axis=1)
        others = np.setdiff1d(self.known.column[fit][:MOST_COLUMNS], current)
        visits = np.flatnonzero(served[:-1])
        worked = self.best.worked - np.bincount(
            self.a.nurse[shifts], self.best.hours[shifts], len(self.best.worked)
        ).astype(np.int64)
        if len(current) < int((self.best.length[shifts] > 0).sum()):
            return False, True  # the pool is full: these routes cannot be told apart
        programme = Programme(self.a, self.pool, visits, shifts, worked, whole=True)
        programme.add(np.concatenate((current, others)))
        enough = 0.0 if free.all() else NEAR_ENOUGH * float(self.best.cost[shifts].sum())
        chosen, proven = programme.choose(np.arange(len(current)), seconds, enough)
        proven = proven and int(fit.sum()) <= MOST_COLUMNS
        if set(chosen.tolist()) == set(current.tolist()):
            return False, proven
        return self._drive(shifts, chosen), proven

    def _current(self, shifts: Ints) -> Ints:
        """The columns of the routes in force."""
        best, columns = self.best, []
        for shift in shifts.tolist():
            stops, count = best.stop[shift], int(best.length[shift])
            if count:
                remember(self.pool, shift, stops, count, best.cost[shift], best.hours[shift])
                columns.append(find(self.pool, shift, stops, count))
        return np.array([column for column in columns if column >= 0], dtype=np.int64)

    def _drive(self, shifts: Ints, chosen: Ints) -> bool:
        """Drive the chosen routes; False, with nothing changed, where they are no better."""
        trial = self.trial
        copy(self.best, trial)
        trial.length[shifts] = 0
        trial.shift_of[np.isin(trial.shift_of, shifts)] = -1
        for column in chosen.tolist():
            shift, count = int(self.pool.shift[column]), int(self.pool.length[column])
            trial.stop[shift, :count] = self.pool.stop[column, :count]
            trial.length[shift] = count
            trial.shift_of[trial.stop[shift, :count]] = shift
        for shift in shifts.tolist():
            refresh(self.a, trial, shift)
        if total_of(self.a, trial) >= total_of(self.a, self.best) - 0.5:
            return False
        copy(trial, self.best)
        return True
