"""The nurse's day: the route she pulls, and what the dispatcher sees of it."""

from __future__ import annotations

from typing import Any

from demo.names import username_of
from demo.walk.booking import Visit
from demo.walk.client import Client
from demo.walk.stage import Stage
from demo.walk.trail import StepFailed, done, expect

Route = dict[str, Any]


def assigned_nurse(stage: Stage, visit: Visit) -> Client:
    """Sign in as the nurse who has the visit."""
    nurse = stage.nurse(username_of(visit["nurse"]["name"]))
    expect("the nurse who has the visit", visit["nurse"]["id"], nurse.get("me")["nurse"])
    done("the assigned nurse signs in", visit["nurse"]["name"])
    return nurse


def pull_route(nurse: Client, visit: Visit) -> Route:
    """Return the nurse's day."""
    route: Route = nurse.get("nurses/me/route", date=visit["service_date"])
    return route


def stop_of(visit: Visit, route: Route) -> dict[str, Any]:
    """Return the visit as it stands on the route."""
    for stop in route["stops"]:
        if stop["visit"] == visit["id"]:
            return dict(stop)
    raise StepFailed("the nurse's route", f"visit {visit['id']}", route["stops"])


def seen_on_board(stage: Stage, visit: Visit) -> None:
    """The dispatcher's board shows the visit as completed."""
    board = stage.dispatcher.get("board", market=stage.market["id"], date=visit["service_date"])
    shown = {
        stop["visit"]["id"]: stop["visit"]["status"]
        for shift in board["shifts"]
        for stop in shift["stops"]
    }
    expect("the visit on the board", "completed", shown.get(visit["id"]))
    done("the dispatcher's board shows it", f"completed, one of {len(shown)} that day")
