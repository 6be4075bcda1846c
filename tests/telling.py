"""What a nurse's phone tells: events, and the data of steps where all goes well."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import Action

VIAL = "V-1"
HERE = {"lat": 38.9072, "lng": -77.0369}
WELL = {
    "systolic_mmhg": 120,
    "diastolic_mmhg": 80,
    "heart_rate_bpm": 70,
    "spo2_percent": 98,
    "respiratory_rate_bpm": 14,
    "weight_g": 70_000,
}
DOSE_UG = 35_000
CONTENT_UG = 50_000
"""What a vial holds."""


def told(kind: str, at: datetime, **data: Any) -> dict[str, Any]:
    """One event as a phone sends it."""
    return {"id": str(uuid4()), "type": kind, "device_time": at.isoformat(), "data": data}


def before_infusion(protocol: Protocol, at: datetime, vial: str = VIAL) -> list[dict[str, Any]]:
    """What has to be known before the infusion begins, all of it well."""
    events = [
        told("identity", at, confirmed=True),
        told("companion", at, present=True),
        told("home", at, items=[item.code for item in protocol.readiness]),
        told("vitals", at, **WELL),
        told("go_no_go", at, decision="go"),
    ]
    if protocol.drug and protocol.drug.controlled:
        events.append(told("checkout", at, vial=vial))
    return events


def step_data(protocol: Protocol, action: str) -> dict[str, Any]:
    """What a step carries where all goes well."""
    if action == Action.START_INFUSION:
        return {"dose_ug": DOSE_UG}
    if action == Action.DISCHARGE:
        return {"criteria": [item.code for item in protocol.discharge]}
    return {"reason": "patient_stopped"} if action == Action.ABORT else {}


def accounted_for(at: datetime, vial: str = VIAL) -> list[dict[str, Any]]:
    """What was given of the vial, and that the rest was wasted."""
    return [
        told("give", at, vial=vial, ug=DOSE_UG),
        told("waste", at, vial=vial, ug=CONTENT_UG - DOSE_UG),
    ]
