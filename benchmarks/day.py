"""Days planned beside VROOM on the same file, in the same wall time, on one thread.

``python -m benchmarks.day`` plans one file of each kind; ``--full`` takes five seeds of each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
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


CASES = (
    Case("infusion", "infusion", 500, 60, 30),
    Case("mixed", "mixed", 500, 60, 30),
    Case("infusion_10s", "infusion", 500, 60, 10),
    Case("short", "short", 500, 60, 30),
    Case("large", "infusion", 1000, 120, 30),
)
DAYS = 3


def main() -> None:
    """One line per plan on standard error while it runs; the JSON line with all comes last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    rows = list(measured(SEEDS[parser.parse_args().full]))
    told = {
        case.name: {
            "ratio": [row["ratio"] for row in rows if row["case"] == case.name],
            "gap": [row["gap"] for row in rows if row["case"] == case.name],
        }
        for case in CASES
    }
    ratios = {name: statistics.median(one["ratio"]) for name, one in told.items()}
    print(json.dumps({"benchmark": "day", "median_ratio": ratios, "cases": told, "plans": rows}))


def measured(seeds: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    for case in CASES:
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
    own, other = travel_of(problem, ours), travel_of(problem, theirs)
    return {
        "unassigned": len(ours["unassigned"]),
        "unassigned_vroom": len(theirs["unassigned"]),
        "travel_s": own,
        "travel_s_vroom": other,
        "ratio": round(own / other, 4),
        "gap": ours["summary"]["gap"],
        "took_s": round(took, 1),
    }


def travel_of(problem: dict[str, Any], plan: dict[str, Any]) -> int:
    seconds = problem["matrices"]["car"]["durations"]
    place = {job["id"]: job["location_index"] for job in problem["jobs"]}
    home = {one["id"]: one["start_index"] for one in problem["vehicles"]}
    total = 0
    for route in plan["routes"]:
        stops = [place[step["id"]] for step in route["steps"] if step["type"] == "job"]
        at = home[route["vehicle"]]
        total += sum(seconds[a][b] for a, b in pairwise([at, *stops, at])) if stops else 0
    return total


if __name__ == "__main__":
    main()
