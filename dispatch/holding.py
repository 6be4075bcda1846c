"""Holds: time kept for somebody for a short while, a slot's or that of a series' infusion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.models import Hold, Location, Reservation, Series

HELD_FOR = timedelta(minutes=10)
"""How long a hold keeps its time."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What time is held for: an infusion of a course; of a series, the one so numbered."""

    protocol_id: UUID
    phase: str
    course: int
    asked_nurse_id: UUID | None
    series: Series | None = None
    number: int | None = None


def keep(
    reservation: Reservation,
    window: tuple[datetime, datetime],
    purpose: Purpose,
    *,
    location: Location,
    taken_by_id: UUID,
    now: datetime,
) -> Hold:
    """Hold a reservation for a window at a place."""
    return Hold.objects.create(
        market_id=location.market_id,
        patient_id=location.patient_id,
        location=location,
        protocol_id=purpose.protocol_id,
        phase=purpose.phase,
        course=purpose.course,
        asked_nurse_id=purpose.asked_nurse_id,
        window_start=window[0],
        window_end=window[1],
        reservation=reservation,
        taken_by_id=taken_by_id,
        expires_at=now + HELD_FOR,
        series=purpose.series,
        series_number=purpose.number,
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
