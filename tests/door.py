"""The nurse at the door: each step with whatever has to come before it, and events to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import Action
from dispatch.models import Assignment, FieldEvent, Visit
from dispatch.selectors.protocols import protocol_of
from dispatch.services.fieldwork import perform, record_events

VIAL = "V-1"
WELL = {
    "systolic_mmhg": 120,
    "diastolic_mmhg": 80,
    "heart_rate_bpm": 70,
    "spo2_percent": 98,
    "respiratory_rate_bpm": 14,
    "weight_g": 70_000,
}
DOSE_UG = 35_000


def told(kind: str, at: datetime, **data: Any) -> dict[str, Any]:
    """One event as a phone sends it."""
    return {"id": str(uuid4()), "type": kind, "device_time": at.isoformat(), "data": data}


def before_infusion(protocol: Protocol, at: datetime) -> list[dict[str, Any]]:
    """What has to be known before the infusion begins, all of it well."""
    events = [
        told("identity", at, confirmed=True),
        told("companion", at, present=True),
        told("home", at, items=[item.code for item in protocol.readiness]),
        told("vitals", at, **WELL),
        told("go_no_go", at, decision="go"),
    ]
    if protocol.drug and protocol.drug.controlled:
        events.append(told("checkout", at, vial=VIAL))
    return events


def step_data(protocol: Protocol, action: str) -> dict[str, Any]:
    """What a step carries where all goes well."""
    if action == Action.START_INFUSION:
        return {"dose_ug": DOSE_UG}
    if action == Action.DISCHARGE:
        return {"criteria": [item.code for item in protocol.discharge]}
    return {"reason": "patient_stopped"} if action == Action.ABORT else {}


def step(visit_id: UUID, action: Action, nurse: Actor, now: datetime, **data: Any) -> None:
    """Do one step, and before the infusion what has to come first."""
    protocol = protocol_of(Visit.objects.values_list("protocol_id", flat=True).get(id=visit_id))
    if action is Action.START_INFUSION:
        record_events(visit_id, before_infusion(protocol, now), by=nurse, now=now)
    data = step_data(protocol, action) | data
    perform(visit_id, action, reason="", data=data, expected_version=None, by=nurse, now=now)


def suppose_told(visit: Visit, at: datetime, *kinds: str) -> None:
    """Put events there without their consequences, so that the status may be set by hand."""
    held = visit.reservation
    nurse = held.nurse if held is not None else Assignment.objects.filter(visit=visit)[0].nurse
    given = Assignment.objects.get_or_create(
        visit=visit, until=None, defaults={"market": visit.market, "nurse": nurse, "since": at}
    )[0]
    for kind in kinds:
        FieldEvent.objects.create(
            market=visit.market, visit=visit, assignment=given, type=kind, device_time=at,
            received_at=at, recorded_by=nurse.user, data="{}",
        )  # fmt: skip
