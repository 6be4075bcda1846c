"""How many nurses could take each of many visits, counted in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from dispatch.domain.clock import seconds
from dispatch.models import Visit
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Request
from dispatch.planning.slots import offers_of_shifts, windows
from dispatch.selectors.claims import Claim, claims_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.slots import grid_starts
from dispatch.selectors.snapshots import gaps_of


def takers_of(visits: Sequence[Visit], *, now: datetime) -> Mapping[UUID, int]:
    """Return by visit how many nurses of its market could take it: those of whom
    ``candidates_for`` has nothing broken. The visits are of one market, with their locations.
    """
    if not visits:
        return {}
    claims = claims_of(visits, now=now)
    gaps = gaps_of(visits[0].market_id, now=now)
    return {visit.id: len(_takers(gaps, visit, claims[visit.id], now)) for visit in visits}


def _takers(gaps: Gaps, visit: Visit, claim: Claim, now: datetime) -> set[UUID]:
    free = gaps.without(visit.reservation_id)
    return {
        offer.nurse for offer in offers_of_shifts(free, claim.request, _tried(visit, claim, now))
    }


def _tried(visit: Visit, claim: Claim, now: datetime) -> tuple[Request, ...]:
    """The window that was promised, else those that could be."""
    if visit.window_promised:
        return (claim.request,)
    protocol = protocol_of(visit.protocol_id)
    starts = grid_starts(protocol, visit.location.zone, visit.window_start, visit.window_end)
    return windows(claim.request, starts, protocol.booking.arrival_window_s, seconds(now))
