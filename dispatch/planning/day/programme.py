"""Which of the routes known to drive: each visit served, each shift driven once, hours kept.

As a linear programme its duals are the prices at which new routes are looked for; with whole
numbers it is the best plan made of known routes. Solved by HiGHS (Huangfu, Hall 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from dispatch.planning.day.arrays import UNBOUND, Arrays, Ints
from dispatch.planning.day.pool import Pool
from dispatch.planning.day.tours import Floats

INFINITE = highspy.kHighsInf
HALF = 0.5
LESS_THAN_A_SECOND = 0.9
WHOLE = 1  # HiGHS's mark for a variable of whole numbers


@dataclass(frozen=True, slots=True)
class Duals:
    """``worth`` of each visit (not below 0), ``rent`` of each shift and ``hour`` of each nurse's
    second (neither above 0); ``allowance`` is what the hours that are free to work add up to."""

    worth: Floats
    rent: Floats
    hour: Floats
    allowance: float


class Programme:
    """Over some visits and shifts; ``elsewhere`` is what each nurse works on other shifts.

    Rows: visits (served at least once; exactly once where routes are to be chosen ``whole``),
    shifts, and for every nurse with limits her most and her fair hours. The first columns leave a
    visit out, or exceed a fair share; then come routes as they are added.
    """

    def __init__(
        self, a: Arrays, pool: Pool, visits: Ints, shifts: Ints, elsewhere: Ints, *, whole: bool
    ) -> None:
        self.a, self.pool = a, pool
        self.visits, self.shifts, self.whole = visits, shifts, whole
        bound = (a.most_hours < UNBOUND) | (a.fair_hours < UNBOUND)
        self.nurses = np.unique(a.nurse[shifts][bound[a.nurse[shifts]]])
        self.visit_row = _rows(visits, 0, len(a.place))
        self.shift_row = _rows(shifts, len(visits), len(a.start))
        self.hours_row = _rows(self.nurses, 0, len(a.most_hours))
        self.first_hours = len(visits) + len(shifts)
        self.columns = np.zeros(0, dtype=np.int64)
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        self._lay_rows(elsewhere)
        self._lay_slacks()

    def _lay_rows(self, elsewhere: Ints) -> None:
        count = self.first_hours + 2 * len(self.nurses)
        lower, upper = np.full(count, -INFINITE), np.full(count, INFINITE)
        lower[: len(self.visits)] = 1.0
        if self.whole:
            upper[: len(self.visits)] = 1.0
        upper[len(self.visits) : self.first_hours] = 1.0
        for k, hours in enumerate((self.a.most_hours, self.a.fair_hours)):
            left = hours[self.nurses] - elsewhere[self.nurses]
            free = hours[self.nurses] >= UNBOUND
            upper[self.first_hours + k :: 2] = np.where(free, INFINITE, np.maximum(left, 0))
        self.free_hours = upper[self.first_hours :]
        none = np.zeros(0, dtype=np.int32)
        self.highs.addRows(count, lower, upper, 0, none, none, np.zeros(0))

    def _lay_slacks(self) -> None:
        over = self.first_hours + 1 + 2 * np.arange(len(self.nurses))
        rows = np.concatenate((np.arange(len(self.visits)), over))
        cost = np.concatenate(
            (self.a.loss[self.visits].astype(float), np.full(len(over), self.a.unfair))
        )
        value = np.concatenate((np.ones(len(self.visits)), -np.ones(len(over))))
        self.slacks = len(rows)
        self._add(cost, np.arange(len(rows) + 1), rows, value)

    def add(self, columns: Ints) -> None:
        """Bring in routes of the pool; all they serve and use must be within the programme."""
        pool, a = self.pool, self.a
        counts = pool.length[columns].astype(np.int64)
        nurse = a.nurse[pool.shift[columns]]
        limited = self.hours_row[nurse] >= 0
        starts = np.concatenate(([0], np.cumsum(counts + 1 + 2 * limited)))
        rows = np.zeros(starts[-1], dtype=np.int64)
        values = np.ones(starts[-1])
        stops = pool.stop[columns]
        for i in range(int(counts.max(initial=0))):
            has = counts > i
            rows[starts[:-1][has] + i] = self.visit_row[stops[has, i]]
        rows[starts[:-1] + counts] = self.shift_row[pool.shift[columns]]
        for k in (1, 2):
            at = (starts[:-1] + counts + k)[limited]
            rows[at] = self.first_hours + 2 * self.hours_row[nurse[limited]] + k - 1
            values[at] = pool.hours[columns[limited]]
        self.columns = np.concatenate((self.columns, columns))
        self._add(pool.cost[columns], starts, rows, values)

    def duals(self) -> Duals:
        """Solve as a linear programme. Routes in hand whose cost has fallen count with it."""
        count = len(self.columns)
        if count:
            at = np.arange(self.slacks, self.slacks + count, dtype=np.int32)
            self.highs.changeColsCost(count, at, self.pool.cost[self.columns])
        self.highs.run()
        dual = np.array(self.highs.getSolution().row_dual)
        worth = np.zeros(len(self.a.place))
        rent = np.zeros(len(self.a.start))
        hour = np.zeros(len(self.a.most_hours))
        worth[self.visits] = np.maximum(dual[: len(self.visits)], 0.0)
        rent[self.shifts] = np.minimum(dual[len(self.visits) : self.first_hours], 0.0)
        hours = np.minimum(dual[self.first_hours :], 0.0)
        hour[self.nurses] = hours[::2] + hours[1::2]
        free = np.where(hours < 0, self.free_hours, 0)
        return Duals(worth, rent, hour, float((hours * free).sum()))

    def choose(self, chosen: Ints, seconds: float, enough: float) -> tuple[Ints, bool]:
        """The cheapest routes that make a plan, and whether that is proven within the seconds.

        ``chosen`` are positions among those added which make a plan to begin with. It is ``enough``
        to come so near to the best, or within a second.
        """
        total = self.slacks + len(self.columns)
        at = np.arange(total, dtype=np.int32)
        self.highs.changeColsIntegrality(total, at, np.full(total, WHOLE, dtype=np.uint8))
        self.highs.setOptionValue("time_limit", seconds)
        self.highs.setOptionValue("mip_rel_gap", 0.0)  # of all, losses too: far too much
        self.highs.setOptionValue("mip_abs_gap", max(LESS_THAN_A_SECOND, enough))
        self._begin_with(chosen)
        self.highs.run()
        if (
            self.highs.getInfo().primal_solution_status
            != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            return self.columns[chosen], False
        value = np.array(self.highs.getSolution().col_value)[self.slacks :]
        proven = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return self.columns[value > HALF], proven

    def _begin_with(self, chosen: Ints) -> None:
        value = np.zeros(self.slacks + len(self.columns))
        value[self.slacks + chosen] = 1.0
        served = np.zeros(len(self.a.place), dtype=bool)
        for column in self.columns[chosen]:
            served[self.pool.stop[column, : self.pool.length[column]]] = True
        value[: len(self.visits)] = ~served[self.visits]
        if served[self.visits].all():  # then nobody need be left out of a better plan either
            count = len(self.visits)
            at = np.arange(count, dtype=np.int32)
            self.highs.changeColsBounds(count, at, np.zeros(count), np.zeros(count))
        solution = highspy.HighsSolution()
        solution.col_value = value.tolist()
        solution.value_valid = True
        self.highs.setSolution(solution)

    def _add(self, cost: Floats, starts: Ints, rows: Ints, values: Floats) -> None:
        count = len(cost)
        self.highs.addCols(
            count, cost, np.zeros(count), np.full(count, INFINITE), len(rows),
            starts[:-1].astype(np.int32), rows.astype(np.int32), values,
        )  # fmt: skip


def _rows(members: Ints, first: int, size: int) -> Ints:
    """Where each member's row stands, from ``first`` on; -1 for all that are none."""
    rows = np.full(size, -1, dtype=np.int64)
    rows[members] = first + np.arange(len(members))
    return rows
