"""What a plan changes: routes as orders of stops, and the difference for each visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from dispatch.planning.day import problem as day
from dispatch.planning.day.timetable import timetable
from dispatch.planning.draft import MOVED_AFTER_S, Draft, Wish
from dispatch.planning.problem import Request, Shift, Stop, Travel
from dispatch.planning.timing import ordered, path_legs, retime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a visit stands: whose route, and when service starts (epoch seconds)."""

    shift: UUID
    nurse: UUID
    start: int


@dataclass(frozen=True, slots=True)
class Move:
    """A wish that stands elsewhere or at another time; None is nowhere.

    The patient must be told of the nurse, or of the time, where ``tell`` says so.
    """

    id: UUID
    before: Standing | None
    after: Standing | None
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Routes after a plan: the order of every shift that changes, all its stops by id; the windows
    now promised to wishes that had none; the moves; who is not served; driving seconds in all."""

    orders: Mapping[UUID, tuple[UUID, ...]]
    windows: Mapping[UUID, tuple[int, int]]
    shifts: tuple[Shift, ...]
    moves: tuple[Move, ...]
    unserved: tuple[UUID, ...]
    travel_s: int

    @property
    def told(self) -> int:
        """How many patients are told of another nurse, or that theirs does not come."""
        return sum("nurse" in move.tell for move in self.moves)

    @property
    def moved(self) -> int:
        """How many patients are told of another time."""
        return sum("time" in move.tell for move in self.moves)


def outcome(
    made: Draft, shifts: Sequence[Shift], routes: day.Routes, travel: Travel, now: int
) -> Outcome:
    """What ``routes`` make of ``shifts`` (those the draft was made of, and in their order)."""
    windows = promised_by(made, routes)
    route_of = {shift.id: route for shift, route in zip(made.shifts, routes, strict=True)}
    after = tuple(
        _driven(_with(made, shift, route_of.get(shift.id, ()), windows), travel, now)
        for shift in shifts
    )
    old, new = _standings(shifts), _standings(after)
    unserved = tuple(wish.id for wish in made.wishes if wish.id not in new)
    moves = (_move(wish, old.get(wish.id), new.get(wish.id)) for wish in made.wishes)
    return Outcome(
        orders={
            one.id: ids
            for one, was in zip(after, shifts, strict=True)
            if (ids := _ids(one)) != _ids(was)
        },
        windows=windows,
        shifts=after,
        moves=tuple(move for move in moves if move is not None),
        unserved=unserved,
        travel_s=driving(after, travel),
    )


def driving(shifts: Sequence[Shift], travel: Travel) -> int:
    """Driving seconds of all routes, from home and home again."""
    return sum(sum(path_legs(shift, travel)) for shift in shifts if shift.stops)


def promised_by(made: Draft, routes: day.Routes) -> dict[UUID, tuple[int, int]]:
    """For each wish that is promised nothing yet, the latest window in which its start lies."""
    found = {}
    for at, order in enumerate(routes):
        if all(made.wishes[visit].promised for visit in order):
            continue
        timed = timetable(made.problem, at, order)
        if timed is None:
            raise ValueError("The plan has a route that cannot be driven.")
        for call in timed.calls:
            wish = made.wishes[call.index]
            if not call.is_break and not wish.promised:
                window = _around(wish, call.start + made.base)
                found[wish.id] = (window.earliest, window.latest)
    return found


def _around(wish: Wish, start: int) -> Request:
    return max(
        (one for one in wish.windows if one.earliest <= start <= one.latest),
        key=lambda one: one.earliest,
    )


def _with(
    made: Draft, shift: Shift, order: Sequence[int], windows: Mapping[UUID, tuple[int, int]]
) -> Shift:
    """The shift with what has begun on it, and then the order."""
    begun = [stop for stop in ordered(shift) if stop.fixed]
    stops = []
    for visit in order:
        wish = made.wishes[visit]
        asked = wish.windows[0]
        earliest, latest = windows.get(wish.id, (asked.earliest, asked.latest))
        service = made.problem.visits[visit].service
        stops.append(Stop(wish.id, asked.point, earliest, latest, service, earliest))
    return replace(shift, stops=(*begun, *stops))


def _driven(shift: Shift, travel: Travel, now: int) -> Shift:
    """The shift with the starts that its order allows."""
    start = {timed.id: timed.start for timed in retime(shift, travel, now)}
    return replace(shift, stops=tuple(replace(s, start=start[s.id]) for s in shift.stops))


def _standings(shifts: Sequence[Shift]) -> dict[UUID, Standing]:
    return {
        stop.id: Standing(shift.id, shift.nurse.id, stop.start)
        for shift in shifts
        for stop in shift.stops
    }


def _ids(shift: Shift) -> tuple[UUID, ...]:
    return tuple(stop.id for stop in ordered(shift))


def _move(wish: Wish, before: Standing | None, after: Standing | None) -> Move | None:
    if before == after:
        return None
    tell = []
    if wish.told and before is not None and (after is None or before.nurse != after.nurse):
        tell.append("nurse")
    if after is not None and (before is None or abs(before.start - after.start) > MOVED_AFTER_S):
        tell.append("time")
    return Move(wish.id, before, after, tuple(tell))
