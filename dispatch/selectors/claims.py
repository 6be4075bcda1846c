"""A wish for a nurse's time, put together from a place, a protocol and a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.clock import seconds
from dispatch.domain.protocol import Protocol
from dispatch.models import Location, Visit
from dispatch.planning.problem import Point, Request
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish for a nurse's time: whose, what part of it is the infusion, and the planner's view."""

    patient_id: UUID
    market_id: UUID
    infusion_from_s: int
    infusion_until_s: int
    request: Request


def claim_on(
    location: Location, protocol: Protocol, start: datetime, end: datetime, nurse_id: UUID | None
) -> Claim:
    """Return the claim for a treatment at a place whose service starts in [start, end]."""
    request = Request(
        point=Point(location.lat, location.lng),
        state=location.state,
        service=protocol.service_s,
        earliest=seconds(start),
        latest=int(end.timestamp()),
        certificates=frozenset(protocol.certificates),
        nurse=nurse_id,
    )
    return Claim(
        location.patient_id,
        location.market_id,
        protocol.infusion_from_s,
        protocol.infusion_until_s,
        request,
    )


def claim_of(visit: Visit) -> Claim:
    """Return the claim of a visit for its own window."""
    return claim_on(
        visit.location,
        protocol_of(visit.protocol_id),
        visit.window_start,
        visit.window_end,
        visit.asked_nurse_id,
    )
