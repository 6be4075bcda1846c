"""From routes and wishes to a day's problem, and from a plan of it back to routes.

Who may serve whom is judged by ``rules``, what can be kept of a route by ``timing``: the solver
sees only what they have let through, and what it answers is timed by ``timing`` again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from dispatch.planning import rules
from dispatch.planning.day import problem as day
from dispatch.planning.problem import Point, Request, Shift, Stop, Travel
from dispatch.planning.timing import RouteBroken, ordered, path_legs, retime

BEFORE_ALL, STANDING, PROMISED, OPEN = 10_000, 101, 100, 10
"""Priorities: what has been promised goes before what has only been asked for; of two where only
one can be served, it is the one whose nurse is there."""

MOVED_AFTER_S = 15 * 60
"""A start that moves by no more is within what a patient expects."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit or a hold to be served; ``id`` is that of its stop, or its own while it has none.

    ``windows`` ascend: what may be promised of the request, or what has been. A ``pinned`` one
    stays on its shift. ``told`` says that the patient knows who comes.
    """

    id: UUID
    request: Request
    windows: tuple[Request, ...]
    promised: bool = True
    pinned: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """What changes cost beside the driving, in seconds of driving.

    ``told``: a patient who was told a nurse gets another though theirs could come; ``swapped``:
    the same where none was told; ``moved``: a start that moves by more than ``MOVED_AFTER_S``;
    ``stranger``: a patient who has had nurses gets one that is new. ``columns.md`` of the studies
    took 900 for the last.
    """

    told: int = 0
    swapped: int = 0
    moved: int = 0
    stranger: int = 900


Home: TypeAlias = tuple[Shift, Stop] | None
"""The shift and stop of a wish that has one."""


@dataclass(frozen=True, eq=False, slots=True)
class Draft:
    """A day's problem with what its indices stand for; its times count from ``base``. ``homes``
    tells where each wish stands, ``current`` what can be kept of the routes in force, ``lost``
    which wishes cannot be kept there."""

    problem: day.Problem
    base: int
    shifts: tuple[Shift, ...]
    wishes: tuple[Wish, ...]
    homes: tuple[Home, ...]
    current: day.Routes
    lost: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Places:
    """Points by index, each once."""

    known: dict[Point, int] = field(default_factory=dict)

    def at(self, point: Point) -> int:
        return self.known.setdefault(point, len(self.known))


def kept(shift: Shift, travel: Travel, now: int) -> Shift:
    """The shift with as many of its stops as its order can keep: late ones go, then the last."""
    while True:
        try:
            retime(shift, travel, now)
        except RouteBroken as broken:
            late = {one.subject for one in broken.breaches if one.rule == "arrives_in_window"}
            goes = next(
                (stop for stop in ordered(shift) if str(stop.id) in late), ordered(shift)[-1]
            )
            shift = replace(shift, stops=tuple(one for one in shift.stops if one != goes))
        else:
            return shift


def delayed(shift: Shift, until: int) -> Shift:
    """The shift of a nurse who is kept where she is: nothing that has not begun starts before."""
    begun = _begun(shift)
    if not begun:
        return replace(shift, start=max(shift.start, until))
    last = replace(begun[-1], service=max(begun[-1].service, until - begun[-1].start))
    return replace(shift, stops=tuple(last if one == begun[-1] else one for one in shift.stops))


def draft(
    shifts: Sequence[Shift],
    wishes: Sequence[Wish],
    travel: Travel,
    now: int,
    weights: Weights,
) -> Draft:
    """The problem of serving the wishes on the shifts: every stop that has not begun is a wish.

    A shift in which nothing more can begin is left out; what stands on it is lost.
    """
    open_ones = [shift for shift in shifts if _opens(shift, now) + _home(shift, travel) < shift.end]
    number = {wish.id: at for at, wish in enumerate(wishes)}
    stands = {stop.id: (shift, stop) for shift in shifts for stop in shift.stops}
    at_home = tuple(stands.get(wish.id) for wish in wishes)
    able = _able(wishes, open_ones, at_home)
    current = tuple(
        _keepable(
            shift,
            [wish.id for wish, can in zip(wishes, able[:, at], strict=True) if can],
            travel,
            now,
        )
        for at, shift in enumerate(open_ones)
    )
    routes = tuple(tuple(number[stop] for stop in route) for route in current)
    safe = {visit for route in routes for visit in route}
    stood = {number[stop.id] for shift in shifts for stop in shift.stops if stop.id in number}
    places, base = _Places(), now
    problem = day.Problem(
        visits=tuple(
            _visit(wish, home, places, base, stays=at in safe)
            for at, (wish, home) in enumerate(zip(wishes, at_home, strict=True))
        ),
        shifts=_day_shifts(open_ones, places, now, base),
        travel=travel.matrix(points := tuple(places.known), points).astype(np.int32),
        able=able,
        cost=np.zeros((len(wishes), len(open_ones)), dtype=np.int32),
    )
    lost = frozenset(stood - safe)
    made = Draft(problem, base, tuple(open_ones), tuple(wishes), at_home, routes, lost)
    return weighed(made, weights)


def undisturbed(made: Draft) -> Draft:
    """The same problem where whoever can stay with her nurse does, and is served before all."""
    able, visits = made.problem.able.copy(), list(made.problem.visits)
    for shift, route in enumerate(made.current):
        for visit in route:
            able[visit] = np.arange(len(made.shifts)) == shift
            visits[visit] = replace(visits[visit], priority=BEFORE_ALL)
    return replace(made, problem=replace(made.problem, able=able, visits=tuple(visits)))


def weighed(made: Draft, weights: Weights) -> Draft:
    """The same problem with other costs."""
    cost = _costs(made.wishes, made.shifts, made.homes, weights)
    terms = day.Terms(moved=weights.moved, moved_after_s=MOVED_AFTER_S)
    return replace(made, problem=replace(made.problem, cost=cost, terms=terms))


def _keepable(shift: Shift, able: Sequence[UUID], travel: Travel, now: int) -> tuple[UUID, ...]:
    """Which of its stops that have not begun the shift can keep, in order.

    Each must fit alone, too: the solver looks at no pair that does not.
    """
    begun, fit = _begun(shift), []
    for stop in ordered(shift):
        alone = replace(shift, stops=(*begun, stop))
        if stop.id in able and kept(alone, travel, now) == alone:
            fit.append(stop)
    mine = replace(shift, stops=(*begun, *fit))
    return tuple(stop.id for stop in ordered(kept(mine, travel, now)) if not stop.fixed)


def _opens(shift: Shift, now: int) -> int:
    """When the nurse is free for what has not begun."""
    return max(now, shift.start, *(stop.start + stop.service for stop in shift.stops if stop.fixed))


def _home(shift: Shift, travel: Travel) -> int:
    """The drive home from where she then is."""
    return path_legs(replace(shift, stops=tuple(_begun(shift))), travel)[-1]


def _able(
    wishes: Sequence[Wish], shifts: Sequence[Shift], at_home: Sequence[Home]
) -> NDArray[np.bool_]:
    """Who may serve whom, shape (wishes, shifts): by all rules that look at no route."""
    able = np.zeros((len(wishes), len(shifts)), dtype=np.bool_)
    spans: dict[tuple[UUID, str, frozenset[str]], tuple[rules.Span, ...]] = {}
    for row, (wish, home) in enumerate(zip(wishes, at_home, strict=True)):
        free = wish.pinned or not any(map(any, map(rules.window_is_free, wish.windows)))
        if not wish.windows or not free:
            continue
        begin, end = wish.windows[0].earliest, wish.windows[-1].latest + wish.request.service
        for column, shift in enumerate(shifts):
            if wish.pinned:
                able[row, column] = home is not None and home[0].id == shift.id
            elif not any(rules.asked_nurse(shift.nurse, wish.request)):
                key = (shift.nurse.id, wish.request.state, wish.request.certificates)
                if key not in spans:
                    spans[key] = rules.qualified_spans(shift.nurse, *key[1:])
                able[row, column] = any(a <= begin and end <= b for a, b in spans[key])
    return able


def _visit(wish: Wish, home: Home, places: _Places, base: int, *, stays: bool) -> day.Visit:
    return day.Visit(
        place=places.at(wish.request.point),
        service=wish.request.service if home is None else home[1].service,
        windows=tuple(_merged((one.earliest - base, one.latest - base) for one in wish.windows)),
        priority=STANDING if stays else PROMISED if wish.promised else OPEN,
        planned=None if home is None else home[1].start - base,
    )


def _merged(windows: Iterable[day.Window]) -> Iterator[day.Window]:
    """The same moments in windows that neither overlap nor touch; given ascending."""
    last: day.Window | None = None
    for begin, end in windows:
        if last is not None and begin <= last[1] + 1:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (begin, end)
    if last is not None:
        yield last


def _day_shifts(
    shifts: Sequence[Shift], places: _Places, now: int, base: int
) -> tuple[day.Shift, ...]:
    """Each from where its last stop that has begun leaves the nurse."""
    nurses: dict[UUID, int] = {}
    return tuple(
        day.Shift(
            start=places.at(next((s.point for s in reversed(_begun(shift))), shift.home)),
            end=places.at(shift.home),
            opens=_opens(shift, now) - base,
            closes=shift.end - base,
            nurse=nurses.setdefault(shift.nurse.id, len(nurses)),
        )
        for shift in shifts
    )


def _begun(shift: Shift) -> list[Stop]:
    return [stop for stop in ordered(shift) if stop.fixed]


def _costs(
    wishes: Sequence[Wish], shifts: Sequence[Shift], at_home: Sequence[Home], weights: Weights
) -> NDArray[np.int32]:
    """What each pairing costs beside the driving, shape (wishes, shifts)."""
    cost = np.zeros((len(wishes), len(shifts)), dtype=np.int32)
    working = {shift.id for shift in shifts}
    columns: dict[UUID, list[int]] = defaultdict(list)
    for column, shift in enumerate(shifts):
        columns[shift.nurse.id].append(column)
    for row, (wish, home) in enumerate(zip(wishes, at_home, strict=True)):
        if home is not None and home[0].id in working:
            cost[row] = weights.told if wish.told else weights.swapped
            cost[row, columns[home[0].nurse.id]] = 0
        if wish.request.known:
            cost[row] += weights.stranger
            for nurse in wish.request.known & columns.keys():
                cost[row, columns[nurse]] -= weights.stranger
    return cost
