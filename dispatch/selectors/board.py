"""Everything the dispatcher's board shows of one market and one day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery

from dispatch.domain.clock import day_bounds
from dispatch.domain.gates import companion_settled
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import ON_ROUTE, Status
from dispatch.models import CompanionRequest, Market, Message, Reservation, Shift, Visit
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.visits import VisitLine, line


@dataclass(frozen=True, slots=True)
class BoardStop:
    """A stop with the times expected by now. ``late`` is one whose window has closed before the
    nurse came, ``at_risk`` one that she will not reach before it closes, ``recovering_long`` a
    patient who rests for longer than planned. ``uncovered`` is a stop outside its nurse's hours:
    she is away, and nobody else has it."""

    visit: VisitLine
    leave_at: datetime
    start_at: datetime
    end_at: datetime
    lat: float
    lng: float
    companion_missing: bool
    late: bool
    at_risk: bool
    recovering_long: bool
    uncovered: bool


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
class Exceptions:
    """What wants a dispatcher's eye, counted."""

    unassigned: int
    companion_missing: int
    late: int
    at_risk: int
    recovering_long: int
    uncovered: int
    dead_messages: int


@dataclass(frozen=True, slots=True)
class Board:
    market: UUID
    date: date
    now: datetime
    exceptions: Exceptions
    unassigned: tuple[VisitLine, ...]
    shifts: tuple[BoardShift, ...]


def board_of(market_id: UUID, day: date, *, now: datetime) -> Board:
    """Return the day in a fixed number of queries, however many visits it has."""
    market = Market.objects.get(id=market_id)
    stops = _stops(market_id, day, now)
    unassigned = _unassigned(market, day)
    shifts = tuple(
        BoardShift(
            shift.id,
            shift.nurse_id,
            shift.nurse.name,
            shift.start_at,
            shift.end_at,
            shift.home_lat,
            shift.home_lng,
            shift.version,
            tuple(stops[shift.id]),
        )
        for shift in Shift.objects.filter(market_id=market_id, service_date=day)
        .select_related("nurse")
        .order_by("start_at", "id")
    )
    shown = [stop for shift in shifts for stop in shift.stops]
    counts = Exceptions(
        unassigned=len(unassigned),
        companion_missing=sum(stop.companion_missing for stop in shown),
        late=sum(stop.late for stop in shown),
        at_risk=sum(stop.at_risk for stop in shown),
        recovering_long=sum(stop.recovering_long for stop in shown),
        uncovered=sum(stop.uncovered for stop in shown),
        dead_messages=Message.objects.filter(
            market_id=market_id, state="dead", visit__service_date=day
        ).count(),
    )
    return Board(market_id, day, now, counts, unassigned, shifts)


def _stops(market_id: UUID, day: date, now: datetime) -> dict[UUID, list[BoardStop]]:
    confirmed = CompanionRequest.objects.filter(
        visit=OuterRef("pk"), replaced_at__isnull=True, move=OuterRef("moves")
    ).values("answer")[:1]
    visits = (
        Visit.objects.filter(
            market_id=market_id,
            reservation__shift__service_date=day,
            status__in=[status.value for status in ON_ROUTE],
        )
        .annotate(companion_says=Subquery(confirmed))
        .select_related("location", "protocol", "reservation__nurse", "reservation__shift")
        .order_by("reservation__start_at")
    )
    stops: dict[UUID, list[BoardStop]] = defaultdict(list)
    for visit in visits:
        if visit.reservation is not None:
            stops[visit.reservation.shift_id].append(_stop(visit, visit.companion_says, now))
    return stops


def _stop(visit: Visit, companion_says: str | None, now: datetime) -> BoardStop:
    held = visit.reservation
    if held is None:
        raise RuntimeError("A visit on a route has its times.")
    protocol = protocol_of(visit.protocol_id)
    duty = protocol.companion_rule(LocationKind(visit.location.kind))
    waiting = visit.arrived_at is None and visit.completed_at is None
    return BoardStop(
        visit=line(visit),
        leave_at=held.leave_at,
        start_at=held.start_at,
        end_at=held.end_at,
        lat=visit.location.lat,
        lng=visit.location.lng,
        companion_missing=waiting and not companion_settled(duty, companion_says),
        late=waiting and now > visit.window_end,
        at_risk=waiting and now <= visit.window_end < _arrival(visit, held, now),
        recovering_long=_rests_long(visit, protocol, now),
        uncovered=visit.status == Status.ASSIGNED.value
        and not held.shift.start_at <= held.start_at <= held.end_at <= held.shift.end_at,
    )


def _arrival(visit: Visit, held: Reservation, now: datetime) -> datetime:
    """When the nurse is there at the earliest; one who has not set out has the drive before her."""
    if visit.status != Status.ASSIGNED.value:
        return max(held.start_at, now)
    return max(held.start_at, now + (held.start_at - held.leave_at))


def _rests_long(visit: Visit, protocol: Protocol, now: datetime) -> bool:
    if visit.status != Status.RECOVERING.value or visit.infusion_ended_at is None:
        return False
    rested = now - visit.infusion_ended_at
    return visit.discharged_at is None and rested > timedelta(seconds=protocol.recovery.planned)


def _unassigned(market: Market, day: date) -> tuple[VisitLine, ...]:
    """Visits without a nurse whose window touches the day, those with a promise first."""
    start, end = day_bounds(day, market.zone)
    visits = (
        Visit.objects.filter(
            status=Status.REQUESTED.value,
            market=market,
            window_start__lt=end,
            window_end__gte=start,
        )
        .select_related("location", "protocol", "reservation__nurse")
        .order_by("-window_promised", "window_start")
    )
    return tuple(line(visit) for visit in visits)
