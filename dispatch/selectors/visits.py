"""Visits as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.errors import NotFound
from dispatch.domain.gates import Gate
from dispatch.domain.people import Actor, Role
from dispatch.domain.sending import BEFORE_ARRIVAL
from dispatch.domain.visit import ON_ROUTE, Status
from dispatch.models import Visit
from dispatch.selectors.access import visits_of
from dispatch.selectors.gates import gates_of
from dispatch.selectors.preparations import CheckLine, coverage_of, home_for, lines_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.wording import spoken


@dataclass(frozen=True, slots=True)
class NurseCard:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Window:
    """When the nurse comes; while not promised, when the patient would like her to."""

    start: datetime
    end: datetime
    promised: bool


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in a list."""

    id: UUID
    status: str
    patient: UUID
    protocol: str
    location: UUID
    location_kind: str
    service_date: date
    window: Window
    nurse: NurseCard | None
    companion: UUID | None
    series: UUID | None
    series_number: int | None
    unassigned_because: dict[str, int] | None
    version: int
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class VisitDetail(VisitLine):
    """One visit with its gates and what has happened so far.

    ``expected_start`` is when the nurse is now expected, where that is after the window.
    ``ended_code`` is the reason from the protocol's list for which it broke off, empty for those
    whom that does not concern; ``fee_cents`` is
    what is owed for a visit that did not take place or broke off, null while nothing says so.
    """

    gates: tuple[Gate, ...]
    readiness: tuple[CheckLine, ...]
    price_cents: int
    coverage: str
    planned_start: datetime | None
    planned_end: datetime | None
    expected_start: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    infusion_started_at: datetime | None
    infusion_ended_at: datetime | None
    discharged_at: datetime | None
    completed_at: datetime | None
    recovery_extended_s: int
    ended_code: str
    fee_cents: int | None


def visits_seen_by(by: Actor, **filters: object) -> QuerySet[Visit]:
    """The rows behind a page of a list; the door turns each into a ``line`` once it has a page."""
    return (
        visits_of(by).filter(**filters).select_related("location", "protocol", "reservation__nurse")
    )


def visit_seen_by(by: Actor, visit_id: UUID, *, now: datetime) -> VisitDetail:
    """Return one visit with its gates. Raises NotFound."""
    visit = visits_seen_by(by, id=visit_id).first()
    if visit is None:
        raise NotFound("visit")
    held = visit.reservation
    shown = held if by.role is not Role.PATIENT else None
    base, protocol = line(visit), protocol_of(visit.protocol_id)
    return VisitDetail(
        **{name: getattr(base, name) for name in VisitLine.__slots__},
        gates=gates_of(visit, now=now),
        readiness=lines_of(home_for(visit, protocol, now=now)),
        price_cents=protocol.price_cents,
        coverage=coverage_of(visit.patient_id).value,
        planned_start=None if shown is None else shown.start_at,
        planned_end=None if shown is None else shown.end_at,
        expected_start=_expected_start(visit),
        departed_at=visit.departed_at,
        arrived_at=visit.arrived_at,
        infusion_started_at=visit.infusion_started_at,
        infusion_ended_at=visit.infusion_ended_at,
        discharged_at=visit.discharged_at,
        completed_at=visit.completed_at,
        recovery_extended_s=visit.recovery_extended_s,
        ended_code=visit.ended_code if is_told(by.role, Fact.BREAKING_OFF) else "",
        fee_cents=visit.fee_cents,
    )


def line(visit: Visit) -> VisitLine:
    return VisitLine(
        id=visit.id,
        status=visit.status,
        patient=visit.patient_id,
        protocol=visit.protocol.code,
        location=visit.location_id,
        location_kind=visit.location.kind,
        service_date=visit.service_date,
        window=Window(visit.window_start, visit.window_end, visit.window_promised),
        nurse=_nurse(visit),
        companion=visit.companion_id,
        series=visit.series_id,
        series_number=visit.series_number,
        unassigned_because=visit.unassigned_because,
        version=visit.version,
        booked_at=visit.booked_at,
    )


def _expected_start(visit: Visit) -> datetime | None:
    held = visit.reservation
    if held is None or Status(visit.status) not in BEFORE_ARRIVAL:
        return None
    return spoken(held.start_at) if held.start_at > visit.window_end else None


def _nurse(visit: Visit) -> NurseCard | None:
    """A witness is not a promise: no name before the visit is assigned."""
    if visit.reservation is None or Status(visit.status) not in ON_ROUTE:
        return None
    return NurseCard(visit.reservation.nurse_id, visit.reservation.nurse.name)
