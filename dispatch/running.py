"""Shifts as they run: every expected time worked out anew from what has happened, and written.

The only writer of a route that is late. It locks the shift and, where a delay reaches a patient's
visit by somebody else or the nurse's next day, those shifts too; all of them at once, in the order
of ``schedule``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import schedule
from dispatch.domain.clock import instant, seconds
from dispatch.domain.errors import Conflict
from dispatch.domain.expected import expected_span
from dispatch.domain.visit import UNDER_WAY
from dispatch.models import Reservation, Shift, Visit
from dispatch.planning import problem
from dispatch.planning.problem import Stop
from dispatch.planning.rules import Span
from dispatch.planning.running import run_on
from dispatch.planning.timing import Timed, ordered, path_legs
from dispatch.selectors.progress import facts_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import as_promised, travel_in


@dataclass(frozen=True, slots=True)
class _Run:
    """How some shifts run: times by shift; infusions by stop, in seconds after its start."""

    times: Mapping[UUID, Sequence[Timed]]
    infusions: Mapping[UUID, Span]


def write_expected(shift_id: UUID, *, now: datetime) -> frozenset[UUID]:
    """Write the times expected on a shift as of ``now``; return the shifts that it concerned.

    The order of the stops stays, each begins as early as it can and its window allows, and a
    window that has closed drops nobody. Again at the same moment it changes nothing. Raises
    Conflict ``busy`` where the shifts concerned keep changing between look and lock.
    """
    concerned = {shift_id}
    for _ in range(schedule.TRIES):
        step = transaction.savepoint()
        schedule.lock(concerned, now=now)
        run = _driven(concerned, now)
        reached = _reached(concerned, run)
        if not reached:
            transaction.savepoint_commit(step)
            for one, times in run.times.items():
                schedule.keep_time(one, times, run.infusions)
            schedule.settle("busy")
            return frozenset(concerned)
        transaction.savepoint_rollback(step)
        concerned |= reached
    raise Conflict("busy", "The day is being changed by others; try again.")


def _driven(shift_ids: Collection[UUID], now: datetime) -> _Run:
    routes = as_promised(shift_ids, now=now)
    held = {one.id: one for one in Reservation.objects.filter(shift_id__in=shift_ids)}
    begun = {
        visit.reservation_id: visit
        for visit in Visit.objects.filter(
            reservation__shift_id__in=shift_ids, status__in=[one.value for one in UNDER_WAY]
        )
    }
    market_id = Shift.objects.values_list("market_id", flat=True).get(id=routes[0].id)
    travel = travel_in(market_id)
    legs = {route.id: path_legs(route, travel) for route in routes}
    infusions = {
        one.id: (
            seconds(one.infusion_from) - seconds(one.start_at),
            seconds(one.infusion_until) - seconds(one.start_at),
        )
        for one in held.values()
    }
    known = [_known(route, legs[route.id], begun, infusions, now) for route in routes]
    patient_of = {one.id: one.patient_id for one in held.values()}
    return _Run(run_on(known, legs, patient_of, seconds(now)), infusions)


def _known(
    route: problem.Shift,
    legs: Sequence[int],
    begun: Mapping[UUID | None, Visit],
    infusions: dict[UUID, Span],
    now: datetime,
) -> problem.Shift:
    """The route with what has begun on it as it is now expected to go on, its infusions noted."""
    stops = []
    for stop, leg in zip(ordered(route), legs, strict=False):
        visit = begun.get(stop.id)
        if visit is None:
            stops.append(stop)
            continue
        span = expected_span(
            protocol_of(visit.protocol_id), _arrival(visit, stop, leg), facts_of(visit), now
        )
        start, begins, ends, end = (
            seconds(one) for one in (span.start, span.infusion_from, span.infusion_until, span.end)
        )
        infusions[stop.id] = (begins - start, ends - start)
        stops.append(replace(stop, start=start, service=end - start))
    return replace(route, stops=tuple(stops))


def _arrival(visit: Visit, stop: Stop, leg: int) -> datetime:
    """When a nurse on her way is there; before the window opens nobody counts on her."""
    if visit.departed_at is None:
        return instant(stop.start)
    return instant(max(stop.earliest, seconds(visit.departed_at) + leg))


def _reached(shift_ids: Collection[UUID], run: _Run) -> set[UUID]:
    """Other shifts on which somebody's time is taken that is now needed here."""
    times = [one for run_of_one in run.times.values() for one in run_of_one]
    if not times:
        return set()
    here = Reservation.objects.filter(shift_id__in=shift_ids)
    others = Reservation.objects.exclude(shift_id__in=shift_ids).filter(
        Q(patient_id__in=here.values("patient_id")) | Q(nurse_id__in=here.values("nurse_id")),
        end_at__gt=instant(min(one.leave for one in times)),
        leave_at__lt=instant(max(one.end for one in times)),
    )
    return set(others.values_list("shift_id", flat=True))
