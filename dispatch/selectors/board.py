"""Everything the dispatcher's board shows of one market and one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dispatch.domain.clock import day_bounds
from dispatch.domain.visit import BROKEN_OFF, Status
from dispatch.models import Market, Shift, Visit
from dispatch.selectors.board_stops import BoardStop, on_routes, stop_of
from dispatch.selectors.board_warnings import Warnings, warnings_of
from dispatch.selectors.takers import takers_of
from dispatch.selectors.visits import VisitLine, line

ASIDE = [status.value for status in (Status.SUSPENDED, *BROKEN_OFF)]


@dataclass(frozen=True, slots=True)
class BoardShift:
    id: UUID
    nurse: UUID
    nurse_name: str
    start_at: datetime
    end_at: datetime
    home_lat: float
    home_lng: float
    version: int
    stops: tuple[BoardStop, ...]


@dataclass(frozen=True, slots=True)
class BoardUnassigned(VisitLine):
    """A visit that nobody has; ``candidates`` is how many nurses could take it as things stand."""

    candidates: int
    dead_messages: int


@dataclass(frozen=True, slots=True)
class BoardAside(VisitLine):
    """A visit of the day that is on no route any more: suspended, since its patient's clearance no
    longer holds, broken off at the door, or called off while somebody could not be told."""

    clearance_suspended: bool
    custody_open: bool
    dead_messages: int


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What wants a dispatcher's eye: visits counted, but for ``dead_messages``, which are those
    that reached nobody. ``credential_expiring`` are visits whose nurse has a paper that ends during
    them or soon after, ``custody_open`` ended ones whose vials are not accounted for."""

    unassigned: int
    at_risk: int
    late: int
    companion_missing: int
    clearance_suspended: int
    credential_expiring: int
    recovering_long: int
    custody_open: int
    uncovered: int
    dead_messages: int


@dataclass(frozen=True, slots=True)
class Board:
    """``unassigned`` begins with those that the fewest nurses could take."""

    market: UUID
    date: date
    now: datetime
    exceptions: Exceptions
    unassigned: tuple[BoardUnassigned, ...]
    aside: tuple[BoardAside, ...]
    shifts: tuple[BoardShift, ...]


def board_of(market_id: UUID, day: date, *, now: datetime) -> Board:
    """Return the day in a fixed number of queries, however many visits it has."""
    market = Market.objects.get(id=market_id)
    visits = list(on_routes(market_id, day))
    warnings = warnings_of(market_id, day, visits)
    stops: dict[UUID, list[BoardStop]] = defaultdict(list)
    for visit in visits:
        if visit.reservation is not None:
            stops[visit.reservation.shift_id].append(stop_of(visit, warnings, now))
    unassigned = _unassigned(market, day, warnings, now)
    aside = _aside(market_id, day, warnings)
    return Board(
        market_id,
        day,
        now,
        _counted(unassigned, aside, [stop for one in stops.values() for stop in one], warnings),
        unassigned,
        aside,
        _shifts(market_id, day, stops),
    )


def _shifts(
    market_id: UUID, day: date, stops: Mapping[UUID, list[BoardStop]]
) -> tuple[BoardShift, ...]:
    """In the order of beginnings, then of names, which the database cannot read."""
    shifts = Shift.objects.filter(market_id=market_id, service_date=day).select_related("nurse")
    return tuple(
        BoardShift(
            shift.id,
            shift.nurse_id,
            shift.nurse.name,
            shift.start_at,
            shift.end_at,
            shift.home_lat,
            shift.home_lng,
            shift.version,
            tuple(stops.get(shift.id, ())),
        )
        for shift in sorted(shifts, key=lambda one: (one.start_at, one.nurse.name, one.id))
    )


def _counted(
    unassigned: tuple[BoardUnassigned, ...],
    aside: tuple[BoardAside, ...],
    stops: list[BoardStop],
    warnings: Warnings,
) -> Exceptions:
    return Exceptions(
        unassigned=len(unassigned),
        at_risk=sum(stop.at_risk for stop in stops),
        late=sum(stop.late for stop in stops),
        companion_missing=sum(stop.companion_missing for stop in stops),
        clearance_suspended=sum(one.clearance_suspended for one in aside),
        credential_expiring=sum(stop.credential_expiring for stop in stops),
        recovering_long=sum(stop.recovering_long for stop in stops),
        custody_open=sum(one.custody_open for one in aside)
        + sum(stop.custody_open for stop in stops),
        uncovered=sum(stop.uncovered for stop in stops),
        dead_messages=sum(warnings.dead_messages.values()),
    )


def _unassigned(
    market: Market, day: date, warnings: Warnings, now: datetime
) -> tuple[BoardUnassigned, ...]:
    """Visits without a nurse whose window touches the day; of those that as many nurses could
    take, the ones with a promise first."""
    start, end = day_bounds(day, market.zone)
    visits = list(
        Visit.objects.filter(
            status=Status.REQUESTED.value,
            market=market,
            window_start__lt=end,
            window_end__gte=start,
        ).select_related("location", "protocol", "reservation__nurse")
    )
    takers = takers_of(visits, now=now)
    visits.sort(key=lambda one: (takers[one.id], not one.window_promised, one.window_start, one.id))
    return tuple(
        BoardUnassigned(
            **_as_line(visit),
            candidates=takers[visit.id],
            dead_messages=warnings.dead_messages.get(visit.id, 0),
        )
        for visit in visits
    )


def _aside(market_id: UUID, day: date, warnings: Warnings) -> tuple[BoardAside, ...]:
    untold = Q(status=Status.CANCELLED.value, id__in=warnings.dead_messages)
    visits = (
        Visit.objects.filter(Q(status__in=ASIDE) | untold, market_id=market_id, service_date=day)
        .select_related("location", "protocol", "reservation__nurse")
        .order_by("window_start", "id")
    )
    return tuple(
        BoardAside(
            **_as_line(visit),
            clearance_suspended=visit.status == Status.SUSPENDED.value,
            custody_open=visit.id in warnings.custody_open,
            dead_messages=warnings.dead_messages.get(visit.id, 0),
        )
        for visit in visits
    )


def _as_line(visit: Visit) -> dict[str, Any]:
    base = line(visit)
    return {name: getattr(base, name) for name in VisitLine.__slots__}


FLAGS = tuple(Exceptions.__slots__)


def flags_of(shown: BoardStop | BoardUnassigned | BoardAside) -> tuple[str, ...]:
    """Return which of the ``Exceptions`` a visit counts under."""
    if isinstance(shown, BoardUnassigned):
        return ("unassigned", *_set(shown))
    return tuple(_set(shown))


def _set(shown: object) -> Iterable[str]:
    return (name for name in FLAGS if getattr(shown, name, False))
