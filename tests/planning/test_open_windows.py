"""Of a wide, unpromised window, "she can" means that a worker would find her; each "no" is true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import rules
from dispatch.planning.explain import Burden, Fix, open_candidates
from dispatch.planning.insertion import Gaps
from dispatch.planning.slots import choose
from tests.planning import worlds
from tests.planning.test_explain import apply, fits

NEAR = worlds.TableTravel(((10,) * 5,) * 5)
HALF_HOURS = range(0, 1000, 100)

starts = st.lists(st.integers(0, 130), max_size=8)
widths = st.integers(0, 20)
busy = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=2).map(
    lambda spans: tuple((begin, begin + length) for begin, length in spans)
)


@st.composite
def wide_requests(draw):
    request = draw(worlds.requests())
    return replace(request, latest=request.latest + draw(st.integers(0, 40)), busy=draw(busy))


def is_free(window):
    end = window.latest + window.service
    return all(until <= window.earliest or end <= begin for begin, until in window.busy)


def found_by_hand(shift, request, grid, width, travel, now):
    """The least (detour, window start, position, service start), every window driven."""
    if request.latest - request.earliest <= width:
        tried = [request]
    else:
        inside = [
            at for at in grid if max(request.earliest, now) <= at and at + width <= request.latest
        ]
        tried = [replace(request, earliest=at, latest=at + width) for at in inside]
    return min(
        (
            (detour, window.earliest, position, start)
            for window in tried
            if is_free(window)
            for detour, position, start in fits(shift, window, travel, now)
        ),
        default=None,
    )


@settings(max_examples=800, deadline=None)
@given(worlds.markets(), wide_requests(), worlds.tables, worlds.nows, starts, widths)
def test_she_can_iff_a_worker_would_find_her(shifts, request, travel, now, grid, width):
    answers = open_candidates(request, grid, width, shifts, travel, now)
    assert {one.shift for one in answers} == {shift.id for shift in shifts}
    by_id = {one.shift: one for one in answers}
    for shift in shifts:
        answer = by_id[shift.id]
        chosen = choose(Gaps.of([shift], travel, now), request, grid, width)
        expected = found_by_hand(shift, request, grid, width, travel, now)
        assert bool(answer.burden) is bool(chosen) is bool(expected) is not bool(answer.breaches)
        if chosen and expected:
            detour, window, position, start = expected
            assert answer.burden == Burden(detour, position, start)
            assert (chosen.detour_s, chosen.start, chosen.position) == (detour, window, position)
            assert answer.fixes == ()
    best = choose(Gaps.of(shifts, travel, now), request, grid, width)
    assert (answers[0].shift if answers[0].burden else None) == (best and best.shift)
    counts = [len(one.breaches) for one in answers]
    assert counts == sorted(counts)


def mended(fixes, shift, request, width):
    """A moved window is what would be promised, not all that was asked for."""
    *_, last = fixes
    if last.change == "start_at":
        width = min(width, request.latest - request.earliest)
        request = replace(request, latest=request.earliest + width)
    return apply(fixes, shift, request)


@settings(max_examples=1000, deadline=None)
@given(worlds.shifts(1), wide_requests(), worlds.tables, worlds.nows, starts, widths)
def test_the_fixes_of_an_open_window_are_true(shift, request, travel, now, grid, width):
    (answer,) = open_candidates(request, grid, width, [shift], travel, now)
    if answer.fixes:
        better, other = mended(answer.fixes, shift, request, width)
        assert found_by_hand(better, other, grid, width, travel, now)
        assert choose(Gaps.of([better], travel, now), other, grid, width)
        assert all(fix.amount in grid for fix in answer.fixes if fix.change == "start_at")
    order = [rules.ORDER.index(breach.rule) for breach in answer.breaches]
    assert order == sorted(order)


@settings(max_examples=500, deadline=None)
@given(worlds.shifts(1), wide_requests(), worlds.tables, worlds.nows, starts, widths)
def test_no_fix_means_that_no_bookable_start_helps(shift, request, travel, now, grid, width):
    (answer,) = open_candidates(request, grid, width, [shift], travel, now)
    if answer.breaches and not answer.fixes:
        who = {"asked_nurse": [Fix("any_nurse")]}
        papers = {
            "licensed_in_state": [Fix("licence", request.state)],
            "certified": [Fix("certificate", code) for code in request.certificates],
        }
        broken = {breach.rule for breach in answer.breaches}
        fixes = [fix for rule, each in {**papers, **who}.items() if rule in broken for fix in each]
        for at in [at for at in grid if at >= now]:
            better, other = mended([*fixes, Fix("start_at", amount=at)], shift, request, width)
            assert not (is_free(other) and fits(better, other, travel, now))


@settings(max_examples=500, deadline=None)
@given(worlds.shifts(1), wide_requests(), worlds.tables, worlds.nows, starts, widths)
def test_the_window_that_is_judged_breaks_least(shift, request, travel, now, grid, width):
    """No window during the shift, asked for alone, breaks fewer rules or by fewer seconds."""
    (answer,) = open_candidates(request, grid, width, [shift], travel, now)
    for at in grid:
        inside = max(request.earliest, now) <= at and at + width <= request.latest
        during = at < shift.end and at + width + request.service > shift.start
        if inside and during and answer.breaches:
            alone = replace(request, earliest=at, latest=at + width)
            (other,) = open_candidates(alone, [at], width, [shift], travel, now)
            assert rules.weight(answer.breaches) <= rules.weight(other.breaches)


@pytest.mark.parametrize(("latest", "away"), [(130, None), (129, 1), (250, None)])
def test_a_window_needs_a_bookable_start_to_the_second(latest, away):
    request = worlds.request(earliest=95, latest=latest)
    found = list(rules.bookable_hours(request, HALF_HOURS, 30, 0))
    assert [breach.amount for breach in found] == ([] if away is None else [away])


def test_a_window_after_the_last_start_is_to_begin_with_it():
    request = worlds.request(earliest=1000, latest=1200)
    (answer,) = open_candidates(request, HALF_HOURS, 30, [worlds.shift(end=2000)], NEAR, 0)
    assert answer.breaches == (rules.Breach("bookable_hours", "", 100),)
    assert answer.fixes == (Fix("start_at", amount=900),)


def test_a_window_that_was_missed_has_passed_and_is_to_begin_at_the_next_start():
    request = worlds.request(earliest=100, latest=300)
    (answer,) = open_candidates(request, HALF_HOURS, 30, [worlds.shift()], NEAR, 450)
    assert [breach.rule for breach in answer.breaches] == ["arrives_in_window", "not_in_the_past"]
    assert answer.fixes == (Fix("start_at", amount=500),)


def test_nothing_bookable_at_all_is_said_too():
    request = worlds.request(earliest=100, latest=300)
    (answer,) = open_candidates(request, [], 30, [worlds.shift()], NEAR, 0)
    assert answer.breaches == (rules.Breach("bookable_hours", "", 200),)
    assert answer.fixes == ()


def test_a_certificate_need_only_hold_for_some_window():
    ending = worlds.shift(who=worlds.nurse(certificate=(0, 240)))
    (answer,) = open_candidates(worlds.request(), HALF_HOURS, 30, [ending], NEAR, 0)
    assert answer.burden == Burden(20, 0, 10)
    ended = worlds.shift(who=worlds.nurse(certificate=(0, 30)))
    (answer,) = open_candidates(worlds.request(), HALF_HOURS, 30, [ended], NEAR, 0)
    assert answer.breaches == (rules.Breach("certified", "acls", 10),)
    assert answer.fixes == (Fix("certificate", "acls"),)
