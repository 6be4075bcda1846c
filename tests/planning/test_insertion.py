"""What the gaps answer is what driving the route shows, in both directions."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import insertion, rules
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Stop
from dispatch.planning.timing import RouteBroken, ordered, retime, with_stop
from tests.planning import oracle, worlds

VISIT = UUID(int=7)


def visit(request):
    return Stop(
        VISIT, request.point, request.earliest, request.latest, request.service, request.earliest
    )


def better_first(shifts, request, step):
    """The key by which a place (detour, index, position, start) goes before another."""

    def key(place):
        detour, index, position, _ = place
        shift = shifts[index]
        load = sum(stop.service for stop in shift.stops)
        return (detour // step, shift.nurse.id not in request.known, load, detour, index, position)

    return key


def brute(shifts, request, travel, now):
    """Per shift index the least (detour, position, start), by the oracle."""
    found = [
        oracle.insertions(shift, request, visit(request), travel.seconds, now) for shift in shifts
    ]
    return {index: min(each) for index, each in enumerate(found) if each}


@settings(max_examples=1000, deadline=None)
@given(worlds.markets(), worlds.requests(), worlds.tables, worlds.nows)
def test_places_are_exactly_those_the_oracle_finds(shifts, request, travel, now):
    places = Gaps.of(shifts, travel, now).places(request)
    expected = brute(shifts, request, travel, now)
    assert {p.shift: (p.detour_s, p.position, p.start) for p in places} == expected
    listed = [(p.detour_s, p.shift, p.position, p.start) for p in places]
    assert listed == sorted(listed, key=better_first(shifts, request, insertion.NEAR_S))


@settings(max_examples=1000, deadline=None)
@given(
    worlds.markets(),
    worlds.requests(),
    worlds.tables,
    worlds.nows,
    st.lists(st.integers(0, 110), max_size=8, unique=True).map(sorted),
    st.integers(0, 20),
    st.sampled_from([1, 4, 300]),
)
def test_the_best_place_of_each_start_is_the_oracles(
    shifts, request, travel, now, starts, width, step
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insertion, "NEAR_S", step)
        best = Gaps.of(shifts, travel, now).best(request, np.array(starts, dtype=np.int64), width)
    for start, place in zip(starts, best, strict=True):
        window = replace(request, earliest=start, latest=start + width)
        found = brute(shifts, window, travel, now)
        fitting = [(d, i, p, s) for i, (d, p, s) in found.items()]
        expected = min(fitting, key=better_first(shifts, window, step), default=None)
        got = place and (place.detour_s, place.shift, place.position, place.start)
        assert got == expected


@settings(max_examples=1000, deadline=None)
@given(worlds.shifts(1), worlds.requests(), worlds.tables, worlds.nows)
def test_insertion_says_yes_iff_the_rules_and_retime_do(shift, request, travel, now):
    yes = {place.position for place in Gaps.of([shift], travel, now).places(request)}
    begun = sum(stop.fixed for stop in shift.stops)
    kept = set()
    for position in range(begun, len(shift.stops) + 1):
        try:
            retime(with_stop(shift, position, visit(request)), travel, now)
        except RouteBroken:
            continue
        kept.add(position)
    if any(rules.qualification(shift.nurse, request)):
        kept = set()
    assert bool(yes) == bool(kept)
    assert yes <= kept


@settings(max_examples=500, deadline=None)
@given(worlds.markets(), worlds.requests(), worlds.tables, worlds.nows)
def test_the_start_of_a_place_is_the_start_retime_gives(shifts, request, travel, now):
    for place in Gaps.of(shifts, travel, now).places(request):
        route = with_stop(shifts[place.shift], place.position, visit(request))
        timed = retime(route, travel, now)
        assert timed[place.position].start == place.start
        assert [t.id for t in timed] == [s.id for s in ordered(route)]


def test_a_nurse_licensed_in_maryland_alone_is_never_placed_in_virginia():
    travel = worlds.TableTravel(((0,) * 5,) * 5)
    maryland = worlds.shift(who=worlds.nurse(state="MD"))
    gaps = Gaps.of([maryland], travel, 0)
    starts = np.arange(0, 900, 10)
    assert gaps.places(worlds.request(state="MD"))
    assert not gaps.places(worlds.request(state="VA"))
    assert not any(gaps.best(worlds.request(state="VA"), starts, 10))


def test_a_window_counts_to_the_certificates_last_second_and_no_further():
    travel = worlds.TableTravel(((0,) * 5,) * 5)
    route = worlds.shift(who=worlds.nurse(certificate=(0, 130)))
    best = Gaps.of([route], travel, 0).best(worlds.request(), np.array([100, 101]), 20)
    assert [place is not None for place in best] == [True, False]


def test_a_market_without_shifts_has_no_places():
    gaps = Gaps.of([], worlds.TableTravel(()), 0)
    assert gaps.places(worlds.request()) == ()
    assert gaps.best(worlds.request(), np.array([5]), 10) == (None,)


@pytest.mark.parametrize(("now", "fits"), [(990, True), (991, False)])
def test_nobody_departs_in_the_past(now, fits):
    travel = worlds.TableTravel(((0,) * 5,) * 5)
    places = Gaps.of([worlds.shift()], travel, now).places(worlds.request())
    assert bool(places) is fits


@pytest.mark.parametrize(("end", "fits"), [(30, True), (29, False)])
def test_a_gap_just_long_enough_is_enough(end, fits):
    travel = worlds.TableTravel(((10,) * 5,) * 5)
    gaps = Gaps.of([worlds.shift(end=end)], travel, 0)
    best = gaps.best(worlds.request(), np.array([0, 10, 11]), 20)
    assert [place is not None for place in best] == [fits, fits, False]


@settings(max_examples=500, deadline=None)
@given(
    worlds.markets(), worlds.markets(), worlds.requests(), worlds.tables, worlds.nows, worlds.nows
)
def test_a_patched_market_answers_like_one_built_anew(old, new, request, travel, before, now):
    """Shifts of the same number are the same nurse-day, changed; the others come or go."""
    gone = {shift.id for shift in old} - {shift.id for shift in new}
    Gaps.of(old, travel, before).places(request)
    patched = Gaps.of(old, travel, before).with_routes(new, gone).at(now)
    assert patched.places(request) == Gaps.of(new, travel, now).places(request)


@settings(max_examples=300, deadline=None)
@given(worlds.markets(), worlds.requests(), worlds.tables, worlds.nows, st.integers(0, 3))
def test_without_a_stop_the_market_answers_as_if_it_had_never_been(
    shifts, request, travel, now, which
):
    stop_id = UUID(int=10 + which)
    left = [
        replace(shift, stops=tuple(stop for stop in shift.stops if stop.id != stop_id))
        for shift in shifts
    ]
    without = Gaps.of(shifts, travel, now).without(stop_id)
    assert without.places(request) == Gaps.of(left, travel, now).places(request)
