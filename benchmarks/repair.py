"""Two nurses drop out of a full day: how many others get another nurse, and who is left, beside
VROOM that starts from the old plan."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.instances import make
from benchmarks.vroom_peer import routes_of, solved, starting_from
from dispatch.planning.day.problem import Limits
from dispatch.planning.draft import Wish
from dispatch.planning.problem import Credential, Nurse, Point, Request, Seconds, Shift, Stop
from dispatch.planning.repair import repair
from dispatch.planning.timing import retime

SEEDS = range(1, 11)
NURSES, ASKED, OUT = 60, 300, 2
LOAD = 0.95
"""Of the visits that VROOM can place, so many are kept."""
SECONDS, BEFORE_S = 2.0, 5.0
EVER = (0, 10**9)


@dataclass(frozen=True)
class Table:
    """Drives by index: a point's latitude is its row."""

    durations: Seconds

    def matrix(self, origins: Sequence[Point], destinations: Sequence[Point]) -> Seconds:
        rows, columns = ([int(one.lat) for one in some] for some in (origins, destinations))
        return self.durations[np.ix_(rows, columns)]

    def legs(self, path: Sequence[Point]) -> Seconds:
        return np.array(
            [self.durations[int(a.lat), int(b.lat)] for a, b in pairwise(path)], dtype=np.int64
        )


def main() -> None:
    """Ten days; per day visits with another nurse and visits left, ours and VROOM's.

    ``first_no_worse`` counts the days on which our first proposal, which leaves fewest visits, is
    no worse in both; ``some_no_worse`` those on which one of the proposals is.
    """
    measure(0)  # compiles the inner loops
    rows = [measure(seed) for seed in SEEDS]
    told = {
        "benchmark": "repair",
        "seconds": SECONDS,
        "days": rows,
        "of": len(rows),
        "first_no_worse": sum(no_worse(row["ours"][0], row["vroom"]) for row in rows),
        "some_no_worse": sum(
            any(no_worse(one, row["vroom"]) for one in row["ours"]) for row in rows
        ),
    }
    print(json.dumps(told))


def no_worse(ours: dict[str, int], theirs: dict[str, int]) -> bool:
    return all(ours[name] <= theirs[name] for name in ("unserved", "disturbed"))


def measure(seed: int) -> dict[str, Any]:
    problem, routes = full_day(seed)
    gone = random.Random(seed).sample(sorted(one for one in routes if routes[one]), OUT)
    lost = {job for vehicle in gone for job in routes[vehicle]}
    return {
        "seed": seed,
        "visits": len(problem["jobs"]),
        "lost": len(lost),
        **ours(problem, routes, gone, lost),
        **theirs(problem, routes, gone, lost),
    }


def full_day(seed: int) -> tuple[dict[str, Any], dict[int, list[int]]]:
    """A day with as many visits as can be placed, less a twentieth, and its plan."""
    problem = make(ASKED, NURSES, 1, seed)
    placed = sorted(job for jobs in routes_of(solved(problem, BEFORE_S)).values() for job in jobs)
    kept = set(random.Random(seed).sample(placed, round(LOAD * len(placed))))
    problem["jobs"] = [job for job in problem["jobs"] if job["id"] in kept]
    routes = routes_of(solved(problem, BEFORE_S))
    served = {job for jobs in routes.values() for job in jobs}
    problem["jobs"] = [job for job in problem["jobs"] if job["id"] in served]
    return problem, routes


def theirs(
    problem: dict[str, Any], routes: dict[int, list[int]], gone: list[int], lost: set[int]
) -> dict[str, Any]:
    there = [one for one in problem["vehicles"] if one["id"] not in gone]
    begun = time.perf_counter()
    found = solved(starting_from(problem | {"vehicles": there}, routes), SECONDS)
    spent = time.perf_counter() - begun
    return {
        "vroom": judged(routes, routes_of(found), lost, problem),
        "vroom_s": round(spent, 2),
    }


def ours(
    problem: dict[str, Any], routes: dict[int, list[int]], gone: list[int], lost: set[int]
) -> dict[str, Any]:
    travel = Table(np.array(problem["matrices"]["car"]["durations"], dtype=np.int64))
    wishes = {job["id"]: wish_of(job) for job in problem["jobs"]}
    shifts = [shift_of(one, routes, wishes, gone, travel) for one in problem["vehicles"]]
    begun = time.perf_counter()
    found = repair(
        shifts, list(wishes.values()), travel, 0, Limits(seconds=SECONDS), lambda _: False
    )
    spent = time.perf_counter() - begun
    plans = [
        {one.id.int: [stop.id.int for stop in one.stops] for one in proposal.outcome.shifts}
        for proposal in found
    ]
    return {
        "ours": [judged(routes, plan, lost, problem) for plan in plans],
        "ours_s": round(spent, 2),
    }


def wish_of(job: dict[str, Any]) -> Wish:
    ((earliest, latest),) = job["time_windows"]
    needs = frozenset(map(str, job["skills"]))
    point = Point(job["location_index"], 0.0)
    asked = Request(point, "", job["service"], earliest, latest, needs)
    return Wish(UUID(int=job["id"]), asked, (asked,), told=True)


def shift_of(
    vehicle: dict[str, Any],
    routes: dict[int, list[int]],
    wishes: dict[int, Wish],
    gone: list[int],
    travel: Table,
) -> Shift:
    opens, closes = vehicle["time_window"]
    papers = tuple(Credential(str(skill), *EVER) for skill in vehicle["skills"])
    stops, home = [], Point(vehicle["start_index"], 0.0)
    for job in routes.get(vehicle["id"], []):
        asked = wishes[job].request
        stops.append(
            Stop(
                wishes[job].id, asked.point, asked.earliest, asked.latest, asked.service,
                asked.earliest,
            )
        )  # fmt: skip
    nurse = Nurse(UUID(int=10_000 + vehicle["id"]), (Credential("", *EVER),), papers)
    shift = Shift(UUID(int=vehicle["id"]), nurse, opens, closes, home, tuple(stops))
    start = {one.id: one.start for one in retime(shift, travel, 0)}
    stops = [replace(stop, start=start[stop.id]) for stop in stops]
    end = opens if vehicle["id"] in gone else closes
    return replace(shift, stops=tuple(stops), end=end)


def judged(
    before: dict[int, list[int]],
    after: dict[int, list[int]],
    lost: set[int],
    problem: dict[str, Any],
) -> dict[str, int]:
    """Counted by job alone, for both alike; who had a nurse and has none is disturbed, too."""
    had = {job: vehicle for vehicle, jobs in before.items() for job in jobs}
    has = {job: vehicle for vehicle, jobs in after.items() for job in jobs}
    stayed = had.keys() - lost
    return {
        "unserved": len(problem["jobs"]) - len(has),
        "disturbed": sum(has.get(job) != had[job] for job in stayed),
    }


if __name__ == "__main__":
    main()
