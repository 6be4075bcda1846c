"""The visit itself: every step at its time, with all that has to come before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from demo.walk.booking import UG_PER_KG, Protocol, Visit
from demo.walk.client import Client
from demo.walk.fieldwork import pull_route, stop_of
from demo.walk.readiness import CONTENT_UG
from demo.walk.stage import Stage
from demo.walk.trail import done, expect, wait_until

WEIGHT_G = 70_000
DOSE_UG = UG_PER_KG * WEIGHT_G // 1000
VITALS = {
    "systolic_mmhg": 118,
    "diastolic_mmhg": 76,
    "heart_rate_bpm": 68,
    "spo2_percent": 98,
    "respiratory_rate_bpm": 14,
}
LONGER_MIN = 15
"""By how much the patient rests longer than planned."""
SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Door:
    """A nurse at a visit that was to begin at ``start``; minutes are counted from there."""

    stage: Stage
    nurse: Client
    visit: Visit
    start: datetime

    def at(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def step(self, action: str, minutes: float, status: str, /, **data: object) -> None:
        """Do a step at its time, and see the status that it leads to."""
        self.stage.move_clock_to(self.at(minutes))
        found = self.nurse.post(f"visits/{self.visit['id']}/{action}", {"data": data})
        expect(f"the status after {action}", status, found["status"])
        at = self.stage.now().astimezone(self.stage.zone)
        done(f"the nurse: {action}", f"{at:%a %H:%M}, {status}")

    def tell(self, minutes: float, *events: dict[str, Any]) -> None:
        """Send what happened until then, each event with an id of its own."""
        self.stage.move_clock_to(self.at(minutes))
        self.nurse.post(f"visits/{self.visit['id']}/events", list(events))

    def event(self, kind: str, minutes: float, /, **data: object) -> dict[str, Any]:
        device_time = self.at(minutes).isoformat()
        return {"id": str(uuid4()), "type": kind, "device_time": device_time, "data": data}

    def chart(self, *minutes: float) -> None:
        """Vitals at these minutes, sent together by a phone that was offline."""
        self.tell(minutes[-1], *(self.event("vitals", one, **VITALS) for one in minutes))


def treat(stage: Stage, nurse: Client, visit: Visit, protocol: Protocol, vial: str) -> None:
    """From departure to the last signature, the clock moved from one step to the next."""
    stop = stop_of(visit, pull_route(nurse, visit))
    done("the nurse pulls the route", f"{stop['travel_s'] // 60} min drive to {stop['zip_code']}")
    door = Door(stage, nurse, visit, datetime.fromisoformat(stop["start_at"]))
    door.step("depart", -stop["travel_s"] / 60, "en_route")
    door.step("arrive", 0, "arrived", lat=stop["lat"], lng=stop["lng"])
    _prepare(door, protocol, vial)
    door.step("start-infusion", 20, "in_treatment", dose_ug=DOSE_UG)
    door.chart(30, 40, 50, 59)
    done("vitals during the infusion", f"every 10 min, {DOSE_UG // 1000} mg given")
    door.step("end-infusion", 60, "recovering")
    door.tell(60, door.event("give", 60, vial=vial, ug=DOSE_UG))
    door.chart(75, 90, 105)
    _rest_longer(door)
    door.chart(120, 134)
    criteria = [item["code"] for item in protocol["discharge"]]
    door.step("discharge", 135, "recovering", criteria=criteria)
    _account_for(door, vial)
    door.step("complete", 145, "completed")
    record = nurse.get(f"visits/{visit['id']}/record")
    expect("what contradicts the record", [], record["flags"])


def _prepare(door: Door, protocol: Protocol, vial: str) -> None:
    home = [item["code"] for item in protocol["readiness"]]
    door.tell(
        18,
        door.event("identity", 2, confirmed=True),
        door.event("companion", 3, present=True),
        door.event("home", 4, items=home),
        door.event("vitals", 8, **VITALS, weight_g=WEIGHT_G),
        door.event("go_no_go", 10, decision="go"),
        door.event("checkout", 18, vial=vial),
    )
    done("before the infusion", f"identity, companion, home, vitals, go, vial {vial}")


def _rest_longer(door: Door) -> None:
    """The rest of the day moves: a worker times the route behind the visit anew."""
    planned = _end(door)
    door.tell(110, door.event("extend-recovery", 110, minutes=LONGER_MIN))
    later = planned + timedelta(minutes=LONGER_MIN) - SLACK
    end = wait_until("the day is timed anew", lambda: _end(door), lambda found: found >= later)
    until = end.astimezone(door.stage.zone)
    done("recovery is extended", f"{LONGER_MIN} min, until {until:%H:%M}; the route is timed anew")


def _account_for(door: Door, vial: str) -> None:
    """What is left of the vial is wasted before a second person's eyes; who signs for it."""
    left = CONTENT_UG - DOSE_UG
    door.tell(138, door.event("waste", 138, vial=vial, ug=left))
    prescriber = door.stage.prescriber
    for entry in prescriber.pages("custody/to-sign"):
        if entry["number"] == vial:
            prescriber.post(f"custody/{entry['id']}/witness")
    custody = door.nurse.get(f"visits/{door.visit['id']}/custody")
    expect("the drug is accounted for", (True, 0), (custody["settled"], custody["balance_ug"]))
    done("the prescriber signs as witness", f"{left // 1000} mg wasted, nothing left over")


def _end(door: Door) -> datetime:
    stop = stop_of(door.visit, pull_route(door.nurse, door.visit))
    return datetime.fromisoformat(stop["end_at"])
