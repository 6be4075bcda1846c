"""The one place that times a route: as early as its order allows, leaving just in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from dispatch.planning import rules
from dispatch.planning.problem import Shift, Stop, Travel
from dispatch.planning.rules import Breach

NEVER = 1 << 60
"""Later than any departure; its negative is earlier than any start."""


@dataclass(frozen=True, slots=True)
class Timed:
    """When the nurse leaves the place before, starts and ends; the drive takes ``travel_s``."""

    id: UUID
    leave: int
    start: int
    end: int
    travel_s: int


@dataclass(frozen=True, slots=True)
class Run:
    """A route driven as early as possible, late or not; ``home`` is the arrival there."""

    stops: tuple[Timed, ...]
    home: int


@dataclass(frozen=True, slots=True)
class Departure:
    """The earliest departure from a place as time passes: max(ready, now + away), until ``last``.

    ``away`` is the driving and service that lie before it, counted from home or the last fixed
    stop. Where now is later than ``last`` a stop before it comes too late for its window.
    """

    ready: int
    away: int
    last: int

    def at(self, now: int) -> int:
        return max(self.ready, now + self.away) if now <= self.last else NEVER


SHUT = Departure(NEVER, 0, -NEVER)
"""Of a place that lies before a fixed stop: nothing is put there any more."""


@dataclass(frozen=True, slots=True)
class Slack:
    """Per gap p of a route (p = 0 lies before the first stop), n + 1 values each.

    ``leave[p]`` is the earliest departure from the place before the gap, ``begin[p]`` the
    latest start (or arrival home) after it; NEVER and -NEVER where nothing can be placed.
    """

    leave: tuple[int, ...]
    begin: tuple[int, ...]


class RouteBroken(Exception):
    """A route that cannot be kept; ``breaches`` say which stops or what end, and by how much."""

    def __init__(self, breaches: tuple[Breach, ...]) -> None:
        super().__init__(", ".join(f"{b.rule} {b.subject} by {b.amount} s" for b in breaches))
        self.breaches = breaches


def ordered(shift: Shift) -> tuple[Stop, ...]:
    """The stops in the order they are driven: what has begun, then the rest as it stands."""
    return tuple(sorted(shift.stops, key=lambda stop: not stop.fixed))


def with_stop(shift: Shift, position: int, stop: Stop) -> Shift:
    """The shift with one more stop at a position of ``ordered``; starts are left as they were."""
    stops = ordered(shift)
    return replace(shift, stops=(*stops[:position], stop, *stops[position:]))


def path_legs(shift: Shift, travel: Travel) -> tuple[int, ...]:
    """Driving seconds from home through the stops and home again, n + 1 of them."""
    path = [shift.home, *(stop.point for stop in ordered(shift)), shift.home]
    return tuple(travel.legs(path).tolist())


def retime(shift: Shift, travel: Travel, now: int) -> tuple[Timed, ...]:
    """Times for every stop, in route order, each as early as the order allows.

    Fixed stops keep start and end, and no other departure lies before ``now``. A planned start
    does not bind: a stop planned later than needed moves earlier within its window. Starts
    ascend. Raises ``RouteBroken`` where a stop that has not begun would start after its window
    or, following such a stop, the nurse would be home after the shift's end; what has begun is
    fact and breaks nothing.
    """
    run = follow(shift, path_legs(shift, travel), now)
    breaches = tuple(broken(shift, run))
    if breaches:
        raise RouteBroken(breaches)
    return run.stops


def follow(shift: Shift, legs: Sequence[int], now: int) -> Run:
    """Drive the route over given legs (see ``path_legs``), waiting for windows, never refusing."""
    timed: list[Timed] = []
    free, end = max(shift.start, now), shift.start
    for stop, leg in zip(ordered(shift), legs, strict=False):
        if stop.fixed:
            start = stop.start
            leave = min(start, max(end, start - leg)) if timed else start - leg
        else:
            start = max(stop.earliest, free + leg)
            leave = start - leg
        end = start + stop.service
        free = max(end, now)
        timed.append(Timed(stop.id, leave, start, end, leg))
    return Run(tuple(timed), end + legs[-1])


def broken(shift: Shift, run: Run, placed: UUID | None = None) -> Iterator[Breach]:
    """The timing rules a driven route breaks: late stops in order, then the end of the shift.

    Where a stop is being ``placed``, the others it makes late break ``next_visit_on_time``.
    """
    stops = ordered(shift)
    for stop, timed in zip(stops, run.stops, strict=True):
        if stop.fixed:
            continue
        own = placed is None or stop.id == placed
        rule = rules.arrives_in_window if own else rules.next_visit_on_time
        yield from rule(stop, timed.start)
    if stops and not stops[-1].fixed:
        yield from rules.within_shift(shift, run.home)


def slack(shift: Shift, legs: Sequence[int], now: int) -> Slack:
    """Forward and backward slack of a route over its legs (Savelsbergh 1992)."""
    leave = tuple(departure.at(now) for departure in departures(shift, legs))
    return Slack(leave, latest_begins(shift, legs))


def departures(shift: Shift, legs: Sequence[int]) -> tuple[Departure, ...]:
    """Per gap the earliest departure from the place before it, whatever ``now`` will be."""
    found = [Departure(shift.start, 0, NEVER)]
    for stop, leg in zip(ordered(shift), legs, strict=False):
        before = found[-1]
        if stop.fixed:
            found[-1:] = [SHUT, Departure(stop.start + stop.service, 0, NEVER)]
            continue
        start = max(stop.earliest, before.ready + leg)
        last = min(before.last, stop.latest - leg - before.away)
        away = before.away + leg + stop.service
        found.append(
            Departure(start + stop.service, away, last if start <= stop.latest else -NEVER)
        )
    return tuple(found)


def latest_begins(shift: Shift, legs: Sequence[int]) -> tuple[int, ...]:
    """Per gap the latest start (or arrival home) after it; -NEVER where nothing can be placed."""
    begin = [shift.end]
    for stop, leg in zip(reversed(ordered(shift)), reversed(legs[1:]), strict=True):
        start = min(stop.latest, begin[-1] - leg - stop.service)
        begin.append(start if start >= stop.earliest else -NEVER)
    return tuple(reversed(begin))
