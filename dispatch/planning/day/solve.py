"""Plan a day: the one way in."""

from __future__ import annotations

from dispatch.planning.day.problem import Limits, Problem, Progress, Routes, Solution, Watch


def never(_: Progress) -> bool:
    return False


def solve(
    problem: Problem, limits: Limits, *, start: Routes | None = None, watch: Watch = never
) -> Solution:
    """The best plan found within the limits: fewest unserved by priority, then least cost.

    ``start`` is the plan in force, which must keep all rules: the answer is never worse.
    """
    raise NotImplementedError
