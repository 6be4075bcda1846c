"""Days of nurses and visits to measure the planner on, in VROOM's JSON format, drawn from a seed.

One vehicle is one nurse-shift, one job one visit. Times are seconds after midnight of day 0;
driving is 38 km/h over 1.3 times the straight line, and four minutes to park. Visits crowd around
six centres of a metropolitan area of 50 by 40 km.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HOUR = 3600
NURSE_HAS = (0.60, 0.30, 0.35, 0.50)
VISIT_NEEDS = (0.35, 0.12, 0.12, 0.25)
LENGTHS = {
    "infusion": ((90, 120, 150, 180), (0.35, 0.35, 0.20, 0.10)),
    "mixed": ((30, 60, 120, 180), (0.30, 0.30, 0.25, 0.15)),
    "short": ((30, 45, 60), (0.40, 0.30, 0.30)),
}
"""Minutes on site, with their shares."""
AREA_KM = (50, 40)
CENTRES = 6


def make(
    visits: int, nurses: int, days: int, seed: int, *, kind: str = "infusion", any_day: float = 0.3
) -> dict[str, Any]:
    """Return a problem; the same arguments always give the same one.

    ``any_day`` is the share of visits that may be on any of the days.
    """
    draw = np.random.default_rng(seed)
    durations = _drives(draw, nurses, visits)
    skills = [_some(draw, NURSE_HAS) for _ in range(nurses)]
    shifts = [
        {"id": nurse * days + day + 1, "profile": "car", "start_index": nurse, "end_index": nurse,
         "skills": skills[nurse], "time_window": hours}
        for nurse in range(nurses)
        for day, hours in enumerate(_hours(draw, days))
    ]  # fmt: skip
    jobs = [
        {"id": number + 1, "location_index": nurses + number, "service": _service(draw, kind),
         "skills": _needs(draw, skills), "time_windows": _windows(draw, days, any_day)}
        for number in range(visits)
    ]  # fmt: skip
    return {
        "vehicles": shifts,
        "jobs": jobs,
        "matrices": {"car": {"durations": durations.tolist()}},
    }


def _drives(draw: np.random.Generator, nurses: int, visits: int) -> NDArray[np.int64]:
    centres = draw.uniform([5, 5], [45, 35], (CENTRES, 2))
    shares = draw.dirichlet(np.ones(CENTRES) * 3)
    near = draw.choice(CENTRES, nurses + visits, p=shares)
    km = np.clip(centres[near] + draw.normal(0, 4.5, (nurses + visits, 2)), [0, 0], AREA_KM)
    straight = np.sqrt(((km[:, None] - km[None]) ** 2).sum(-1))
    seconds: NDArray[np.int64] = np.rint(straight * 1.3 / 38 * HOUR + 240).astype(np.int64)
    np.fill_diagonal(seconds, 0)
    return seconds


def _some(draw: np.random.Generator, shares: tuple[float, ...]) -> list[int]:
    return [skill for skill, share in enumerate(shares) if draw.random() < share]


def _needs(draw: np.random.Generator, skills: list[list[int]]) -> list[int]:
    """What some nurse has; of more only the first."""
    needs = _some(draw, VISIT_NEEDS)
    return needs if any(set(needs) <= set(has) for has in skills) else needs[:1]


def _hours(draw: np.random.Generator, days: int) -> list[list[int]]:
    begins = draw.choice([7.0, 7.5, 8.0, 8.5, 10.0], p=[0.2, 0.2, 0.35, 0.15, 0.1])
    length = draw.choice([8.5, 9.0, 10.0], p=[0.5, 0.3, 0.2])
    opens = [int((day * 24 + begins) * HOUR) for day in range(days)]
    return [[one, one + int(length * HOUR)] for one in opens]


def _service(draw: np.random.Generator, kind: str) -> int:
    minutes, shares = LENGTHS[kind]
    return int(draw.choice(minutes, p=shares)) * 60


def _windows(draw: np.random.Generator, days: int, any_day: float) -> list[list[int]]:
    if draw.random() < any_day:
        return [[(day * 24 + 7) * HOUR, (day * 24 + 17) * HOUR] for day in range(days)]
    day, share = int(draw.integers(days)), draw.random()
    width = 2 if share < 0.4 else 4 if share < 0.8 else 9
    opens = 7.5 if width == 9 else float(draw.choice(np.arange(7.5, 16.5 - width, 0.5)))
    return [[int((day * 24 + opens) * HOUR), int((day * 24 + opens + width) * HOUR)]]
