"""The record of a visit: gathers what was told and what it is judged by, and lets the domain fold.

Whoever treats the patient sees all of it; a dispatcher sees how far the visit has come, and which
flags it has, but nothing that was measured, given or written down.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dispatch.domain.charting import DoseOrder, Terms
from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.field_events import EventType, FieldEvent
from dispatch.domain.gates import Validity
from dispatch.domain.people import Actor, Role
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import Status
from dispatch.domain.visit_record import Flag, VisitRecord, fold
from dispatch.gateways.travel import distance_m
from dispatch.models import Assignment, Clearance, Consent, Location, Order, Visit
from dispatch.models import FieldEvent as EventRow
from dispatch.planning.problem import Point
from dispatch.selectors.access import attended_by, visits_of
from dispatch.selectors.protocols import protocol_of


def record_of(visit: Visit, *, settled: bool) -> VisitRecord:
    """Return the record; ``settled`` says whether the visit's drug is accounted for."""
    return fold(events_of(visit), terms_of(visit), settled=settled)


def record_seen_by(by: Actor, visit_id: UUID) -> VisitRecord:
    """Return the record as this person may see it. Raises NotFound."""
    visit = attended_by(by, visit_id)
    record = record_of(visit, settled=visit.status == Status.COMPLETED.value)
    hers = by.role is not Role.NURSE or visits_of(by).filter(id=visit.id).exists()
    if is_told(by.role, Fact.FINDINGS) and hers:
        return record
    shown = _without_findings(record)
    return shown if by.role is Role.DISPATCHER else replace(shown, advice=record.advice)


def events_of(visit: Visit) -> tuple[FieldEvent, ...]:
    """Return all that was told of the visit.

    What counts is what the nurse told who has it now, or had it last, while it was hers.
    """
    rows = EventRow.objects.filter(visit=visit).select_related("refusal")
    current = latest_assignment(visit)
    mine = None if current is None else current.id
    return tuple(_event(row, mine, visit.location) for row in rows)


def latest_assignment(visit: Visit) -> Assignment | None:
    """Return under which assignment the visit is done, or was last to be."""
    return Assignment.objects.filter(visit=visit).order_by("-since", "-id").first()


def terms_of(visit: Visit) -> Terms:
    """Return what the visit is judged by; a paper that was withdrawn held until then."""
    protocol = protocol_of(visit.protocol_id)
    papers = {"patient_id": visit.patient_id, "protocol_code": protocol.code}
    orders = [
        (one.dose_ug_per_kg, _held(one, one.confirmed_at if one.to_confirm else one.since))
        for one in Order.objects.filter(**papers)
        if one.confirmed_at is not None or not one.to_confirm
    ]
    return Terms(
        protocol=protocol,
        companion_duty=protocol.companion_rule(LocationKind(visit.location.kind)),
        orders=tuple(DoseOrder(held.since, held.until, dose) for dose, held in orders),
        exact_place=not visit.location.approximate,
        papers={
            "clearance": tuple(_held(one, one.since) for one in Clearance.objects.filter(**papers)),
            "order": tuple(held for _, held in orders),
            "consent": tuple(_held(one, one.since) for one in Consent.objects.filter(**papers)),
        },
    )


def _held(paper: Clearance | Consent | Order, since: datetime | None) -> Validity:
    return Validity(since or paper.since, min(paper.until, paper.withdrawn_at or paper.until))


def _event(row: EventRow, assignment_id: UUID | None, place: Location) -> FieldEvent:
    data = json.loads(row.data)
    return FieldEvent(
        id=row.id,
        type=EventType(row.type),
        at=row.device_time,
        data=data,
        counts=row.assignment_id is not None and row.assignment_id == assignment_id,
        closed_gates=tuple(row.closed_gates),
        off_m=_metres_off(data, place) if row.type == EventType.ARRIVE else None,
        refused=hasattr(row, "refusal"),
    )


def _metres_off(data: dict[str, float], place: Location) -> int | None:
    if "lat" not in data:
        return None
    there = Point(place.lat, place.lng)
    return round(distance_m(Point(data["lat"], data["lng"]), there))


def _without_findings(record: VisitRecord) -> VisitRecord:
    codes = sorted({flag.code for flag in record.flags})
    return replace(
        record,
        ended_code="",
        ended_because="",
        baseline={},
        broken_limits=(),
        decision=None,
        dose_ug=None,
        missed_vitals=(),
        discharge_missing=(),
        advice="",
        flags=tuple(map(Flag, codes)),
        events=(),
    )
