"""Verified visits: what the visit itself tells, what was recorded, and what counts by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from dispatch.domain.clock import local, service_date
from dispatch.domain.people import Actor
from dispatch.domain.verification import Change, CorrectionReason, Element, Elements, corrected
from dispatch.domain.visit import Status
from dispatch.models import Assignment, Nurse, Verification, VerificationCorrection, Visit
from dispatch.selectors.findings import broken_off_at
from dispatch.selectors.protocols import protocol_of

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """``by`` is the user who corrected, null where the nurse's phone told it later."""

    element: Element
    reason: CorrectionReason
    old_value: str
    new_value: str
    at: datetime
    by: UUID | None


@dataclass(frozen=True, slots=True)
class VerifiedVisit:
    """What counts after all corrections; ``lat`` and ``lng`` are the phone's on arrival."""

    id: UUID
    visit: UUID
    service: str
    billing: str
    recipient: str
    date: date
    address: str
    lat: float | None
    lng: float | None
    provider: str
    begun_at: datetime
    ended_at: datetime
    recorded_at: datetime
    corrections: tuple[CorrectionLine, ...]


def elements_of(visit: Visit) -> Elements | None:
    """Return what the visit tells of itself; None where it was not carried out.

    Carried out is a visit that was completed, or broken off after the nurse had arrived.
    """
    begun, ended, nurse = visit.arrived_at, _ended_at(visit), nurse_of(visit)
    if begun is None or ended is None or nurse is None:
        return None
    protocol = protocol_of(visit.protocol_id)
    lat, lng = visit.arrived_lat, visit.arrived_lng
    return Elements(
        service=protocol.code,
        billing="; ".join(f"{one.system} {one.code}" for one in protocol.billing),
        recipient=visit.patient.name,
        address=f"{visit.location.address}, {visit.location.state} {visit.location.zip_code}",
        arrived_at_point=None if lat is None or lng is None else (lat, lng),
        provider=nurse.name,
        begun_at=begun,
        ended_at=ended,
    )


def nurse_of(visit: Visit) -> Nurse | None:
    """Return who was there: a visit that broke off has given its reservation back."""
    last = _last_given(visit)
    return None if last is None else last.nurse


def _ended_at(visit: Visit) -> datetime | None:
    if visit.status == Status.COMPLETED.value:
        return visit.completed_at
    return broken_off_at(visit) if visit.status == Status.ABORTED.value else None


def _last_given(visit: Visit) -> Assignment | None:
    given = Assignment.objects.filter(visit=visit).select_related("nurse")
    return given.order_by("-since").first()


def first_recorded(row: Verification) -> Elements:
    """Return the elements as they were before any correction."""
    return Elements(
        service=row.service,
        billing=row.billing,
        recipient=row.recipient,
        address=row.address,
        arrived_at_point=None if row.lat is None or row.lng is None else (row.lat, row.lng),
        provider=row.provider,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
    )


def what_counts(row: Verification) -> Elements:
    """Return the elements after every correction, in order."""
    return corrected(first_recorded(row), map(_change, in_order(row)))


def told_so_far(row: Verification) -> Elements:
    """Return the elements as the nurse's phone has told them: corrections by hand left out."""
    late = [one for one in in_order(row) if one.reason == CorrectionReason.LATE_DEVICE_RECORD]
    return corrected(first_recorded(row), map(_change, late))


def in_order(row: Verification) -> list[VerificationCorrection]:
    return sorted(row.corrections.all(), key=lambda one: one.number)


def _change(row: VerificationCorrection) -> Change:
    return Change(Element(row.element), row.new_value)


def verifications_of(by: Actor, first: date, last: date) -> QuerySet[Verification]:
    """The rows behind a page: the market's, by the day first recorded, both days included."""
    rows = Verification.objects.filter(
        market_id=by.market_id, service_date__gte=first, service_date__lte=last
    )
    corrections = VerificationCorrection.objects.order_by("number")
    return rows.prefetch_related(Prefetch("corrections", queryset=corrections))


def verified(row: Verification) -> VerifiedVisit:
    now_is = what_counts(row)
    point = now_is.arrived_at_point
    return VerifiedVisit(
        id=row.id,
        visit=row.visit_id,
        service=now_is.service,
        billing=now_is.billing,
        recipient=now_is.recipient,
        date=service_date(now_is.begun_at, row.zone),
        address=now_is.address,
        lat=None if point is None else point[0],
        lng=None if point is None else point[1],
        provider=now_is.provider,
        begun_at=local(now_is.begun_at, row.zone),
        ended_at=local(now_is.ended_at, row.zone),
        recorded_at=row.recorded_at,
        corrections=tuple(_line(one) for one in in_order(row)),
    )


def _line(row: VerificationCorrection) -> CorrectionLine:
    return CorrectionLine(
        element=Element(row.element),
        reason=CorrectionReason(row.reason),
        old_value=row.old_value,
        new_value=row.new_value,
        at=row.corrected_at,
        by=row.corrected_by_id,
    )


@dataclass(frozen=True, slots=True)
class ExportLine:
    """The same as a row of a file; ``corrections`` names each element with the reason."""

    verification: UUID
    visit: UUID
    service: str
    billing: str
    recipient: str
    date: date
    address: str
    arrived_lat: float | None
    arrived_lng: float | None
    provider: str
    begun_at: str
    ended_at: str
    recorded_at: str
    corrections: str


def exported(by: Actor, first: date, last: date) -> Iterator[ExportLine]:
    """Yield a row a visit, by day, read a few hundred at a time."""
    rows = verifications_of(by, first, last).order_by("service_date", "id")
    return map(_export_line, map(verified, rows.iterator(chunk_size=AT_ONCE)))


def _export_line(one: VerifiedVisit) -> ExportLine:
    return ExportLine(
        verification=one.id,
        visit=one.visit,
        service=one.service,
        billing=one.billing,
        recipient=one.recipient,
        date=one.date,
        address=one.address,
        arrived_lat=one.lat,
        arrived_lng=one.lng,
        provider=one.provider,
        begun_at=one.begun_at.isoformat(),
        ended_at=one.ended_at.isoformat(),
        recorded_at=one.recorded_at.isoformat(),
        corrections="; ".join(
            f"{fix.element.value}: {fix.reason.value}" for fix in one.corrections
        ),
    )
