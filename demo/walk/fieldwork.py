"""The nurse: pulls the route, drives, treats, and completes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo.names import username_of
from demo.walk.booking import Visit
from demo.walk.client import Client
from demo.walk.stage import Stage
from demo.walk.trail import StepFailed, done, expect

AFTER_ARRIVAL = (
    ("start-infusion", timedelta(minutes=20), "in_treatment"),
    ("end-infusion", timedelta(minutes=60), "recovering"),
    ("discharge", timedelta(minutes=120), "recovering"),
    ("complete", timedelta(minutes=130), "completed"),
)
"""Step, how long after arrival, and the status that it leads to."""

Route = dict[str, Any]


def assigned_nurse(stage: Stage, visit: Visit) -> Client:
    """Sign in as the nurse who has the visit."""
    nurse = stage.nurse(username_of(visit["nurse"]["name"]))
    expect("the nurse who has the visit", visit["nurse"]["id"], nurse.get("me")["nurse"])
    done("the assigned nurse signs in", visit["nurse"]["name"])
    return nurse


def treat(stage: Stage, nurse: Client, visit: Visit) -> None:
    """Every step at its time, the clock moved from one to the next."""
    stop = _stop(pull_route(nurse, visit), visit)
    done("the nurse pulls the route", f"{stop['travel_s'] // 60} min drive to {stop['zip_code']}")
    expect("gates shut at the door", [], [g["name"] for g in stop["gates"] if not g["open"]])
    _step(stage, nurse, visit, "depart", stop["leave_at"], "en_route")
    _step(stage, nurse, visit, "arrive", stop["start_at"], "arrived")
    for action, after, status in AFTER_ARRIVAL:
        moment = datetime.fromisoformat(stop["start_at"]) + after
        _step(stage, nurse, visit, action, moment.isoformat(), status)


def pull_route(nurse: Client, visit: Visit) -> Route:
    """Return the nurse's day."""
    route: Route = nurse.get("nurses/me/route", date=visit["service_date"])
    return route


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


def _stop(route: Route, visit: Visit) -> dict[str, Any]:
    for stop in route["stops"]:
        if stop["visit"] == visit["id"]:
            return dict(stop)
    raise StepFailed("the nurse's route", f"visit {visit['id']}", route["stops"])


def _step(stage: Stage, nurse: Client, visit: Visit, action: str, moment: str, status: str) -> None:
    stage.move_clock_to(datetime.fromisoformat(moment))
    found = nurse.post(f"visits/{visit['id']}/{action}")
    expect(f"the status after {action}", status, found["status"])
    at = stage.now().astimezone(stage.zone)
    done(f"the nurse: {action}", f"{at:%a %H:%M}, {status}")
