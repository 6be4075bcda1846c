"""Days planned beside VROOM on the same file, in the same wall time, on one thread.

``python -m benchmarks.day`` plans one file of each kind; ``--full`` takes five seeds of each, and
once two minutes. Every plan is driven anew from the order of its stops.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from benchmarks.instances import make
from benchmarks.vroom_peer import solved

SEEDS = {False: (1,), True: (1, 2, 3, 4, 5)}


@dataclass(frozen=True)
class Case:
    """A kind of day, and the wall seconds to plan it in."""

    name: str
    kind: str
    visits: int
    nurses: int
    seconds: float


CASES: tuple[Case, ...] = (
    Case("infusion", "infusion", 500, 60, 30),
    Case("mixed", "mixed", 500, 60, 30),
    Case("infusion_10s", "infusion", 500, 60, 10),
    Case("short", "short", 500, 60, 30),
    Case("large", "infusion", 1000, 120, 30),
)
LONG = (
    Case("infusion_120s", "infusion", 500, 60, 120),
    Case("largest", "infusion", 2000, 250, 120),
)
DAYS = 3


def main() -> None:
    """One line per plan on standard error while it runs; the JSON line with all comes last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rows = [row for case in CASES for row in measured(case, SEEDS[full])]
    rows += [row for case in LONG if full for row in measured(case, (1,))]
    ratios: dict[str, list[float]] = {}
    for row in rows:
        ratios.setdefault(row["case"], []).append(row["ratio"] or float("inf"))
    medians = {case: statistics.median(found) for case, found in ratios.items()}
    print(json.dumps({"benchmark": "day", "median_ratio": medians, "plans": rows}))


def measured(case: Case, seeds: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    for seed in seeds:
        problem = make(case.visits, case.nurses, DAYS, seed, kind=case.kind)
        row = {"case": case.name, "seed": seed, "seconds": case.seconds}
        row |= beside(problem, case.seconds)
        print(row, file=sys.stderr, flush=True)
        yield row


def beside(problem: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Both plans, judged by the order of their stops alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "problem.json")
        path.write_text(json.dumps(problem))
        begun = time.perf_counter()
        command = [sys.executable, "manage.py", "plan", str(path), "--seconds", str(seconds)]
        out = subprocess.run(command, capture_output=True, check=True).stdout
        took = time.perf_counter() - begun
    ours, theirs = json.loads(out), solved(problem, seconds)
    (own, wrong), (other, _) = driven(problem, ours), driven(problem, theirs)
    same = len(ours["unassigned"]) == len(theirs["unassigned"])
    return {
        "unassigned": len(ours["unassigned"]),
        "unassigned_vroom": len(theirs["unassigned"]),
        "travel_s": own,
        "travel_s_vroom": other,
        "ratio": round(own / other, 4) if same else None,
        "gap": ours["summary"]["gap"],
        "violations": wrong,
        "took_s": round(took, 1),
        "peak_mib": getrusage(RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def driven(problem: dict[str, Any], plan: dict[str, Any]) -> tuple[int, int]:
    """Driving seconds of a plan, and how many windows, shifts and skills it breaks."""
    seconds = problem["matrices"]["car"]["durations"]
    jobs = {job["id"]: job for job in problem["jobs"]}
    vehicles = {one["id"]: one for one in problem["vehicles"]}
    total, served, wrong = 0, Counter[int](), 0
    for route in plan["routes"]:
        vehicle = vehicles[route["vehicle"]]
        at, end = vehicle["time_window"]
        here = home = vehicle["start_index"]
        stops = [jobs[step["id"]] for step in route["steps"] if step["type"] == "job"]
        for job in stops:
            served[job["id"]] += 1
            way = seconds[here][job["location_index"]]
            open_ones = [max(at + way, a) for a, b in job["time_windows"] if at + way <= b]
            wrong += not open_ones or not set(job["skills"]) <= set(vehicle["skills"])
            at, here = min(open_ones, default=at + way) + job["service"], job["location_index"]
            total += way
        total += seconds[here][home]
        wrong += bool(stops) and at + seconds[here][home] > end
    return total, wrong + sum(count - 1 for count in served.values())


if __name__ == "__main__":
    main()
