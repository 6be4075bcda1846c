"""Holds: time kept for somebody for a short while, a slot's or that of a series' infusion."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.models import Hold, Location, Reservation, Series

HELD_FOR = timedelta(minutes=10)
"""How long a hold keeps its time."""


def keep(
    reservation: Reservation,
    window: tuple[datetime, datetime],
    *,
    location: Location,
    protocol_id: UUID,
    asked_nurse_id: UUID | None,
    taken_by_id: UUID,
    of_series: tuple[Series, int] | None = None,
    now: datetime,
) -> Hold:
    """Hold a reservation for a window at a place; of a series, as the infusion so numbered."""
    series, number = of_series or (None, None)
    return Hold.objects.create(
        market_id=location.market_id,
        patient_id=location.patient_id,
        location=location,
        protocol_id=protocol_id,
        asked_nurse_id=asked_nurse_id,
        window_start=window[0],
        window_end=window[1],
        reservation=reservation,
        taken_by_id=taken_by_id,
        expires_at=now + HELD_FOR,
        series=series,
        series_number=number,
    )


def check_kept(hold: Hold) -> None:
    """Raise Conflict ``slot_taken`` where the nurse runs late and cannot keep the held window."""
    if hold.reservation.start_at > hold.window_end:
        raise Conflict("slot_taken", "The nurse is running late; ask for slots again.")


def give_back(hold: Hold, *, now: datetime) -> None:
    """Free the hold's time; its shift is locked."""
    reservation = hold.reservation
    hold.delete()
    schedule.remove(reservation, now=now)
