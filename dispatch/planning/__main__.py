"""Compile the loops now rather than in the first plan: ``python -m dispatch.planning``."""

import numpy as np

from dispatch.planning.compiled import ALL_COMPILED, IS_KEPT
from dispatch.planning.day.problem import Break, Hours, Limits, Problem, Shift, Terms, Visit
from dispatch.planning.day.solve import solve
from dispatch.planning.day.timetable import timetable
from dispatch.planning.exchange.reasons import Judge

HOUR = 3600
VISITS, NURSES = 6, 3


def main() -> None:
    """Plan two small days, one with driving and windows alone and one with every other term."""
    if ALL_COMPILED.exists():
        return
    ways = np.full((VISITS, VISITS), 900, dtype=np.int32)
    np.fill_diagonal(ways, 0)
    able = np.ones((VISITS, NURSES), dtype=np.bool_)
    free = np.zeros(able.shape, dtype=np.int32)
    visits = tuple(Visit(place, HOUR, ((0, 6 * HOUR),)) for place in range(VISITS))
    shifts = tuple(Shift(nurse, nurse, 0, 8 * HOUR, nurse) for nurse in range(NURSES))
    solve(Problem(ways, visits, shifts, able, free), Limits(seconds=300.0, seed=1))
    pauses = (Break(HOUR // 2, ((2 * HOUR, 5 * HOUR),)),)
    rested = tuple(
        Shift(shift.start, shift.end, 0, 8 * HOUR, shift.nurse, pauses, regular_end=7 * HOUR)
        for shift in shifts
    )
    told = tuple(Visit(v.place, HOUR, v.windows, setup=60, planned=HOUR) for v in visits)
    problem = Problem(
        ways, told, rested, able, free, (Hours(6 * HOUR, 5 * HOUR),) * NURSES, Terms(1.0, 0.1, 50)
    )
    solution = solve(problem, Limits(seconds=300.0, seed=1))
    for shift, route in enumerate(solution.routes):
        timetable(problem, shift, route)
    no_routes = ((),) * NURSES
    Judge(problem, no_routes, np.zeros(able.shape, dtype=np.int64)).answer(0)
    if IS_KEPT:
        ALL_COMPILED.touch()


if __name__ == "__main__":
    main()
