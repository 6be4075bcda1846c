"""What is held for a patient before it is booked: one visit, or all infusions of a series."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.clock import local
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.people import Actor
from dispatch.domain.series import SeriesState
from dispatch.models import Hold, Series, Visit
from dispatch.selectors.access import patient_for, series_for
from dispatch.selectors.preparations import coverage_of
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class HeldWindow:
    """One window by the patient's clocks; the nurse whose time is held for it."""

    start: datetime
    window_end: datetime
    nurse: str


@dataclass(frozen=True, slots=True)
class Held:
    """The windows in order, how long they stay held, and the price of each.

    ``nurse`` is who is to come to most of them, ``with_nurse`` to how many.
    """

    id: UUID
    windows: tuple[HeldWindow, ...]
    expires_at: datetime
    price_cents: int
    coverage: str
    nurse: str
    with_nurse: int


def held_visit(by: Actor, hold_id: UUID, *, now: datetime) -> Held:
    """Return a single held window. Raises Conflict ``hold_expired`` where it is there no more."""
    holds = Hold.objects.filter(id=hold_id, series__isnull=True, expires_at__gt=now)
    return _held(hold_id, list(_own(holds, by)))


def held_series(by: Actor, series_id: UUID, *, now: datetime) -> Held:
    """Return all windows of a held series. Raises NotFound; Conflict ``already_booked``, or
    ``hold_expired`` where they are held no more."""
    series = series_for(by, series_id)
    if series.state not in {SeriesState.HELD, SeriesState.GIVEN_BACK}:
        raise Conflict("already_booked", "The series is booked already.")
    holds = Hold.objects.filter(series=series, expires_at__gt=now).order_by("series_number")
    return _held(series_id, list(_own(holds, by)))


def standing_hold(
    by: Actor, location_id: UUID, protocol_id: UUID, start: datetime | None, *, now: datetime
) -> UUID | None:
    """Return the patient's newest hold of a single visit, at ``start`` if one is named."""
    holds = Hold.objects.filter(
        location_id=location_id, protocol_id=protocol_id, series__isnull=True, expires_at__gt=now
    )
    if start is not None:
        holds = holds.filter(window_start=start)
    return _own(holds, by).order_by("-expires_at").values_list("id", flat=True).first()


def standing_series(by: Actor, location_id: UUID, code: str, *, now: datetime) -> UUID | None:
    """Return the series that is held for the patient, at that place and of that treatment."""
    held = Series.objects.filter(
        patient=patient_for(by, None),
        location_id=location_id,
        protocol__code=code,
        state=SeriesState.HELD.value,
        expires_at__gt=now,
    )
    return held.values_list("id", flat=True).first()


def booked_with(by: Actor, key: str) -> UUID:
    """Return the visit that the patient booked with a key. Raises NotFound."""
    visits = Visit.objects.filter(patient=patient_for(by, None), idempotency_key=key)
    found = visits.values_list("id", flat=True).first()
    if found is None:
        raise NotFound("visit")
    return found


def _own(holds: QuerySet[Hold], by: Actor) -> QuerySet[Hold]:
    own = holds.filter(patient=patient_for(by, None))
    return own.select_related("location", "reservation__nurse")


def _held(held_id: UUID, holds: list[Hold]) -> Held:
    if not holds:
        raise Conflict("hold_expired", "The hold has run out; ask for times again.")
    windows = tuple(
        HeldWindow(
            local(one.window_start, one.location.zone),
            local(one.window_end, one.location.zone),
            one.reservation.nurse.name,
        )
        for one in holds
    )
    (nurse, times), *_ = Counter(one.nurse for one in windows).most_common(1)
    return Held(
        id=held_id,
        windows=windows,
        expires_at=local(holds[0].expires_at, holds[0].location.zone),
        price_cents=protocol_of(holds[0].protocol_id).price_cents,
        coverage=coverage_of(holds[0].patient_id).value,
        nurse=nurse,
        with_nurse=times,
    )
