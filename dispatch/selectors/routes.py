"""Routes as the planner sees them: nurse-days with their stops, in whole seconds.

What runs late already is ``excused``: it may not come later than it is now expected. Only those
who plan a day anew look at the windows ``as_promised``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from dispatch.domain.clock import seconds
from dispatch.domain.visit import UNDER_WAY
from dispatch.gateways.roads import travel_with
from dispatch.models import Certificate, Licence, Market, Reservation, Shift
from dispatch.planning import problem
from dispatch.planning.problem import Credential, Point, Stop, Travel
from dispatch.planning.running import excused

FIXED = [status.value for status in UNDER_WAY]


def travel_in(market_id: UUID) -> Travel:
    """Return how long driving takes in this market."""
    return travel_of(Market.objects.get(id=market_id))


def travel_of(market: Market) -> Travel:
    """Return the same of a market at hand, kept or not."""
    return travel_with(market.detour_factor, market.speed_kmh, market.park_s)


def routes_between(
    market_id: UUID, start: datetime, end: datetime, *, now: datetime
) -> tuple[problem.Shift, ...]:
    """Return the market's shifts that overlap [start, end), with their stops as of ``now``."""
    shifts = Shift.objects.filter(market_id=market_id, start_at__lt=end, end_at__gt=start)
    return tuple(map(excused, _routes(shifts, now)))


def routes_of(shift_ids: Iterable[UUID], *, now: datetime) -> tuple[problem.Shift, ...]:
    """Return these shifts, in id order, with their stops as of ``now``."""
    return tuple(map(excused, as_promised(shift_ids, now=now)))


def as_promised(shift_ids: Iterable[UUID], *, now: datetime) -> tuple[problem.Shift, ...]:
    """Return the same with every window as it was promised, kept or not."""
    return _routes(Shift.objects.filter(id__in=list(shift_ids)), now)


def coming_routes(market_id: UUID, since: datetime, *, now: datetime) -> tuple[problem.Shift, ...]:
    """Return the market's shifts that end after ``since``, in id order, as of ``now``."""
    shifts = Shift.objects.filter(market_id=market_id, end_at__gt=since)
    return tuple(map(excused, _routes(shifts, now)))


def without(routes: Iterable[problem.Shift], stop_id: UUID | None) -> tuple[problem.Shift, ...]:
    """Return the routes as they would be if the stop were gone."""
    return tuple(
        problem.Shift(
            route.id,
            route.nurse,
            route.start,
            route.end,
            route.home,
            tuple(stop for stop in route.stops if stop.id != stop_id),
        )
        for route in routes
    )


def _routes(shifts: QuerySet[Shift], now: datetime) -> tuple[problem.Shift, ...]:
    rows = list(
        shifts.order_by("id").values_list(
            "id", "nurse_id", "start_at", "end_at", "home_lat", "home_lng"
        )
    )
    nurses = nurses_with({row[1] for row in rows})
    stops = _stops(shifts, now)
    return tuple(
        problem.Shift(
            shift_id,
            nurses[nurse_id],
            seconds(start),
            int(end.timestamp()),
            Point(lat, lng),
            tuple(stops[shift_id]),
        )
        for shift_id, nurse_id, start, end, lat, lng in rows
    )


def nurses_with(ids: set[UUID]) -> dict[UUID, problem.Nurse]:
    """Return the nurses with what they hold, in two looks at all of them."""
    licences = _credentials(Licence.objects.filter(nurse_id__in=ids))
    certificates = _credentials(Certificate.objects.filter(nurse_id__in=ids))
    return {
        nurse_id: problem.Nurse(nurse_id, tuple(licences[nurse_id]), tuple(certificates[nurse_id]))
        for nurse_id in ids
    }


def _credentials(rows: QuerySet[Any]) -> Mapping[UUID, list[Credential]]:
    held: dict[UUID, list[Credential]] = defaultdict(list)
    for nurse_id, code, since, until in rows.values_list(
        "nurse_id", "code", "valid_from", "valid_until"
    ):
        held[nurse_id].append(Credential(code, seconds(since), int(until.timestamp())))
    return held


def _stops(shifts: QuerySet[Shift], now: datetime) -> Mapping[UUID, list[Stop]]:
    """A hold that has run out is gone, even before someone clears it away."""
    rows = (
        Reservation.objects.filter(shift__in=shifts)
        .filter(Q(hold__isnull=True) | Q(hold__expires_at__gt=now))
        .annotate(
            earliest=Coalesce(F("visit__window_start"), F("hold__window_start")),
            latest=Coalesce(F("visit__window_end"), F("hold__window_end")),
            lat=Coalesce(F("visit__location__lat"), F("hold__location__lat")),
            lng=Coalesce(F("visit__location__lng"), F("hold__location__lng")),
        )
        .order_by("start_at")
        .values_list(
            "id",
            "shift_id",
            "lat",
            "lng",
            "earliest",
            "latest",
            "start_at",
            "end_at",
            "visit__status",
        )
    )
    stops: dict[UUID, list[Stop]] = defaultdict(list)
    for row_id, shift_id, lat, lng, earliest, latest, start, end, status in rows:
        began = seconds(start)
        stops[shift_id].append(
            Stop(
                row_id,
                Point(lat, lng),
                seconds(earliest),
                int(latest.timestamp()),
                seconds(end) - began,
                began,
                status in FIXED,
            )
        )
    return stops
