"""Plans and repairs against an oracle that drives every route by hand: nobody is lost or doubled,
every rule holds, what is pinned stays, and who is said to be told is who must be."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.day.problem import Limits
from dispatch.planning.draft import Weights, Wish, delayed, draft, kept
from dispatch.planning.problem import Credential, Nurse, Request, Shift, Stop
from dispatch.planning.repair import plan, repair
from tests.planning import oracle
from tests.planning.worlds import (
    PLACES,
    TableTravel,
    at,
    drives,
    nurse,
    rows,
    shift,
    stop,
    tables,
    wish_for,
)

LIMITS = Limits(iterations=20)
NEED = frozenset({"acls"})
MINUTE = 60
EVER = (-(10**9), 10**9)
FEW = settings(max_examples=60, deadline=None)


@dataclass(frozen=True)
class Case:
    travel: object
    shifts: tuple[Shift, ...]
    wishes: tuple[Wish, ...]
    now: int


def never(_progress) -> bool:
    return False


@st.composite
def nurses(draw, number):
    papers = draw(st.sampled_from([EVER, EVER, EVER, (0, 0)]))
    return Nurse(UUID(int=number), (Credential("VA", *EVER),), (Credential("acls", *papers),))


@st.composite
def routes(draw, number, travel):
    """A shift whose route can be kept: each window lies around the start that the drive gives."""
    home, who = draw(rows), draw(nurses(number))
    here, clock, stops, wishes = at(home), 0, [], []
    for k in range(draw(st.integers(0, 4))):
        place, service = at(draw(rows)), draw(st.integers(1, 15)) * MINUTE
        clock += travel.seconds(here, place) * MINUTE + draw(st.integers(0, 10)) * MINUTE
        early, late = draw(st.integers(0, 40)) * MINUTE, draw(st.integers(0, 40)) * MINUTE
        one = Stop(UUID(int=number * 10 + k), place, clock - early, clock + late, service, clock)
        needs = NEED if oracle.holds(who.certificates, "acls", *EVER) else frozenset()
        asked = Request(place, "VA", service, one.earliest, one.latest, needs)
        pinned = draw(st.integers(0, 7)) == 0
        wishes.append(Wish(one.id, asked, (asked,), pinned=pinned, told=draw(st.booleans())))
        stops.append(one)
        here, clock = place, clock + service
    end = clock + travel.seconds(here, at(home)) * MINUTE + draw(st.integers(0, 60)) * MINUTE
    begun = bool(stops) and draw(st.integers(0, 3)) == 0
    if begun:
        stops[0] = replace(stops[0], fixed=True)
    return (
        Shift(UUID(int=1000 + number), who, 0, max(end, 1), at(home), tuple(stops)),
        wishes[1:] if begun else wishes,
    )


@dataclass(frozen=True)
class Minutes:
    """The table in minutes."""

    table: object

    def matrix(self, origins, destinations):
        return self.table.matrix(origins, destinations) * MINUTE

    def legs(self, path):
        return self.table.legs(path) * MINUTE

    def seconds(self, a, b):
        return self.table.seconds(a, b) * MINUTE


@st.composite
def open_wishes(draw):
    found = []
    for number in range(draw(st.integers(0, 2))):
        place, service = at(draw(rows)), draw(st.integers(1, 15)) * MINUTE
        begins = sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=3)))
        asked = Request(place, "VA", service, 0, 240 * MINUTE, NEED)
        tried = tuple(
            replace(asked, earliest=begin * 20 * MINUTE, latest=(begin * 20 + 20) * MINUTE)
            for begin in begins
        )
        found.append(Wish(UUID(int=900 + number), asked, tried, promised=False))
    return found


def roads(table: TableTravel) -> TableTravel:
    """No way is longer than one that leads by another place (Floyd 1962)."""
    best = [list(row) for row in table.table]
    for place in range(PLACES):
        best[place][place] = 0
    for by, a, b in product(range(PLACES), repeat=3):
        best[a][b] = min(best[a][b], best[a][by] + best[by][b])
    return TableTravel(tuple(map(tuple, best)))


@st.composite
def cases(draw):
    table = draw(tables.map(roads))
    drawn = [draw(routes(number, table)) for number in range(1, draw(st.integers(1, 4)) + 1)]
    wishes = [wish for _, some in drawn for wish in some]
    return Case(Minutes(table), tuple(one for one, _ in drawn), (*wishes, *draw(open_wishes())), 0)


@st.composite
def broken_cases(draw):
    """One nurse is away from some minute on, or is kept where she is."""
    case = draw(cases())
    which, minute = draw(st.integers(0, len(case.shifts) - 1)), draw(st.integers(0, 60)) * MINUTE
    hers = case.shifts[which]
    if draw(st.booleans()):
        hers = replace(hers, end=max(hers.start, min(hers.end, minute)))
    else:
        hers = delayed(hers, minute)
    shifts = (*case.shifts[:which], hers, *case.shifts[which + 1 :])
    return replace(case, shifts=shifts)


def faults(case: Case, proposal, wishes) -> list[str]:
    """What is wrong with a proposal, found by driving its routes stop by stop."""
    done = proposal.outcome
    return [
        *miscounted(case, done, wishes),
        *misdriven(case, done),
        *mispromised(case, done, wishes),
    ]


def miscounted(case, done, wishes):
    served = Counter(one.id for each in done.shifts for one in each.stops)
    begun = {one.id for each in case.shifts for one in each.stops if one.fixed}
    yield from (f"{one} is served twice" for one, times in served.items() if times > 1)
    if served.keys() | set(done.unserved) != begun | {wish.id for wish in wishes}:
        yield "somebody is lost or invented"
    if served.keys() & set(done.unserved):
        yield "somebody is both served and not"


def misdriven(case, done):
    for before, after in zip(case.shifts, done.shifts, strict=True):
        if [s for s in before.stops if s.fixed] != [s for s in after.stops if s.fixed]:
            yield "what has begun was touched"
        driven = oracle.drive(after, after.stops, case.travel.seconds, case.now)
        if driven is None or driven[0] != [one.start for one in after.stops]:
            yield f"{after.id} cannot be driven so"
        changed = [one.id for one in before.stops] != [one.id for one in after.stops]
        if changed != (after.id in done.orders):
            yield f"the order of {after.id} is not told"


def mispromised(case, done, wishes):
    stood = {one.id: (each, one) for each in case.shifts for one in each.stops}
    where = {one.id: (each, one) for each in done.shifts for one in each.stops}
    told = {move.id: move.tell for move in done.moves}
    for wish in wishes:
        if wish.id in where:
            yield from wronged(wish, stood.get(wish.id), *where[wish.id], told.get(wish.id, ()))


def wronged(wish, home, after, one, told):
    if not any((one.earliest, one.latest) == (w.earliest, w.latest) for w in wish.windows):
        yield f"{wish.id} has a window nobody promised"
    end = one.latest + one.service
    if not wish.pinned and not oracle.qualified(after.nurse, wish.request, one.earliest, end):
        yield f"{wish.id} has a nurse who may not"
    if home and wish.pinned and home[0].id != after.id:
        yield f"{wish.id} was pinned"
    if home and ("nurse" in told) != (wish.told and home[0].nurse != after.nurse):
        yield f"{wish.id}: who comes is told wrongly"
    if home and ("time" in told) != (abs(home[1].start - one.start) > 900):
        yield f"{wish.id}: when is told wrongly"


@FEW
@given(broken_cases())
def test_a_repair_loses_nobody_and_keeps_every_rule(case) -> None:
    promised = [wish for wish in case.wishes if wish.promised]
    found = repair(case.shifts, case.wishes, case.travel, case.now, LIMITS, never)
    assert len(found) <= 3
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    for one in found:
        assert faults(case, one, promised) == []
    keys = [tuple(sorted(one.outcome.orders.items())) for one in found]
    assert len(set(keys)) == len(keys)


@FEW
@given(broken_cases())
def test_a_repair_serves_whom_the_routes_can_keep(case) -> None:
    """What was left alone by the break is served in every proposal, or more are."""
    safe = {one.id for each in case.shifts for one in kept(each, case.travel, case.now).stops}
    promised = {wish.id for wish in case.wishes if wish.promised}
    for one in repair(case.shifts, case.wishes, case.travel, case.now, LIMITS, never):
        assert len(one.outcome.unserved) <= len(promised - safe)


@FEW
@given(cases())
def test_a_plan_loses_nobody_keeps_every_rule_and_is_never_worse(case) -> None:
    found = plan(case.shifts, case.wishes, case.travel, case.now, LIMITS, never)
    pinned = [replace(wish, pinned=wish.pinned or wish.told) for wish in case.wishes]
    assert faults(case, found, pinned) == []
    assert not any("nurse" in move.tell for move in found.outcome.moves)
    standing = {one.id for each in case.shifts for one in each.stops}
    assert not standing & set(found.outcome.unserved)


def test_the_visits_of_a_nurse_who_is_away_go_to_another_and_are_told() -> None:
    first, second = stop(100, 1, 0, 100), stop(101, 2, 200, 300, start=200)
    away = shift(first, number=1, end=0)
    there = shift(second, number=2)
    wishes = [wish_for(first, told=True), wish_for(second, told=True)]
    (best, *_) = repair((away, there), wishes, drives(), 0, LIMITS, never)
    assert best.rank[:3] == (0, 1, 0)
    assert best.outcome.orders == {there.id: (first.id, second.id), away.id: ()}
    (move,) = (one for one in best.outcome.moves if one.id == first.id)
    assert (move.tell, move.after.nurse) == (("nurse",), there.nurse.id)


def test_whom_nobody_can_take_is_left_with_the_reason() -> None:
    only = stop(100, 1, 0, 100)
    away = shift(only, number=1, end=0)
    without_papers = shift(number=2, who=nurse(2, certificate=(0, 5)))
    (best,) = repair((away, without_papers), [wish_for(only)], drives(), 0, LIMITS, never)
    assert best.outcome.unserved == (only.id,)
    assert best.reasons == {only.id: {"certified": 1}}


def test_nothing_is_proposed_where_nothing_is_broken_and_little_is_won() -> None:
    first, second = stop(100, 1, 0, 100), stop(101, 2, 200, 300, start=200)
    wishes = [wish_for(first), wish_for(second)]
    assert repair((shift(first, second),), wishes, drives(), 0, LIMITS, never) == ()


def test_a_broken_route_is_left_alone_by_a_plan() -> None:
    late, other = stop(100, 1, 0, 3), stop(101, 2, 200, 300, start=200)
    hers, free = shift(late, number=1), shift(other, number=2)
    wishes = [wish_for(late), wish_for(other)]
    found = plan((hers, free), wishes, drives(), 0, LIMITS, never)
    assert [one.id for one in found.outcome.shifts] == [free.id]


@pytest.mark.parametrize("changed", [0, 700])
def test_a_changed_nurse_costs_only_where_hers_could_come(changed) -> None:
    first, second = stop(100, 1, 0, 100), stop(101, 2, 200, 300, start=200)
    away, there = shift(first, number=1, end=0), shift(second, number=2)
    spare = shift(number=3)
    wishes = [wish_for(first, told=True), wish_for(second, told=True)]
    made = draft((away, there, spare), wishes, drives(), 0, Weights(told=changed))
    assert [one.id for one in made.shifts] == [there.id, spare.id]
    assert made.problem.cost.tolist() == [[0, 0], [0, changed]]
    assert made.lost == frozenset({0})
