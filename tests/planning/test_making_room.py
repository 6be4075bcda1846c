"""Room that is offered can be made: judged by driving every order and every other nurse's route."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.insertion import Gaps
from dispatch.planning.making_room import Way, as_stop, make_room, reordered
from dispatch.planning.problem import Request
from dispatch.planning.slots import offers
from dispatch.planning.timing import ordered, retime
from tests.planning import oracle, worlds

VISIT = UUID(int=7)
TEN = worlds.TableTravel(((10,) * 5,) * 5)


def driving(shift, stops, travel):
    path = [shift.home, *(stop.point for stop in stops), shift.home]
    return sum(travel.seconds(a, b) for a, b in pairwise(path)) if stops else 0


def shortest(shift, stop, travel, now):
    """The least driving over all orders that keep every promise, by brute force; else None."""
    begun = [one for one in shift.stops if one.fixed]
    rest = [one for one in shift.stops if not one.fixed]
    orders = ([*begun, *order] for order in permutations([*rest, stop]))
    kept = [o for o in orders if oracle.drive(shift, o, travel.seconds, now) is not None]
    return min((driving(shift, order, travel) for order in kept), default=None)


def direct(table):
    """No way round is shorter than the way: as of roads, and as the search may rely on."""
    rows = [
        [0 if a == b else seconds for b, seconds in enumerate(row)] for a, row in enumerate(table)
    ]
    for via in range(len(rows)):
        for a in range(len(rows)):
            for b in range(len(rows)):
                rows[a][b] = min(rows[a][b], rows[a][via] + rows[via][b])
    return worlds.TableTravel(tuple(map(tuple, rows)))


@settings(max_examples=500, deadline=None)
@given(worlds.shifts(1), worlds.requests(), worlds.tables, worlds.nows)
def test_a_route_is_put_in_the_best_order_there_is(shift, request, travel, now):
    roads = direct(travel.table)
    stop = as_stop(VISIT, request)
    made = reordered(shift, stop, roads, now)
    expected = shortest(shift, stop, roads, now)
    assert (made and made.driven_s) == expected
    if made is not None:
        assert {s.id for s in retime(made.shift, roads, now)} == {
            VISIT,
            *(s.id for s in shift.stops),
        }


@settings(max_examples=400, deadline=None)
@given(
    worlds.markets(),
    worlds.requests(),
    worlds.tables,
    worlds.nows,
    st.lists(st.integers(0, 110), max_size=8, unique=True),
    st.integers(0, 20),
)
def test_no_room_is_offered_that_cannot_be_made(shifts, request, travel, now, starts, width):
    wide = replace(request, latest=request.latest + 60)
    movable = {
        stop.id: Request(stop.point, "VA", stop.service, stop.earliest, stop.latest, frozenset())
        for shift in shifts
        for stop in shift.stops
        if stop.id.int % 2
    }
    found = make_room(Gaps.of(shifts, travel, now), wide, starts, width, movable)
    assert [offer.start for offer in found] == sorted({offer.start for offer in found})
    for offer in found:
        assert max(now, wide.earliest) <= offer.start in starts
        assert offer.window_end == offer.start + width <= wide.latest
        check(offer, {shift.id: shift for shift in shifts}, wide, travel, movable, now)


def check(offer, by_id, request, travel, movable, now):
    shift = by_id[offer.shift]
    window = replace(request, earliest=offer.start, latest=offer.window_end)
    stop = as_stop(VISIT, window)
    if offer.way == Way():
        assert oracle.qualified(shift.nurse, window, stop.earliest, stop.latest + stop.service)
        assert shortest(shift, stop, travel, now) is not None
        return
    left = tuple(one for one in shift.stops if one.id != offer.way.stop)
    (gone,) = (one for one in shift.stops if one.id == offer.way.stop)
    assert not gone.fixed
    assert offer.way.to != offer.shift
    assert oracle.insertions(replace(shift, stops=left), window, stop, travel.seconds, now)
    assert oracle.insertions(by_id[offer.way.to], movable[gone.id], gone, travel.seconds, now)


def test_a_route_in_the_wrong_order_is_turned_round():
    """As it stands, whoever comes at 70 makes the second late; who comes second can wait."""
    patient = worlds.stop(1, row=1, latest=200, service=50, start=10)
    pressed = worlds.stop(2, row=2, latest=120, service=50, start=70)
    wish = worlds.request(row=3, earliest=65, latest=70, service=50)
    gaps = Gaps.of([worlds.shift(patient, pressed)], TEN, 0)
    assert not offers(gaps, wish, [65], 5)
    (offer,) = make_room(gaps, wish, [65], 5, {})
    assert (offer.start, offer.way, offer.detour_s) == (65, Way(), 10)
    made = reordered(gaps.shifts[0], as_stop(VISIT, wish), TEN, 0)
    assert made is not None
    assert [stop.id.int for stop in ordered(made.shift)] == [2, 7, 1]
    hurried = worlds.shift(replace(patient, latest=129), pressed)
    assert not make_room(Gaps.of([hurried], TEN, 0), wish, [65], 5, {})


def taken_by_one(*, movable=True, other=None):
    """One nurse is taken at the hour that is asked for; another is free but may not treat."""
    stop = worlds.stop(1, row=1, earliest=100, latest=120, service=50, start=100)
    mary = worlds.shift(number=2, who=other or worlds.nurse(2, state="MD"))
    gaps = Gaps.of([worlds.shift(stop), mary], TEN, 0)
    wish = replace(worlds.request(earliest=100, latest=130, service=50), nurse=None)
    own = Request(stop.point, "MD", 50, 100, 120, frozenset({"acls"}))
    assert not offers(gaps, wish, [100], 30)
    return make_room(gaps, wish, [100], 30, {stop.id: own} if movable else {})


def test_a_visit_nobody_was_promised_goes_to_another_nurse():
    (offer,) = taken_by_one()
    assert (offer.way, offer.shift) == (
        Way(UUID(int=1), UUID(int=1002)),
        UUID(int=1001),
    )
    assert offer.detour_s == 20


def test_a_visit_that_may_not_go_stays():
    assert not taken_by_one(movable=False)


def test_a_visit_nobody_else_may_take_stays():
    assert not taken_by_one(other=worlds.nurse(2, state="DC"))


@pytest.mark.parametrize(("fixed", "count"), [(False, 1), (True, 0)])
def test_what_has_begun_is_neither_moved_nor_put_elsewhere(fixed, count):
    begun = worlds.stop(1, row=1, earliest=0, latest=500, service=100, start=100, fixed=fixed)
    gaps = Gaps.of([worlds.shift(begun, end=260)], TEN, 0)
    wish = worlds.request(earliest=20, latest=50, service=50)
    assert len(make_room(gaps, wish, [20], 30, {})) == count
