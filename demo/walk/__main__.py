"""`python -m demo.walk`: walks the main job through the running service; exits 1 where it stops."""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from urllib.error import URLError

from demo.walk.afterwards import read_superbill, seen_verified
from demo.walk.booking import Visit, book, sign_papers, wait_for_nurse
from demo.walk.client import Refused
from demo.walk.fieldwork import Route, assigned_nurse, pull_route, seen_on_board
from demo.walk.messages import confirm_as_companion, look_after, open_summary, remind, sent
from demo.walk.readiness import (
    agree_to_share,
    get_home_ready,
    pack_kit,
    receive_vial,
    see_gates_open,
)
from demo.walk.stage import Stage
from demo.walk.trail import StepFailed, console, expect, show_route
from demo.walk.treatment import treat

WITH_NURSE = frozenset(
    {"assigned", "en_route", "arrived", "in_treatment", "recovering", "completed"}
)


def main() -> int:
    """Walk, and print the summary as the last line."""
    try:
        summary = walk(Stage.found())
    except (StepFailed, Refused, URLError, OSError) as stop:
        console.print(f" [red]✗ {type(stop).__name__}[/red]  {stop}", markup=True)
        return 1
    print(json.dumps(summary), flush=True)  # noqa: T201 - the result, on stdout
    return 0


def walk(stage: Stage) -> dict[str, int]:
    """Return the counts, read back from the API."""
    begun = time.monotonic()
    protocol = sign_papers(stage)
    agree_to_share(stage)
    visit = wait_for_nurse(stage, book(stage, protocol))
    confirm_as_companion(stage, visit)
    get_home_ready(stage, visit, protocol)
    nurse = assigned_nurse(stage, visit)
    pack_kit(nurse, visit)
    see_gates_open(stage, visit)
    vial = receive_vial(stage)
    remind(stage, visit)
    treat(stage, nurse, visit, protocol, vial)
    seen_verified(stage, visit)
    open_summary(stage, visit, read_superbill(stage, visit))
    look_after(stage, visit)
    seen_on_board(stage, visit)
    route = pull_route(nurse, visit)
    show_route(visit["nurse"]["name"], route, stage.market["zone"])
    return _summary(stage, visit, route, time.monotonic() - begun)


def _summary(stage: Stage, visit: Visit, route: Route, seconds: float) -> dict[str, int]:
    statuses: list[Any] = [one["status"] for one in stage.dispatcher.pages("visits")]
    summary = {
        "booked": len(statuses),
        "assigned": sum(status in WITH_NURSE for status in statuses),
        "messages_sent": sent(stage, visit),
        "route_stops": len(route["stops"]),
        "completed": statuses.count("completed"),
        "seconds": max(1, round(seconds)),
    }
    expect("counts that are zero", [], [name for name, count in summary.items() if not count])
    return summary


if __name__ == "__main__":
    sys.exit(main())
