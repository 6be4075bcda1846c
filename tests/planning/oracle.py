"""Judges routes by driving them stop by stop in plain Python; shares no code with the planner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dispatch.planning.problem import Credential, Nurse, Point, Request, Shift, Stop

Drive = Callable[[Point, Point], int]


def drive(
    shift: Shift, stops: Sequence[Stop], seconds: Drive, now: int
) -> tuple[list[int], int] | None:
    """Starts and the arrival home of driving ``stops`` in order, or None if a promise breaks.

    ``seconds(a, b)`` is the drive between two points. Stops that have begun come first.
    """
    here, clock, end, starts = shift.home, max(shift.start, now), shift.start, []
    for stop in stops:
        start = stop.start
        if not stop.fixed:
            start = max(clock + seconds(here, stop.point), stop.earliest)
            if start > stop.latest:
                return None
        starts.append(start)
        here, end = stop.point, start + stop.service
        clock = max(end, now)
    home = end + (seconds(here, shift.home) if stops else 0)
    if stops and not stops[-1].fixed and home > shift.end:
        return None
    return starts, home


def holds(credentials: Iterable[Credential], code: str, begin: int, end: int) -> bool:
    """Whether some chain of credentials covers every second of [begin, end)."""
    ours = [c for c in credentials if c.code == code and c.valid_from < c.valid_until]
    at = begin
    while True:
        reach = [c.valid_until for c in ours if c.valid_from <= at <= c.valid_until]
        if not reach:
            return False
        if max(reach) >= end:
            return True
        if max(reach) == at:
            return False
        at = max(reach)


def qualified(nurse: Nurse, request: Request, begin: int, end: int) -> bool:
    return (
        request.nurse in {None, nurse.id}
        and holds(nurse.licences, request.state, begin, end)
        and all(holds(nurse.certificates, code, begin, end) for code in request.certificates)
    )


def insertions(
    shift: Shift, request: Request, stop: Stop, seconds: Drive, now: int
) -> list[tuple[int, int, int]]:
    """Every (detour, position, start) at which the visit ``stop`` fits this shift, qualified."""
    if not qualified(shift.nurse, request, stop.earliest, stop.latest + stop.service):
        return []
    begun = [s for s in shift.stops if s.fixed]
    rest = [s for s in shift.stops if not s.fixed]
    found = []
    for k in range(len(rest) + 1):
        order = [*begun, *rest[:k], stop, *rest[k:]]
        driven = drive(shift, order, seconds, now)
        if driven is not None:
            position = len(begun) + k
            places = [shift.home, *(s.point for s in order), shift.home]
            before, after = places[position], places[position + 2]
            direct = seconds(before, after) if shift.stops else 0
            detour = seconds(before, stop.point) + seconds(stop.point, after) - direct
            found.append((detour, position, driven[0][position]))
    return found
