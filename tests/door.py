"""The nurse at the door: each step with whatever has to come before it, and events to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import Action
from dispatch.models import Assignment, CompanionRequest, FieldEvent, Visit
from dispatch.selectors.protocols import protocol_of
from dispatch.services.assignment import assign_visit
from dispatch.services.clinical import record_screening, sign_consent, sign_order
from dispatch.services.fieldwork import perform, record_events
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, World, at
from workers import work

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


def ready_visit(world: World) -> Visit:
    """Tomorrow at ten, Alice's, with Nina, every gate open."""
    world.nina = world.nurse("nina")
    world.shift(world.nina)
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=NOW
    )
    sign_consent(protocol_code=KETAMINE, text_version=1, by=world.alice, now=NOW)
    sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=6,
        dose_ug_per_kg=500, by=world.dora, now=NOW,
    )  # fmt: skip
    carl = world.companion(world.alice)
    visit_id = world.book(world.home(world.alice), world.alice, at(10), companion=carl)
    assign_visit(visit_id, now=NOW)
    work.deliver_events()
    CompanionRequest.objects.update(answer="confirmed")
    return Visit.objects.get(id=visit_id)


def tell(world: World, visit: Visit, *events: dict[str, Any], now: datetime, by=None) -> None:
    """Send events as Nina's phone does, unless somebody else is named; look at the visit again."""
    record_events(visit.id, list(events), by=by or world.nina, now=now)
    visit.refresh_from_db()


def whole_day(world) -> list[dict]:
    protocol = world.protocol()
    return [
        told("depart", at(9, 40)), told("arrive", at(10), **HERE),
        *before_infusion(protocol, at(10, 10)),
        told("start-infusion", at(10, 20), dose_ug=35_000, rate_ug_per_min=900),
        told("vitals", at(10, 30), **WELL), told("rate", at(10, 35), ug_per_min=700),
        told("give", at(10, 20), vial=VIAL, ug=35_000),
        told("side_effect", at(10, 40), code="nausea", text="Slight."),
        told("medication", at(10, 42), name="ondansetron"),
        told("end-infusion", at(11)), told("extend-recovery", at(11, 50), minutes=15),
        told("waste", at(12, 20), vial=VIAL, ug=15_000, witness=str(uuid4())),
        told("discharge", at(12, 15), **step_data(protocol, "discharge")),
        told("complete", at(12, 30)), told("note", at(12, 31), text="Slept well."),
    ]  # fmt: skip
