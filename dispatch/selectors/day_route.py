"""A nurse's day: the stops in order, with the drive to each and what must be known there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.gates import Gate
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import ON_ROUTE
from dispatch.models import Shift, Visit
from dispatch.selectors.gates import gates_of
from dispatch.selectors.preparations import CheckLine, kit_of_day
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class RouteStop:
    visit: UUID
    status: str
    version: int
    patient_name: str
    patient_phone: str
    address: str
    zip_code: str
    access_notes: str
    location_kind: str
    zone: str
    lat: float
    lng: float
    protocol: str
    window_start: datetime
    window_end: datetime
    leave_at: datetime
    start_at: datetime
    end_at: datetime
    travel_s: int
    instructions: str
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class DayRoute:
    """``shift_*`` are null on a day off. ``kit`` is what all the stops together ask for."""

    date: date
    shift_start: datetime | None
    shift_end: datetime | None
    version: int | None
    kit: tuple[CheckLine, ...]
    stops: tuple[RouteStop, ...]


def route_on(nurse_id: UUID, day: date, *, now: datetime) -> DayRoute:
    """Return the nurse's route of that day, the assigned visits only; empty on a day off."""
    shift = Shift.objects.filter(nurse_id=nurse_id, service_date=day).first()
    if shift is None:
        return DayRoute(day, None, None, None, (), ())
    visits = (
        Visit.objects.filter(
            reservation__shift=shift, status__in=[status.value for status in ON_ROUTE]
        )
        .select_related("location", "patient", "protocol", "reservation")
        .order_by("reservation__start_at")
    )
    stops = tuple(_stop(visit, now) for visit in visits)
    kit = kit_of_day(shift.id, now=now)
    return DayRoute(day, shift.start_at, shift.end_at, shift.version, kit, stops)


def _stop(visit: Visit, now: datetime) -> RouteStop:
    held = visit.reservation
    if held is None:
        raise RuntimeError("A visit on a route has its times.")
    place, patient = visit.location, visit.patient
    return RouteStop(
        visit=visit.id,
        status=visit.status,
        version=visit.version,
        patient_name=patient.name,
        patient_phone=patient.phone,
        address=place.address,
        zip_code=place.zip_code,
        access_notes=place.access_notes,
        location_kind=place.kind,
        zone=place.zone,
        lat=place.lat,
        lng=place.lng,
        protocol=visit.protocol.code,
        window_start=visit.window_start,
        window_end=visit.window_end,
        leave_at=held.leave_at,
        start_at=held.start_at,
        end_at=held.end_at,
        travel_s=int((held.start_at - held.leave_at).total_seconds()),
        instructions=protocol_of(visit.protocol_id).instructions[LocationKind(place.kind)],
        gates=gates_of(visit, now=now),
    )
