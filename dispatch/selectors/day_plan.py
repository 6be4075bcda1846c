"""Days as the planner is asked about them: routes, what wants a place on them, and who is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.clock import day_bounds, seconds
from dispatch.domain.jobs import announced_from
from dispatch.domain.visit import Status
from dispatch.models import Market, Shift, Visit
from dispatch.planning.draft import Wish, delayed
from dispatch.planning.problem import Request, Stop, Travel
from dispatch.planning.problem import Shift as Route
from dispatch.planning.rules import window_is_free
from dispatch.planning.slots import windows
from dispatch.planning.supervision import Attention
from dispatch.selectors.claims import Claim, claims_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import as_promised, travel_in
from dispatch.selectors.slots import grid_starts
from dispatch.selectors.supervision import attention_on


@dataclass(frozen=True, slots=True)
class Days:
    """Some days of a market: routes, the wishes on them (all that has not begun) and those beside
    them. ``visit_of`` leads from a wish to its visit; a hold's is not in it. ``versions`` changes
    with whatever a plan of these days would rest on. ``attention`` is what can be supervised."""

    routes: tuple[Route, ...]
    wishes: tuple[Wish, ...]
    visit_of: Mapping[UUID, UUID]
    travel: Travel
    attention: Attention | None
    versions: dict[str, dict[str, int]]


def days_of(
    market_id: UUID,
    days: Iterable[date],
    *,
    delays: Mapping[str, int] | None = None,
    now: datetime,
) -> Days:
    """Return the days as they stand. ``delays`` keeps nurses where they are: see ``PlanJob``."""
    days = sorted(days)
    versions = snapshot_of(market_id, days)
    market = Market.objects.get(id=market_id)
    shifts = {
        shift.id: shift for shift in Shift.objects.filter(market=market, service_date__in=days)
    }
    late = delays or {}
    routes = tuple(
        delayed(one, late[str(one.id)]) if str(one.id) in late else one
        for one in as_promised(shifts, now=now)
    )
    on_them, beside = _visits(market, list(shifts), days)
    claims = claims_of([*on_them.values(), *beside], now=now)
    told = {one.id: _announced(one, market.zone, now) for one in shifts.values()}
    standing = [
        _standing(stop, on_them.get(stop.id), claims, told[route.id])
        for route in routes
        for stop in route.stops
        if not stop.fixed
    ]
    waiting = [_beside(visit, claims[visit.id], days, now) for visit in beside]
    return Days(
        routes,
        (*standing, *(wish for wish in waiting if wish.windows)),
        {stop: visit.id for stop, visit in on_them.items()} | {one.id: one.id for one in beside},
        travel_in(market_id),
        attention_on(market_id, *bounds_of(days, market.zone), now=now),
        versions,
    )


def snapshot_of(market_id: UUID, days: Iterable[date]) -> dict[str, dict[str, int]]:
    """Return the version of every shift of the days, of every visit on them or waiting for them.

    Taken before anything else is read: what changes meanwhile makes the snapshot an old one.
    """
    days = sorted(days)
    market = Market.objects.get(id=market_id)
    shifts = Shift.objects.filter(market=market, service_date__in=days)
    on_them = Visit.objects.filter(market=market, reservation__shift__in=shifts)
    return {
        "shifts": _versions(shifts),
        "visits": _versions(on_them) | _versions(_waiting(market, days)),
    }


def _versions(rows: QuerySet[Any]) -> dict[str, int]:
    return {str(row_id): version for row_id, version in rows.values_list("id", "version")}


def _visits(
    market: Market, shift_ids: Sequence[UUID], days: Sequence[date]
) -> tuple[dict[UUID, Visit], list[Visit]]:
    """Visits on these shifts by their reservation, and those that have no nurse then: of each
    patient the one that was booked first, as two wishes of one might be given the same time."""
    rows = Visit.objects.filter(market=market).select_related("location")
    on_them = {
        visit.reservation_id: visit
        for visit in rows.filter(reservation__shift_id__in=shift_ids)
        if visit.reservation_id is not None
    }
    beside: dict[UUID, Visit] = {}
    waiting = _waiting(market, days).select_related("location")
    for visit in waiting.order_by("-window_promised", "booked_at", "id"):
        beside.setdefault(visit.patient_id, visit)
    return on_them, list(beside.values())


def _waiting(market: Market, days: Sequence[date]) -> QuerySet[Visit]:
    """Visits that nobody has, whose window touches the days."""
    start, end = bounds_of(days, market.zone)
    return Visit.objects.filter(
        market=market,
        status=Status.REQUESTED.value,
        reservation__isnull=True,
        window_start__lt=end,
        window_end__gte=start,
    )


def _standing(
    stop: Stop,
    visit: Visit | None,
    claims: Mapping[UUID, Claim],
    told: bool,  # noqa: FBT001 - read beside its name
) -> Wish:
    """A stop of a route that has not begun; a hold stays where it is."""
    if visit is None:
        request = Request(stop.point, "", stop.service, stop.earliest, stop.latest, frozenset())
        return Wish(stop.id, request, (request,), pinned=True)
    request = claims[visit.id].request
    return Wish(stop.id, request, (request,), told=told)


def _beside(
    visit: Visit,
    claim: Claim,
    days: Sequence[date],
    now: datetime,
) -> Wish:
    """A visit that nobody has, with the windows of these days that could be promised to it."""
    protocol, zone = protocol_of(visit.protocol_id), visit.location.zone
    start, end = bounds_of(days, zone)
    width = protocol.booking.arrival_window_s
    open_ones: tuple[Request, ...] = (claim.request,)
    if not visit.window_promised:
        first, last = max(start, visit.window_start), min(end, visit.window_end)
        starts = grid_starts(protocol, zone, first, last)
        open_ones = windows(claim.request, starts, width, seconds(now))
    return Wish(
        visit.id,
        claim.request,
        tuple(
            one for one in open_ones if one.latest >= seconds(now) and not any(window_is_free(one))
        ),
        promised=visit.window_promised,
    )


def bounds_of(days: Sequence[date], zone: str) -> tuple[datetime, datetime]:
    """From the first midnight to the last; the days ascend."""
    return day_bounds(days[0], zone)[0], day_bounds(days[-1], zone)[1]


def _announced(shift: Shift, zone: str, now: datetime) -> bool:
    return now >= announced_from(shift.service_date, zone)
