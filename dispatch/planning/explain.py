"""Why a visit can or cannot go on each nurse's route, and the least change that allows it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Literal
from uuid import UUID

from dispatch.planning import rules, slots
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Credential, Request, Shift, Stop, Travel
from dispatch.planning.rules import Breach
from dispatch.planning.slots import Asked
from dispatch.planning.timing import (
    NEVER,
    broken,
    follow,
    ordered,
    path_legs,
    slack,
    with_stop,
)

PLACED = UUID(int=0)
"""Stands for the visit being placed where a breach names a stop."""

Change = Literal["licence", "certificate", "any_nurse", "extend_shift", "start_at"]


@dataclass(frozen=True, slots=True)
class Fix:
    """One change: hold ``licence``/``certificate`` ``code`` throughout; take ``any_nurse``;
    ``extend_shift`` by ``amount`` seconds at its end; ``start_at`` moves the whole window, width
    kept, to begin at epoch second ``amount``; of a wide, unpromised window it is what would be
    promised that moves, to a bookable start."""

    change: Change
    code: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Burden:
    """What taking the visit costs a route: where, when service starts, extra driving seconds."""

    detour_s: int
    position: int
    start: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A nurse-shift's answer: a burden, or the breaches in rule order.

    All ``fixes`` together make the visit fit; empty where no single change of time would do.
    """

    shift: UUID
    nurse: UUID
    burden: Burden | None
    breaches: tuple[Breach, ...]
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class _Try:
    """The visit at one position of one route, driven as early as possible."""

    burden: Burden
    breaches: tuple[Breach, ...]
    home: int

    @property
    def rank(self) -> tuple[int, int, int, int]:
        return (*rules.weight(self.breaches), self.burden.detour_s, self.burden.position)


@dataclass(frozen=True, slots=True)
class _Roads:
    """A route's legs, and per gap the drive from its place before and on to its place after."""

    legs: tuple[int, ...]
    to: tuple[int, ...]
    on: tuple[int, ...]


def candidates(
    request: Request, shifts: Iterable[Shift], travel: Travel, now: int
) -> tuple[Candidate, ...]:
    """Every shift's answer (give those of the visit's day), feasible first by detour, then by
    number and weight of breaches; equals keep the order given. O(stops²) per shift.

    The place of a feasible one is that of ``Gaps.places``. An infeasible one is judged at the
    position where it breaks the fewest rules, by the fewest seconds.
    """
    asked = Asked((request,))
    return tuple(sorted((_candidate(asked, shift, travel, now) for shift in shifts), key=_rank))


def open_candidates(
    request: Request,
    starts: Iterable[int],
    width: int,
    shifts: Iterable[Shift],
    travel: Travel,
    now: int,
) -> tuple[Candidate, ...]:
    """The same where the window is wide and unpromised: a window of ``width`` is to be found in it.

    Feasible are exactly the shifts for which ``slots.choose`` finds an offer, with its burden; the
    first is the one it chooses. Any other is judged at that one of ``slots.windows`` during the
    shift that breaks the fewest rules, by the fewest seconds; see ``slots.asked_for`` where there
    is none. Give ``starts`` beyond the window too: fixes move to them.
    """
    gaps = Gaps.of(tuple(shifts), travel, now)
    asked = slots.asked_for(request, sorted(set(starts)), width, now)
    offered = () if asked.broken else slots.offers_of_shifts(gaps, request, asked.windows)
    able = {offer.shift for offer in offered}
    others = (_candidate(asked, one, travel, now) for one in gaps.shifts if one.id not in able)
    return (*map(_offered, offered), *sorted(others, key=_rank))


def _offered(offer: slots.Offer) -> Candidate:
    burden = Burden(offer.detour_s, offer.position, offer.service_start)
    return Candidate(offer.shift, offer.nurse, burden, (), ())


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    detour_s = candidate.burden.detour_s if candidate.burden else 0
    return (*rules.weight(candidate.breaches), detour_s)


def _candidate(asked: Asked, shift: Shift, travel: Travel, now: int) -> Candidate:
    roads = _roads(asked.windows[0], shift, travel)
    window, best = _least_broken(slots.during(shift, asked.windows), shift, roads, now)
    unqualified = tuple(rules.qualification(shift.nurse, window))
    untimely = (*asked.broken, *rules.window_is_free(window), *best.breaches)
    breaches = sorted((*unqualified, *untimely), key=lambda one: rules.ORDER.index(one.rule))
    mends = tuple(_mend(breach) for breach in unqualified)
    times: tuple[Fix, ...] | None = ()
    if untimely:
        times = _nearest_time(asked, window, _mended(shift, mends), roads, now)
    return Candidate(
        shift=shift.id,
        nurse=shift.nurse.id,
        burden=None if breaches else best.burden,
        breaches=tuple(breaches),
        fixes=() if times is None else (*mends, *times),
    )


def _least_broken(
    windows: Iterable[Request], shift: Shift, roads: _Roads, now: int
) -> tuple[Request, _Try]:
    """The window that breaks the fewest rules, by the fewest seconds, at its best position.

    A window is not driven where nurse and patient alone break as much as another does in all.
    """
    alone = [(tuple(rules.before_any_route(shift.nurse, one)), one) for one in windows]
    found: list[tuple[tuple[int, int], Request, _Try]] = []
    for breaches, window in sorted(alone, key=lambda each: rules.weight(each[0])):
        if found and rules.weight(breaches) >= min(found, key=itemgetter(0))[0]:
            break
        best = min(_tries(window, shift, roads, now), key=lambda attempt: attempt.rank)
        found.append((rules.weight((*breaches, *best.breaches)), window, best))
    return min(found, key=itemgetter(0))[1:]


def _roads(request: Request, shift: Shift, travel: Travel) -> _Roads:
    path = [shift.home, *(stop.point for stop in ordered(shift)), shift.home]
    to = travel.matrix(path[:-1], [request.point])[:, 0]
    on = travel.matrix([request.point], path[1:])[0]
    return _Roads(path_legs(shift, travel), tuple(to.tolist()), tuple(on.tolist()))


def _tries(request: Request, shift: Shift, roads: _Roads, now: int) -> Iterator[_Try]:
    """The visit at every position behind what has begun."""
    legs = roads.legs
    stop = Stop(
        PLACED, request.point, request.earliest, request.latest, request.service, request.earliest
    )
    for position in range(sum(s.fixed for s in shift.stops), len(legs)):
        to, on = roads.to[position], roads.on[position]
        longer = with_stop(shift, position, stop)
        run = follow(longer, (*legs[:position], to, on, *legs[position + 1 :]), now)
        breaches = (*broken(longer, run, PLACED), *rules.not_in_the_past(stop, now))
        burden = Burden(to + on - legs[position], position, run.stops[position].start)
        yield _Try(burden, breaches, run.home)


def _mend(breach: Breach) -> Fix:
    if breach.rule == "asked_nurse":
        return Fix("any_nurse")
    return Fix("licence" if breach.rule == "licensed_in_state" else "certificate", breach.subject)


def _mended(shift: Shift, mends: tuple[Fix, ...]) -> Shift:
    """The shift with its nurse as she would be once licences and certificates are mended."""
    nurse = shift.nurse
    for fix in mends:
        held = (Credential(fix.code, -NEVER, NEVER),)
        if fix.change == "licence":
            nurse = replace(nurse, licences=nurse.licences + held)
        elif fix.change == "certificate":
            nurse = replace(nurse, certificates=nurse.certificates + held)
    return replace(shift, nurse=nurse)


def _nearest_time(
    asked: Asked, request: Request, shift: Shift, roads: _Roads, now: int
) -> tuple[Fix, ...] | None:
    """The one change of time, longer shift or moved window, that asks for fewest seconds."""
    longer = replace(shift, end=NEVER)
    bound = asked.broken or any(rules.window_is_free(request))
    tries = () if bound else _tries(request, longer, roads, now)
    homes = [attempt.home for attempt in tries if not attempt.breaches]
    fixes = [(home - shift.end, Fix("extend_shift", amount=home - shift.end)) for home in homes]
    fixes += [
        (abs(start - request.earliest), Fix("start_at", amount=start))
        for start in _moved_starts(asked.starts, request, shift, roads, now)
        if not any(rules.window_is_free(_moved(request, start)))
    ]
    nearest = min(fixes, key=lambda fix: fix[0], default=None)
    return None if nearest is None else (nearest[1],)


def _moved(request: Request, start: int) -> Request:
    return replace(request, earliest=start, latest=start + request.latest - request.earliest)


def _moved_starts(
    starts: tuple[int, ...] | None, request: Request, shift: Shift, roads: _Roads, now: int
) -> Iterator[int]:
    """Per gap and qualified span, beginnings of the window, not past, at which the route fits it.

    Among them is the nearest that ``rules.window_is_free`` lets pass as well.
    """
    width = request.latest - request.earliest
    free = slack(shift, roads.legs, now)
    spans = rules.qualified_spans(shift.nurse, request.state, request.certificates)
    for leave, begin, to, on in zip(free.leave, free.begin, roads.to, roads.on, strict=True):
        arrive, depart = leave + to, begin - on - request.service
        for held_from, held_until in spans if arrive <= depart else ():
            first = max(arrive - width, held_from, now)
            last = min(depart, held_until - width - request.service)
            if starts is not None:
                yield from starts[bisect_left(starts, first) : bisect_right(starts, last)]
            elif first <= last:
                nearby = (request.earliest, *rules.window_edges(request))
                yield from {min(max(start, first), last) for start in nearby}
