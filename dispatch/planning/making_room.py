"""Room for a visit that fits no route as it stands: a route in another order, a visit moved away.

Looked for only where ``insertion`` has found nothing, and within limits: what is offered can be
served, but not all that could be is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from dispatch.planning.insertion import Gaps, Place
from dispatch.planning.openings import path_of
from dispatch.planning.problem import Point, Request, Shift, Stop, Travel
from dispatch.planning.rules import before_any_route
from dispatch.planning.slots import free_starts, window_at
from dispatch.planning.timing import ordered

MOST_STEPS = 400
"""Of one search for an order, each a stop put behind others."""
MOST_STEPS_IN_ALL = 20_000
STEPS_A_ROUTE = 50
"""What it costs to look at one route at all, as so many steps."""
MOST_GIVEN_AWAY = 300
MOST_ASKED = 40
NEW = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Way:
    """How room is made: the stop that goes to the shift ``to``, or the route in another order."""

    stop: UUID | None = None
    to: UUID | None = None


@dataclass(frozen=True, slots=True)
class RoomOffer:
    """A window [start, window_end] that the shift can keep once room is made; epoch seconds.

    ``detour_s`` is all the driving it adds, on both routes where a visit is moved.
    """

    start: int
    window_end: int
    shift: UUID
    nurse: UUID
    detour_s: int
    way: Way


@dataclass(frozen=True, slots=True)
class Reordered:
    """A route with the visit on it, in an order that keeps every window, and its driving."""

    shift: Shift
    driven_s: int


def make_room(
    gaps: Gaps,
    request: Request,
    starts: Iterable[int],
    width: int,
    movable: Mapping[UUID, Request],
) -> tuple[RoomOffer, ...]:
    """At most one offer a start, ascending: by another order, or else by moving one visit.

    ``movable`` holds the stops that may go to another nurse, each with what it asks for there.
    ``starts`` and ``width`` as for ``slots.offers``.
    """
    begins = free_starts(request, starts, width, gaps.now).tolist()
    if not begins:
        return ()
    near = _near(gaps, request, begins[0], begins[-1] + width)
    found = list(_reorderings(gaps, request, begins, width, near))
    found = found or list(_moves(gaps, request, begins, width, near, movable))
    best: dict[int, RoomOffer] = {}
    for offer in sorted(found, key=lambda one: one.detour_s):
        best.setdefault(offer.start, offer)
    return tuple(best[start] for start in sorted(best))


def reordered(shift: Shift, visit: Stop, travel: Travel, now: int) -> Reordered | None:
    """The route with one more stop in the order of least driving that keeps all; None where none.

    What has begun stays first. A depth-first search over ``MOST_STEPS`` steps at most, so that
    with many wide windows an order may be missed; the same route always gives the same answer.
    """
    return _Orders(shift, visit.point, travel, now).best(visit)


class _Orders:
    """Orders of what has not begun on a shift, with one more stop at a point.

    Places 0 to n of ``seconds`` are where the nurse then is, the stops and the new one; n + 1 is
    her home.
    """

    def __init__(self, shift: Shift, point: Point, travel: Travel, now: int) -> None:
        self.shift, self.now, self.steps = shift, now, 0
        self.begun = [stop for stop in ordered(shift) if stop.fixed]
        self.rest = [stop for stop in ordered(shift) if not stop.fixed]
        here = self.begun[-1].point if self.begun else shift.home
        places = [here, *(stop.point for stop in self.rest), point, shift.home]
        self.seconds = travel.matrix(places, places).tolist()
        self.behind = _driven(replace(shift, stops=tuple(self.begun)), travel, home=False)

    def best(self, visit: Stop) -> Reordered | None:
        self.found: Reordered | None = None
        self.stops, self.until = [*self.rest, visit], self.steps + MOST_STEPS
        last = self.begun[-1] if self.begun else None
        free = self.shift.start if last is None else last.start + last.service
        self._extend((), self.behind, 0, max(free, self.now))
        return self.found

    def _extend(self, order: tuple[int, ...], driven: int, here: int, free: int) -> None:
        left = [index for index in range(len(self.stops)) if index not in order]
        starts = {i: self._start(i, here, free) for i in left}
        if any(start > self.stops[index].latest for index, start in starts.items()):
            return
        for index in sorted(left, key=lambda one: self.stops[one].latest):
            self.steps += 1
            drive = driven + self.seconds[here][index + 1]
            if self.steps > self.until or (self.found and drive >= self.found.driven_s):
                continue
            end = starts[index] + self.stops[index].service
            if len(left) > 1:
                self._extend((*order, index), drive, index + 1, max(end, self.now))
            else:
                self._close((*order, index), drive, end)

    def _start(self, index: int, here: int, free: int) -> int:
        return max(self.stops[index].earliest, free + int(self.seconds[here][index + 1]))

    def _close(self, order: tuple[int, ...], driven: int, end: int) -> None:
        leg = self.seconds[order[-1] + 1][-1]
        if end + leg <= self.shift.end and not (self.found and driven + leg >= self.found.driven_s):
            stops = (*self.begun, *(self.stops[index] for index in order))
            self.found = Reordered(replace(self.shift, stops=stops), driven + leg)


def _near(gaps: Gaps, request: Request, first: int, last: int) -> list[int]:
    """The shifts whose nurse might come to some window, those with most time left over first."""
    able = gaps.able(request, first, last)
    spare = [
        (-_free(gaps, index), index)
        for index, shift in enumerate(gaps.shifts)
        if able[index] and shift.start <= last and first + request.service <= shift.end
    ]
    return [index for _, index in sorted(spare)]


def _free(gaps: Gaps, index: int) -> int:
    """Seconds of the shift from now on that are not service: more than may be had of it."""
    shift = gaps.shifts[index]
    to_do = sum(stop.service for stop in shift.stops if not stop.fixed)
    return shift.end - max(shift.start, gaps.now) - to_do


def _reorderings(
    gaps: Gaps, request: Request, begins: Sequence[int], width: int, near: Sequence[int]
) -> Iterator[RoomOffer]:
    steps = 0
    for index in near:
        shift = gaps.shifts[index]
        if steps > MOST_STEPS_IN_ALL or _free(gaps, index) < request.service:
            return
        orders = _Orders(shift, request.point, gaps.travel, gaps.now)
        before = _driven(shift, gaps.travel)
        for start in begins:
            window = window_at(request, start, width)
            if _apart(shift, window) or any(before_any_route(shift.nurse, window)):
                continue
            made = orders.best(as_stop(NEW, window))
            if made is not None:
                yield _offer(window, shift, made.driven_s - before, Way())
        steps += orders.steps + STEPS_A_ROUTE


def _apart(shift: Shift, window: Request) -> bool:
    return window.latest < shift.start or shift.end < window.earliest + window.service


def _moves(
    gaps: Gaps,
    request: Request,
    begins: Sequence[int],
    width: int,
    near: Sequence[int],
    movable: Mapping[UUID, Request],
) -> Iterator[RoomOffer]:
    """Each of the nearest routes without one of its movable visits, if another nurse takes that."""
    given = [
        (index, stop)
        for index in near
        for stop in gaps.shifts[index].stops
        if stop.id in movable and not stop.fixed
    ][:MOST_GIVEN_AWAY]
    left = [_without(gaps.shifts[index], stop) for index, stop in given]
    shorter = Gaps.of(left, gaps.travel, gaps.now)
    found = shorter.best_of_shifts(request, np.array(begins, dtype=np.int64), width)
    for start, place in found[:MOST_ASKED]:
        index, stop = given[place.shift]
        taker = _taker(gaps, index, movable[stop.id])
        if taker is not None:
            shift, less = gaps.shifts[index], left[place.shift]
            saved = _driven(shift, gaps.travel) - _driven(less, gaps.travel)
            extra = place.detour_s + taker.detour_s - saved
            way = Way(stop.id, gaps.shifts[taker.shift].id)
            yield _offer(window_at(request, start, width), shift, extra, way)


def _taker(gaps: Gaps, apart_from: int, wish: Request) -> Place | None:
    return next((place for place in gaps.places(wish) if place.shift != apart_from), None)


def _without(shift: Shift, gone: Stop) -> Shift:
    return replace(shift, stops=tuple(stop for stop in shift.stops if stop.id != gone.id))


def _driven(shift: Shift, travel: Travel, *, home: bool = True) -> int:
    """Driving from home through the stops, and home again unless that is left out."""
    path = path_of(shift) if shift.stops else [shift.home]
    return int(travel.legs(path if home else path[: len(shift.stops) + 1]).sum())


def as_stop(stop_id: UUID, window: Request) -> Stop:
    return Stop(
        stop_id, window.point, window.earliest, window.latest, window.service, window.earliest
    )


def _offer(window: Request, shift: Shift, detour_s: int, way: Way) -> RoomOffer:
    return RoomOffer(window.earliest, window.latest, shift.id, shift.nurse.id, detour_s, way)
