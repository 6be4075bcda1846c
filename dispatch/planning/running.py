"""Days driven on as they run: in the same order, late or not, nobody dropped or in two places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from uuid import UUID

from dispatch.planning.problem import Shift, Stop
from dispatch.planning.timing import Timed, follow, ordered


@dataclass(frozen=True, slots=True)
class _Taken:
    """Somebody's time [begin, end) at a stop; of two, the one of greater ``turn`` waits."""

    begin: int
    end: int
    turn: tuple[bool, int, UUID]
    shift: UUID


def excused(shift: Shift) -> Shift:
    """The shift with the windows of late stops open until they are now expected: they are not to
    come later still, and the rest of the day can be planned around them."""
    if not any(_is_late(stop) for stop in shift.stops):
        return shift
    stops = tuple(
        replace(stop, latest=stop.start) if _is_late(stop) else stop for stop in shift.stops
    )
    return replace(shift, stops=stops)


def _is_late(stop: Stop) -> bool:
    return not stop.fixed and stop.start > stop.latest


def run_on(
    shifts: Sequence[Shift],
    legs: Mapping[UUID, Sequence[int]],
    patient_of: Mapping[UUID, UUID],
    now: int,
) -> dict[UUID, tuple[Timed, ...]]:
    """Times for every stop of the shifts, each as early as its window and the order allow.

    ``legs`` are those of ``timing.path_legs`` by shift, ``patient_of`` leads from a stop to whose
    it is. A window that has closed is no hindrance. Where a nurse or a patient would be in two
    places, whoever's turn comes later waits: what has begun goes before what has not, then what
    was planned earlier. As turns are one order for all the shifts, the waiting comes to an end.
    """
    turns = {
        stop.id: (not stop.fixed, stop.start, stop.id) for shift in shifts for stop in shift.stops
    }
    routes = {shift.id: shift for shift in shifts}
    while True:
        runs = {one: follow(route, legs[one], now).stops for one, route in routes.items()}
        waits = next(_clashes(routes, runs, patient_of, turns), None)
        if waits is None:
            return runs
        later, by = waits
        routes[later.shift] = _put_off(routes[later.shift], runs[later.shift], later.turn[2], by)


def _clashes(
    routes: Mapping[UUID, Shift],
    runs: Mapping[UUID, Sequence[Timed]],
    patient_of: Mapping[UUID, UUID],
    turns: Mapping[UUID, tuple[bool, int, UUID]],
) -> Iterator[tuple[_Taken, int]]:
    """Whoever must wait for somebody, and for how many seconds more."""
    taken: dict[tuple[str, UUID], list[_Taken]] = defaultdict(list)
    for shift_id, run in runs.items():
        for one in run:
            here = _Taken(one.leave, one.end, turns[one.id], shift_id)
            taken["nurse", routes[shift_id].nurse.id].append(here)
            taken["patient", patient_of[one.id]].append(replace(here, begin=one.start))
    for spans in taken.values():
        in_turn = sorted(spans, key=lambda span: span.turn)
        for first, then in combinations(in_turn, 2):
            if first.begin < then.end and then.begin < first.end:
                yield then, first.end - then.begin


def _put_off(shift: Shift, run: Sequence[Timed], stop_id: UUID, by: int) -> Shift:
    """The shift with one stop beginning ``by`` seconds later than in the run, at the earliest."""
    (start,) = (one.start + by for one in run if one.id == stop_id)
    stops = tuple(
        replace(one, earliest=start, start=start) if one.id == stop_id else one
        for one in ordered(shift)
    )
    return replace(shift, stops=stops)
