"""Slots: windows that can be served, each with the nurse-day that proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.clock import NoSuchTime, instant, seconds, service_date, to_instant
from dispatch.domain.protocol import Protocol
from dispatch.models import Location
from dispatch.planning.insertion import Gaps
from dispatch.planning.making_room import RoomOffer, Way, make_room
from dispatch.planning.slots import Offer, choose, offers
from dispatch.selectors.claims import Claim, claim_on
from dispatch.selectors.clearance import earliest_start
from dispatch.selectors.movable import movable_in
from dispatch.selectors.snapshots import gaps_of


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A window [start, window_end] for the nurse's arrival, and the shift that can keep it."""

    start: datetime
    window_end: datetime
    shift_id: UUID
    way: Way | None = field(default=None, kw_only=True)
    """How room has to be made for it first, where it has."""


@dataclass(frozen=True, slots=True)
class Slot(Witnessed):
    """The same as it was found: whose shift it is, and the driving it adds."""

    nurse_id: UUID
    detour_s: int


def find_slots(
    location: Location,
    protocol: Protocol,
    start: datetime,
    end: datetime,
    *,
    nurse_id: UUID | None,
    now: datetime,
) -> tuple[Slot, ...]:
    """Return the slots whose window begins in [start, end), soonest first, one a start.

    Where no route has a gap for the visit, those for which room can be made; none before the
    patient's clearance begins.
    """
    notice = timedelta(seconds=protocol.booking.notice_s)
    cleared = earliest_start(location.patient_id, protocol.code, now=now)
    first = max(start, now + notice, cleared)
    last = end + timedelta(seconds=protocol.booking.arrival_window_s)
    claim = claim_on(location, protocol, first, max(first, last), nurse_id, now=now)
    gaps = gaps_for(claim, now=now)
    grid = [at for at in grid_starts(protocol, location.zone, first, end) if at < seconds(end)]
    width = protocol.booking.arrival_window_s
    found = offers(gaps, claim.request, grid, width)
    if found:
        return tuple(_slot(offer, None) for offer in found)
    may_go = movable_in(claim.market_id, first, end, now=now)
    made = make_room(gaps, claim.request, grid, width, may_go)
    return tuple(_slot(offer, offer.way) for offer in made)


def best_offer(
    claim: Claim, protocol: Protocol, zone: str, *, apart_from: UUID | None, now: datetime
) -> Offer | None:
    """Return the window of least detour inside a wide one that was asked for, or None."""
    gaps = gaps_for(claim, apart_from=apart_from, now=now)
    grid = grid_starts(
        protocol, zone, instant(claim.request.earliest), instant(claim.request.latest)
    )
    return choose(gaps, claim.request, grid, protocol.booking.arrival_window_s)


def gaps_for(claim: Claim, *, apart_from: UUID | None = None, now: datetime) -> Gaps:
    """Return the gaps of every coming shift of the market: from the snapshot, brought up to date.

    Inside a transaction that has written they are read anew, see ``snapshots.gaps_of``.
    """
    return gaps_of(claim.market_id, now=now).without(apart_from)


def grid_starts(protocol: Protocol, zone: str, start: datetime, end: datetime) -> list[int]:
    """Return the window starts of the protocol's local hours in [start, end], as the clocks go."""
    return [seconds(at) for at in _grid(protocol, zone, start, end) if start <= at <= end]


def _grid(protocol: Protocol, zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    day, last = service_date(start, zone), service_date(end, zone)
    while day <= last:
        for at in protocol.booking.starts():
            try:
                yield to_instant(day, at, zone)
            except NoSuchTime:
                continue
        day += timedelta(days=1)


def _slot(offer: Offer | RoomOffer, way: Way | None) -> Slot:
    return Slot(
        instant(offer.start),
        instant(offer.window_end),
        offer.shift,
        offer.nurse,
        offer.detour_s,
        way=way,
    )
