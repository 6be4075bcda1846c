"""Series as people see them: what is held or booked, infusion by infusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from dispatch.domain.clock import local
from dispatch.domain.people import Actor
from dispatch.domain.series import SeriesState
from dispatch.models import Hold, Series, Visit
from dispatch.selectors.access import series_for
from dispatch.selectors.preparations import coverage_of
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class InfusionLine:
    """One infusion by the patient's clocks; ``nurse`` where promised, ``visit`` once booked."""

    number: int
    start: datetime
    window_end: datetime
    nurse: UUID | None
    visit: UUID | None
    status: str | None


@dataclass(frozen=True, slots=True)
class SeriesDetail:
    """``nurse`` is who was to give most when it was held, promised only where the lines say so.

    ``price_cents`` is what each infusion costs the patient, unless covered.
    """

    id: UUID
    state: str
    patient: UUID
    location: UUID
    protocol: str
    phase: str
    planned: int
    continuity: str
    nurse: UUID | None
    price_cents: int
    coverage: str
    expires_at: datetime
    booked_at: datetime | None
    infusions: tuple[InfusionLine, ...]


def series_seen_by(by: Actor, series_id: UUID, *, now: datetime) -> SeriesDetail:
    """Return one series with its infusions in order. Raises NotFound."""
    series = series_for(by, series_id)
    zone = series.location.zone
    visits = Visit.objects.filter(series=series).order_by("series_number", "id")
    holds = Hold.objects.filter(series=series, expires_at__gt=now).order_by("series_number")
    booked = series.booked_at
    return SeriesDetail(
        id=series.id,
        state=_state(series, now).value,
        patient=series.patient_id,
        location=series.location_id,
        protocol=series.protocol.code,
        phase=series.phase,
        planned=series.planned,
        continuity=series.continuity,
        nurse=series.nurse_id,
        price_cents=protocol_of(series.protocol_id).price_cents,
        coverage=coverage_of(series.patient_id).value,
        expires_at=local(series.expires_at, zone),
        booked_at=None if booked is None else local(booked, zone),
        infusions=(
            *(_booked(visit, zone) for visit in visits),
            *(_line(hold, zone) for hold in holds),
        ),
    )


def _state(series: Series, now: datetime) -> SeriesState:
    state = SeriesState(series.state)
    lapsed = state is SeriesState.HELD and series.expires_at <= now
    return SeriesState.LAPSED if lapsed else state


def _booked(visit: Visit, zone: str) -> InfusionLine:
    return replace(_line(visit, zone), visit=visit.id, status=visit.status)


def _line(one: Visit | Hold, zone: str) -> InfusionLine:
    return InfusionLine(
        number=one.series_number or 0,
        start=local(one.window_start, zone),
        window_end=local(one.window_end, zone),
        nurse=one.asked_nurse_id,
        visit=None,
        status=None,
    )
