"""The nurse at the door: each step with whatever has to come before it, and events to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import Action
from dispatch.models import Assignment, CustodyEntry, FieldEvent, User, Vial, Visit
from dispatch.selectors.protocols import protocol_of
from dispatch.services.assignment import assign_visit
from dispatch.services.custody import receive_vials, witness
from dispatch.services.fieldwork import perform, record_events
from tests.builders import LAST_DAY, NOW, World, at
from tests.readying import make_ready
from tests.telling import (
    CONTENT_UG,
    HERE,
    VIAL,
    WELL,
    accounted_for,
    before_infusion,
    step_data,
    told,
)
from workers import work


def step(visit_id: UUID, action: Action, nurse: Actor, now: datetime, **data: Any) -> None:
    """Do one step, and what has to come before it."""
    protocol = protocol_of(Visit.objects.values_list("protocol_id", flat=True).get(id=visit_id))
    vial, by = str(visit_id)[-12:], {"by": nurse, "now": now}
    if action is Action.START_INFUSION:
        stock(vial, nurse.market_id)
        record_events(visit_id, before_infusion(protocol, now, vial), **by)
    if action is Action.COMPLETE and protocol.drug is not None:
        record_events(visit_id, accounted_for(now, vial), **by)
        sign_all(visit_id, now)
    data = step_data(protocol, action) | data
    perform(visit_id, action, reason="", data=data, expected_version=None, by=nurse, now=now)


def stock(vial: str, market_id: UUID) -> None:
    """Receive a vial with this number into stock, once."""
    if Vial.objects.filter(market_id=market_id, number=vial).exists():
        return
    somebody = User.objects.filter(market_id=market_id).order_by("id")[0]
    receive_vials(
        [vial], drug="ketamine", lot="L7", content_ug=CONTENT_UG, expires_on=LAST_DAY,
        by=Actor(somebody.id, Role.ADMINISTRATOR, market_id), now=NOW,
    )  # fmt: skip


def sign_all(visit_id: UUID, now: datetime) -> None:
    """A prescriber signs what a second person has to see."""
    visit = Visit.objects.get(id=visit_id)
    signs = User.objects.filter(market_id=visit.market_id, role=Role.PRESCRIBER.value)[0]
    by = Actor(signs.id, Role.PRESCRIBER, visit.market_id)
    for entry in CustodyEntry.objects.filter(visit=visit, kind="wasted", signature=None):
        witness(entry.id, by=by, now=now)


def suppose_told(visit: Visit, at: datetime, *kinds: str) -> None:
    """Put events there without their consequences, so that the status may be set by hand.

    What is complete was discharged.
    """
    kinds = (*kinds, "discharge") if "complete" in kinds else kinds
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


def carried_out(visit: Visit, at: datetime) -> None:
    """Take the visit's status to its end, as if all had been told."""
    suppose_told(visit, at, "depart", "arrive", "start-infusion", "end-infusion", "complete")
    for status in ("assigned", "en_route", "arrived", "in_treatment", "recovering", "completed"):
        Visit.objects.filter(id=visit.id).update(status=status)


def ready_visit(world: World) -> Visit:
    """Tomorrow at ten, Alice's, with Nina, every gate open and a vial in stock."""
    world.nina = world.nurse("nina")
    world.shift(world.nina)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    work.deliver_events()
    make_ready(world, visit_id)
    stock(VIAL, world.market.id)
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
