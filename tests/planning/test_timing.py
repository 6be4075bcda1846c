"""A route is timed as early as its order allows, leaves just in time, and says what breaks it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings

from dispatch.planning.rules import Breach
from dispatch.planning.timing import RouteBroken, ordered, path_legs, retime, slack, with_stop
from tests.planning import oracle, worlds

TEN = worlds.TableTravel(((10,) * 5,) * 5)


def breaches(shift, now=0, travel=TEN):
    with pytest.raises(RouteBroken) as caught:
        retime(shift, travel, now)
    return caught.value.breaches


@settings(max_examples=800, deadline=None)
@given(worlds.shifts(1), worlds.tables, worlds.nows)
def test_a_route_is_timed_exactly_as_the_oracle_drives_it(shift, travel, now):
    expected = oracle.drive(shift, ordered(shift), travel.seconds, now)
    if expected is None:
        assert breaches(shift, now, travel)
        return
    timed = retime(shift, travel, now)
    assert [t.start for t in timed] == expected[0]
    free = max(shift.start, now)
    for stop, t in zip(ordered(shift), timed, strict=True):
        assert t.end == t.start + stop.service
        if not stop.fixed:
            assert (t.leave, stop.earliest <= t.start <= stop.latest) == (t.start - t.travel_s, 1)
            assert t.leave >= free
        free = max(t.end, now)


@settings(max_examples=500, deadline=None)
@given(worlds.shifts(1), worlds.tables, worlds.nows)
def test_nobody_is_in_two_places_after_a_fixed_stop(shift, travel, now):
    loose = replace(shift, end=10**6, stops=tuple(replace(s, latest=10**6) for s in shift.stops))
    timed = retime(loose, travel, now)
    begun = sum(stop.fixed for stop in loose.stops)
    for before, after in list(pairwise(timed))[max(0, begun - 1) :]:
        assert before.end <= after.leave <= after.start


def test_a_stop_planned_later_than_needed_moves_earlier():
    late = worlds.stop(earliest=100, latest=500, start=400)
    (timed,) = retime(worlds.shift(late), TEN, 0)
    assert (timed.leave, timed.start, timed.end, timed.travel_s) == (90, 100, 110, 10)


def test_a_fixed_stop_keeps_its_times_and_what_follows_waits_for_now():
    begun = worlds.stop(1, row=1, latest=20, start=50, fixed=True)
    after = worlds.stop(2, row=2)
    first, second = retime(worlds.shift(begun, after), TEN, 200)
    assert (first.leave, first.start, first.end) == (40, 50, 60)
    assert (second.leave, second.start) == (200, 210)


def test_what_has_begun_comes_first_whatever_the_order_given():
    waiting, begun = worlds.stop(1), worlds.stop(2, start=30, fixed=True)
    assert ordered(worlds.shift(waiting, begun)) == (begun, waiting)
    route = with_stop(worlds.shift(waiting, begun), 1, worlds.stop(3))
    assert [s.id.int for s in route.stops] == [2, 3, 1]


def test_a_day_that_overran_with_everything_done_is_fact_and_not_broken():
    done = worlds.stop(start=995, fixed=True)
    assert retime(worlds.shift(done), TEN, 2000)[0].end == 1005


def test_an_empty_day_has_no_times():
    assert retime(worlds.shift(), TEN, 5000) == ()


@pytest.mark.parametrize(("latest", "late"), [(10, 0), (9, 1)])
def test_arriving_at_the_windows_last_second_holds_and_one_later_breaks(latest, late):
    route = worlds.shift(worlds.stop(latest=latest))
    if late:
        assert breaches(route) == (Breach("arrives_in_window", str(UUID(int=100)), late),)
    else:
        assert retime(route, TEN, 0)[0].start == 10


@pytest.mark.parametrize(("end", "late"), [(30, 0), (29, 1)])
def test_home_at_the_shifts_last_second_holds_and_one_later_breaks(end, late):
    route = worlds.shift(worlds.stop(), end=end)
    if late:
        assert breaches(route) == (Breach("within_shift", str(route.id), late),)
    else:
        assert retime(route, TEN, 0)[0].end == 20


@pytest.mark.parametrize(("now", "late"), [(15, 0), (16, 1)])
def test_a_departure_now_holds_and_one_second_ago_does_not(now, late):
    route = worlds.shift(worlds.stop(latest=25))
    if late:
        assert breaches(route, now)[0].amount == late
    else:
        assert retime(route, TEN, now)[0].leave == now


def test_every_late_stop_is_named():
    route = worlds.shift(worlds.stop(1, latest=5), worlds.stop(2, row=2, latest=30), end=45)
    assert [(b.rule, b.amount) for b in breaches(route)] == [
        ("arrives_in_window", 5),
        ("within_shift", 5),
    ]
    assert "arrives_in_window" in str(RouteBroken(breaches(route)))


def test_slack_of_a_route_by_hand():
    route = worlds.shift(worlds.stop(1, row=1, earliest=50, latest=60), worlds.stop(2, row=2))
    free = slack(route, path_legs(route, TEN), 0)
    assert free.leave == (0, 60, 80)
    assert free.begin == (60, 980, 1000)
