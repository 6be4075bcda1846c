"""Why a visit was left out of a plan, and the smallest change that would let it in.

The routes stay as planned, in their order; the visit is tried at every position of each. Whether a
route is kept, ``day.driving`` says: here its limits are only lifted one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints, arrays_of
from dispatch.planning.day.driving import LATE
from dispatch.planning.day.problem import Problem, Routes
from dispatch.planning.exchange.lifting import (
    DRIVING,
    FITS,
    HOURS,
    NEXT,
    SKILLS,
    TASKS,
    WINDOW,
    Scratch,
    try_shift,
)

RULES = (
    "skills",
    "max_tasks",
    "max_travel_time",
    "within_shift",
    "arrives_in_window",
    "next_visit_on_time",
)
"""In the order in which a shift falls to them. It falls to the first that, lifted alone, would let
the visit in; to the last where none would: then it is the other visits that leave no room."""

Kind = Literal["skill", "max_tasks", "max_travel_time", "extend_shift", "start_at"]
CHANGES: dict[int, Kind] = {
    SKILLS: "skill",
    TASKS: "max_tasks",
    DRIVING: "max_travel_time",
    HOURS: "extend_shift",
    WINDOW: "start_at",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What would let a visit in on one shift: that many skills more, so much more of a limit, in
    visits or seconds, or, for ``start_at``, that second as the start of service."""

    kind: Kind
    shift: int
    amount: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How many shifts fall to which of ``RULES``, and the smallest change; None where no single
    one would do, or where none is needed."""

    reasons: dict[str, int]
    nearest: Change | None


class Judge:
    """Asks of one plan, again and again; ``missing`` counts skills, shape (visits, shifts)."""

    def __init__(self, problem: Problem, routes: Routes, missing: Ints) -> None:
        self._arrays = arrays_of(problem)
        self._missing = missing
        self._at = np.cumsum([0, *map(len, routes)], dtype=np.int64)
        self._stops = np.array([visit for route in routes for visit in route], dtype=np.int64)
        most = max((len(shift.breaks) for shift in problem.shifts), default=0)
        longest = max(map(len, routes), default=0)
        shape = (longest + 2, most + 1)
        self._scratch = Scratch(np.empty(shape, np.int64), np.empty(shape, np.int64))

    def answer(self, visit: int) -> Answer:
        """Why this visit, which no route serves, is not served."""
        rules, shift, rule, amount = _ask(
            self._arrays, self._at, self._stops, visit, self._missing[visit], self._scratch
        )
        counts = np.bincount(rules[rules != FITS], minlength=len(RULES)).tolist()
        nearest = None if rule == NEXT else Change(CHANGES[rule], shift, amount)
        return Answer({r: n for r, n in zip(RULES, counts, strict=True) if n}, nearest)


def missing_skills(asked: Sequence[frozenset[int]], held: Sequence[frozenset[int]]) -> Ints:
    """How many skills each shift lacks of each visit's, shape (visits, shifts)."""
    kinds = {skills: row for row, skills in enumerate(dict.fromkeys(asked))}
    lacking = np.array([[len(skills - has) for has in held] for skills in kinds], dtype=np.int64)
    return lacking[[kinds[skills] for skills in asked]].reshape(len(asked), len(held))


@compiled
def _ask(
    a: Arrays, at: Ints, stops: Ints, visit: int, missing: Ints, scratch: Scratch
) -> tuple[Ints, int, int, int]:
    """The rule each shift falls to; then shift, rule and amount of the smallest change."""
    rules = np.empty(len(missing), dtype=np.int64)
    least, nearest, changed, amount = LATE, -1, NEXT, 0
    for shift in range(len(missing)):
        tour = np.empty(at[shift + 1] - at[shift] + 1, dtype=np.int64)
        tour[0] = visit
        tour[1:] = stops[at[shift] : at[shift + 1]]
        tried = try_shift(a, shift, tour, missing[shift], least, scratch)
        rules[shift] = tried.rule
        if tried.counts < least:
            least, nearest = tried.counts, shift
            changed, amount = tried.changed, tried.amount
    return rules, nearest, changed, amount
