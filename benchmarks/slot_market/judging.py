"""Whether what is offered is what driving every route by hand finds; shares no code with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import permutations
from uuid import UUID

from benchmarks.slot_market.drawing import TRAVEL, WINDOW
from dispatch.planning.insertion import Gaps
from dispatch.planning.making_room import RoomOffer
from dispatch.planning.problem import Point, Request, Shift, Stop
from dispatch.planning.slots import offers
from tests.planning import oracle

STEP_S = 300

Rank = tuple[int, bool, int, int]


@cache
def seconds(a: Point, b: Point) -> int:
    return int(TRAVEL.legs([a, b])[0])


def disagrees(gaps: Gaps, request: Request, start: int) -> bool:
    """Whether the offer at one start is not of the best rank of all routes, or wrongly none."""
    stop = _stop(request, start)
    near = (s for s in gaps.shifts if s.start <= stop.latest and start <= s.end)
    best = min((rank for shift in near for rank in _ranks(shift, request, stop)), default=None)
    offered = offers(gaps, request, [start], WINDOW)
    if not offered:
        return best is not None
    (shift,) = (shift for shift in gaps.shifts if shift.id == offered[0].shift)
    return _rank(shift, request, offered[0].detour_s) != best


def cannot_be_made(
    offer: RoomOffer, request: Request, by_id: dict[UUID, Shift], movable: dict[UUID, Request]
) -> bool:
    """Whether no order of the route, or no nurse for the visit in the way, bears the offer out."""
    shift, stop = by_id[offer.shift], _stop(request, offer.start)
    if offer.way.stop is None:
        able = oracle.qualified(shift.nurse, request, stop.earliest, stop.latest + stop.service)
        orders = permutations([*shift.stops, stop])
        return not able or all(oracle.drive(shift, o, seconds, 0) is None for o in orders)
    left = tuple(one for one in shift.stops if one.id != offer.way.stop)
    (gone,) = (one for one in shift.stops if one.id == offer.way.stop)
    taker = by_id[offer.way.to or offer.shift]
    return not (
        oracle.insertions(replace(shift, stops=left), request, stop, seconds, 0)
        and oracle.insertions(taker, movable[gone.id], gone, seconds, 0)
    )


def _ranks(shift: Shift, request: Request, stop: Stop) -> Iterator[Rank]:
    for detour, _, _ in oracle.insertions(shift, request, stop, seconds, 0):
        yield _rank(shift, request, detour)


def _rank(shift: Shift, request: Request, detour: int) -> Rank:
    load = sum(stop.service for stop in shift.stops)
    return (detour // STEP_S, shift.nurse.id not in request.known, load, detour)


def _stop(request: Request, start: int) -> Stop:
    return Stop(UUID(int=0), request.point, start, start + WINDOW, request.service, start)
