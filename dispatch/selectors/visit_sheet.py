"""A visit as the nurse goes through it: its steps, all that they ask for, and what was told.

Everything is there that a phone without a connection needs until the visit is signed. Of the
screening a nurse sees the outcome, as the gate of the clearance tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.domain.channels import Language
from dispatch.domain.custody import in_hand
from dispatch.domain.field_events import EventType, FieldEvent
from dispatch.domain.gates import Gate
from dispatch.domain.people import Actor, Role
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit_record import VisitRecord
from dispatch.domain.visit_steps import Step, step_of, steps_of
from dispatch.models import User, Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.custody import entries_of_visit
from dispatch.selectors.gates import gates_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.records import record_seen_by, terms_of
from dispatch.selectors.translating import Said
from dispatch.selectors.vials import VialState, vial_line, vials_seen_by

MOST_VIALS = 200


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class VialChoice:
    """By the number on its label; ``left_ug`` is in hand or, before it is checked out, in it."""

    number: str
    lot: str
    left_ug: int
    in_hand: bool


@dataclass(frozen=True, slots=True)
class Witness:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds: the infusion as planned, the least, the planned and the longest recovery.

    Whoever shows it adds to the planned one what was told of lengthening it."""

    infusion_s: int
    least_s: int
    planned_s: int
    most_s: int


@dataclass(frozen=True, slots=True)
class FlagLine:
    """What the record has against itself, and the kind of step at which to say so."""

    code: str
    subject: str
    step: str


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """``companion_duty`` is empty where nobody has to be there. ``most_ug_per_kg`` is what the
    order in force allows, or the protocol where it names no dose; null without a drug.

    ``start_at`` is null once the visit has broken off.
    """

    visit: UUID
    status: str
    protocol: str
    drug: str
    patient: Person
    address: str
    zip_code: str
    access_notes: str
    location_kind: str
    zone: str
    lat: float
    lng: float
    window_start: datetime
    window_end: datetime
    start_at: datetime | None
    end_at: datetime | None
    instructions: Said
    companion_duty: str
    companion: Person | None
    office_phone: str
    gates: tuple[Gate, ...]
    steps: tuple[Step, ...]
    timing: Timing
    most_ug_per_kg: int | None
    vials: tuple[VialChoice, ...]
    witnesses: tuple[Witness, ...]
    told: tuple[FieldEvent, ...]
    flags: tuple[FlagLine, ...]
    advice: str


def sheet_of(by: Actor, visit_id: UUID, language: Language, *, now: datetime) -> VisitSheet:
    """Return the visit as its nurse needs it; ``language`` is hers. Raises NotFound."""
    visit = visit_for(by, visit_id)
    protocol, place, held = protocol_of(visit.protocol_id), visit.location, visit.reservation
    kind = LocationKind(place.kind)
    duty = protocol.companion_rule(kind)
    record = record_seen_by(by, visit.id)
    return VisitSheet(
        visit=visit.id,
        status=visit.status,
        protocol=protocol.name,
        drug="" if protocol.drug is None else protocol.drug.name,
        patient=Person(visit.patient.name, visit.patient.phone),
        address=place.address,
        zip_code=place.zip_code,
        access_notes=place.access_notes,
        location_kind=place.kind,
        zone=place.zone,
        lat=place.lat,
        lng=place.lng,
        window_start=visit.window_start,
        window_end=visit.window_end,
        start_at=None if held is None else held.start_at,
        end_at=None if held is None else held.end_at,
        instructions=_instructions(protocol, kind, language),
        companion_duty="" if duty is None else duty.value,
        companion=_companion(visit),
        office_phone=visit.market.office_phone,
        gates=gates_of(visit, now=now),
        steps=steps_of(protocol, duty),
        timing=_timing(protocol),
        most_ug_per_kg=_most(protocol, visit, now),
        vials=_vials(by, protocol, visit),
        witnesses=_witnesses(by),
        told=record.events,
        flags=_flags(record),
        advice=record.advice,
    )


def plain(event: FieldEvent) -> Mapping[str, Any]:
    """Return an event as phones send it, and whether it counts."""
    return {
        "id": str(event.id), "type": event.type.value, "device_time": event.at.isoformat(),
        "data": dict(event.data), "counts": event.counts,
    }  # fmt: skip


def _instructions(protocol: Protocol, kind: LocationKind, language: Language) -> Said:
    known = language if language in protocol.translated else Language.ENGLISH
    return Said(protocol.instructions_in(language, kind), known.value)


def _companion(visit: Visit) -> Person | None:
    named = visit.companion
    return None if named is None else Person(named.name, named.phone)


def _timing(protocol: Protocol) -> Timing:
    rest = protocol.recovery
    return Timing(protocol.phases.infusion_s, rest.least, rest.planned, rest.most)


def _most(protocol: Protocol, visit: Visit, now: datetime) -> int | None:
    if protocol.drug is None:
        return None
    in_force = [one for one in terms_of(visit).orders if one.since <= now < one.until]
    named = [one.dose_ug_per_kg for one in in_force if one.dose_ug_per_kg is not None]
    return max(named, default=protocol.drug.dose_ug_per_kg.max)


def _vials(by: Actor, protocol: Protocol, visit: Visit) -> tuple[VialChoice, ...]:
    """Those that the visit has, then those in stock, the first to expire first."""
    if protocol.drug is None or not protocol.drug.controlled:
        return ()
    left = in_hand(entries_of_visit(visit.id))
    mine = vials_seen_by(by).filter(id__in=list(left))
    stock = vials_seen_by(by, state=VialState.IN_STOCK).filter(drug_code=protocol.drug.code)
    soonest = stock.exclude(id__in=list(left)).order_by("expires_on", "number")
    return (
        *(VialChoice(one.number, one.lot, left[one.id], in_hand=True) for one in mine),
        *(
            VialChoice(one.number, one.lot, one.in_stock_ug, in_hand=False)
            for one in map(vial_line, soonest[:MOST_VIALS])
        ),
    )


def _witnesses(by: Actor) -> tuple[Witness, ...]:
    """The licensed people of the market, but for oneself."""
    roles = [Role.NURSE.value, Role.PRESCRIBER.value]
    found = User.objects.filter(market_id=by.market_id, role__in=roles, is_active=True)
    rows = found.exclude(id=by.user_id).select_related("nurse").order_by("username")
    return tuple(Witness(one.id, _name(one)) for one in rows)


def _name(user: User) -> str:
    nurse = getattr(user, "nurse", None)
    return user.username if nurse is None else nurse.name


def _flags(record: VisitRecord) -> tuple[FlagLine, ...]:
    return tuple(
        FlagLine(flag.code.value, flag.subject, _at(step_of(flag))) for flag in record.flags
    )


def _at(kind: EventType | None) -> str:
    return "" if kind is None else kind.value
