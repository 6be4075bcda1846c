"""VROOM, the peer: solves a problem in its own format, from nothing or from given routes."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import vroom


def solved(problem: dict[str, Any], seconds: float) -> dict[str, Any]:
    """VROOM's answer, one thread, thorough."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "problem.json"), Path(folder, "plan.json")
        given.write_text(json.dumps(problem))
        plan = vroom.Input.from_json(given).solve(
            exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds)
        )
        plan.to_json(str(answer))
        found: dict[str, Any] = json.loads(answer.read_text())
        return found


def routes_of(plan: dict[str, Any]) -> dict[int, list[int]]:
    """By vehicle the jobs that it serves, in order."""
    return {
        route["vehicle"]: [step["id"] for step in route["steps"] if step["type"] == "job"]
        for route in plan["routes"]
    }


def starting_from(problem: dict[str, Any], routes: dict[int, list[int]]) -> dict[str, Any]:
    """The problem with routes for VROOM to begin with."""
    vehicles = [one | {"steps": _steps(routes.get(one["id"], []))} for one in problem["vehicles"]]
    return problem | {"vehicles": vehicles}


def _steps(jobs: list[int]) -> list[dict[str, Any]]:
    return [{"type": "start"}, *({"type": "job", "id": one} for one in jobs), {"type": "end"}]
