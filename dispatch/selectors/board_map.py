"""A day of the market on the map: each nurse's stops in their order, and what nobody has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.clock import day_bounds
from dispatch.domain.visit import ON_ROUTE, Status
from dispatch.models import Market, Shift, Visit


@dataclass(frozen=True, slots=True)
class MapStop:
    """A visit on the map. ``number`` counts on its route from 1; null, as ``start``, without one.
    Coordinates are WGS 84 degrees."""

    visit: UUID
    number: int | None
    status: str
    lat: float
    lng: float
    start: datetime | None


@dataclass(frozen=True, slots=True)
class MapRoute:
    """A nurse's day. ``colour`` counts the nurses of the day by name, from 0."""

    nurse: UUID
    name: str
    colour: int
    home_lat: float
    home_lng: float
    stops: tuple[MapStop, ...]


@dataclass(frozen=True, slots=True)
class DayMap:
    routes: tuple[MapRoute, ...]
    unassigned: tuple[MapStop, ...]


def map_of(market_id: UUID, day: date) -> DayMap:
    """Return the day in a fixed number of queries."""
    shifts = Shift.objects.filter(market_id=market_id, service_date=day).select_related("nurse")
    stops = _stops(market_id, day)
    return DayMap(
        routes=tuple(
            MapRoute(
                shift.nurse_id,
                shift.nurse.name,
                colour,
                shift.home_lat,
                shift.home_lng,
                tuple(_stop(visit, at) for at, visit in enumerate(stops[shift.id], start=1)),
            )
            for colour, shift in enumerate(sorted(shifts, key=_by_name))
        ),
        unassigned=_unassigned(market_id, day),
    )


def _by_name(shift: Shift) -> tuple[str, UUID]:
    """Names are encrypted: the database cannot sort by them."""
    return shift.nurse.name, shift.id


def _stops(market_id: UUID, day: date) -> dict[UUID, list[Visit]]:
    visits = Visit.objects.filter(
        market_id=market_id,
        reservation__shift__service_date=day,
        status__in=[status.value for status in ON_ROUTE],
    )
    found: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits.select_related("location", "reservation").order_by("reservation__start_at"):
        if visit.reservation is not None:
            found[visit.reservation.shift_id].append(visit)
    return found


def _unassigned(market_id: UUID, day: date) -> tuple[MapStop, ...]:
    start, end = day_bounds(day, Market.objects.values_list("zone", flat=True).get(id=market_id))
    visits = Visit.objects.filter(
        market_id=market_id,
        status=Status.REQUESTED.value,
        window_start__lt=end,
        window_end__gte=start,
    )
    rows = visits.select_related("location", "reservation").order_by("window_start", "id")
    return tuple(_stop(visit, None) for visit in rows)


def _stop(visit: Visit, number: int | None) -> MapStop:
    held, place = visit.reservation, visit.location
    start = None if held is None else held.start_at
    return MapStop(visit.id, number, visit.status, place.lat, place.lng, start)
