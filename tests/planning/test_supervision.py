"""No more infusions at once than clinicians can watch, wherever inside their windows visits are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import rules
from dispatch.planning.explain import Fix, candidates, open_candidates
from dispatch.planning.insertion import Gaps
from dispatch.planning.slots import offers
from dispatch.planning.supervision import Duty, full
from tests.planning import worlds
from tests.planning.test_explain import apply, fits

NEAR = worlds.TableTravel(((10,) * 5,) * 5)
HORIZON = (0, 120)

moments = st.integers(-10, 130)
spans = st.tuples(moments, st.integers(1, 40)).map(lambda span: (span[0], span[0] + span[1]))
duties = st.lists(
    st.builds(lambda span, infusions: Duty(*span, infusions), spans, st.integers(1, 3)), max_size=4
)


def going_on(taken, second):
    return sum(begin <= second < end for begin, end in taken)


def may_go_on(duty, second):
    return sum(one.infusions for one in duty if one.begin <= second < one.end)


def watched(request, full_spans):
    """Second by second: nowhere in the infusion's whole stretch is the market full."""
    stretch = range(request.earliest + request.infusion[0], request.latest + request.infusion[1])
    return not any(begin <= at < end for at in stretch for begin, end in full_spans)


@settings(max_examples=400, deadline=None)
@given(duties, st.lists(spans, max_size=8), st.lists(spans, max_size=2))
def test_full_is_every_second_in_which_one_more_would_be_too_many(duty, taken, kept):
    found = full(duty, Counter(taken), HORIZON, kept)
    assert list(found) == sorted(found)
    assert all(a[1] < b[0] for a, b in pairwise(found)), "stretches are whole"
    for second in range(*HORIZON):
        one_more = going_on(taken, second) + 1 > may_go_on(duty, second)
        has_its_place = going_on(kept, second) > 0
        assert going_on(found, second) == (one_more and not has_its_place)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(moments, st.integers(0, 20), st.integers(0, 5), st.integers(1, 15)), max_size=10
    ),
    st.integers(1, 3),
    st.randoms(),
)
def test_whoever_is_let_in_the_limit_holds_wherever_all_are_moved(wishes, limit, chance):
    """One after another is let in by the rule; then all start anywhere in their windows."""
    inside = []
    for earliest, width, begins, lasts in wishes:
        request = replace(
            worlds.request(earliest=earliest, latest=earliest + width, service=30),
            infusion=(begins, begins + lasts),
        )
        taken = [(r.earliest + r.infusion[0], r.latest + r.infusion[1]) for r in inside]
        there = full([Duty(-1000, 1000, limit)], Counter(taken), (-500, 500))
        if not any(rules.supervised(replace(request, full=there))):
            inside.append(request)
    for _ in range(5):
        starts = [chance.randint(r.earliest, r.latest) for r in inside]
        actual = [
            (start + r.infusion[0], start + r.infusion[1])
            for start, r in zip(starts, inside, strict=True)
        ]
        assert max((going_on(actual, at) for at in range(-20, 220)), default=0) <= limit


@pytest.mark.parametrize(
    ("taken", "seconds"),
    [((0, 120), 0), ((0, 121), 1), ((290, 400), 0), ((289, 400), 1), ((150, 160), 10)],
    ids=["just before", "one second in", "just after", "one second from the end", "inside"],
)
def test_the_infusion_counts_from_its_earliest_begin_to_its_latest_end(taken, seconds):
    """The window is from 100 to 200; the infusion runs from 20 to 90 s after the start."""
    request = worlds.request(earliest=100, latest=200, service=110)
    request = replace(request, infusion=(20, 90), full=(taken,))
    assert [one.amount for one in rules.supervised(request)] == [seconds] * bool(seconds)


def test_what_is_not_watched_may_go_on_while_the_market_is_full():
    """Preparing before, and recovery after."""
    request = worlds.request(earliest=0, latest=900, service=100)
    request = replace(request, infusion=(30, 60), full=((300, 400),))
    gaps = Gaps.of([worlds.shift(end=2000)], NEAR, 0)
    everywhere = {one.start for one in offers(gaps, replace(request, full=()), range(900), 10)}
    left = {one.start for one in offers(gaps, request, range(900), 10)}
    assert everywhere - left == set(range(300 - 10 - 60 + 1, 400 - 30))


def test_a_full_market_is_no_place_and_the_window_is_to_begin_when_it_is_not():
    request = worlds.request(earliest=300, latest=310, service=50)
    request = replace(request, infusion=(10, 40), full=((0, 330), (360, 500)))
    gaps = Gaps.of([worlds.shift()], NEAR, 0)
    assert gaps.places(request) == ()
    (answer,) = candidates(request, gaps.shifts, NEAR, 0)
    assert [breach.rule for breach in answer.breaches] == ["supervised"]
    assert answer.fixes == (Fix("start_at", amount=490),)
    (answer,) = candidates(replace(request, full=((0, 330), (371, 500))), gaps.shifts, NEAR, 0)
    assert answer.fixes == (Fix("start_at", amount=320),)
    assert gaps.places(replace(request, earliest=320, latest=330, full=((0, 330), (371, 500))))


full_spans = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=3).map(
    lambda found: tuple((begin, begin + lasts) for begin, lasts in found)
)


@st.composite
def supervised_requests(draw):
    request = draw(worlds.requests())
    begins = draw(st.integers(0, request.service))
    until = draw(st.integers(begins, request.service))
    return replace(request, infusion=(begins, until + 1), full=draw(full_spans))


@settings(max_examples=200, deadline=None)
@given(worlds.shifts(1), supervised_requests(), worlds.tables, worlds.nows)
def test_she_can_iff_route_and_supervision_allow_and_fixes_are_true_and_nearest(
    shift, request, travel, now
):
    (answer,) = candidates(request, [shift], travel, now)
    able = bool(fits(shift, request, travel, now)) and watched(request, request.full)
    assert bool(answer.burden) is able is not bool(answer.breaches)
    assert bool(Gaps.of([shift], travel, now).places(request)) is able
    if answer.fixes:
        better, other = apply(answer.fixes, shift, request)
        assert fits(better, other, travel, now)
        assert watched(other, other.full)
        *mends, last = answer.fixes
        if last.change == "start_at":
            mended, freed = apply(mends, shift, request)
            cost = abs(last.amount - request.earliest)
            for by in range(1 - cost, cost):
                if request.earliest + by >= now:
                    _, moved = apply([Fix("start_at", amount=request.earliest + by)], shift, freed)
                    assert not (watched(moved, moved.full) and fits(mended, moved, travel, now))
    elif answer.breaches:
        papers = [Fix("licence", request.state), Fix("any_nurse")]
        papers += [Fix("certificate", code) for code in request.certificates]
        broken = {breach.rule for breach in answer.breaches}
        named = {
            "licensed_in_state": papers[:1],
            "asked_nurse": papers[1:2],
            "certified": papers[2:],
        }
        mends = [fix for rule, fixes in named.items() if rule in broken for fix in fixes]
        for at in range(now, 250):
            better, other = apply([*mends, Fix("start_at", amount=at)], shift, request)
            assert not (watched(other, other.full) and fits(better, other, travel, now))


@settings(max_examples=200, deadline=None)
@given(
    worlds.markets(), supervised_requests(), worlds.tables, worlds.nows,
    st.lists(st.integers(0, 110), max_size=8), st.integers(0, 20),
)  # fmt: skip
def test_no_window_is_offered_or_chosen_in_which_the_infusion_is_not_watched(
    shifts, request, travel, now, grid, width
):
    wide = replace(request, latest=request.latest + 40)
    gaps = Gaps.of(shifts, travel, now)
    free = {offer.start for offer in offers(gaps, replace(wide, full=()), grid, width)}
    offered = {offer.start for offer in offers(gaps, wide, grid, width)}
    windows = [replace(wide, earliest=at, latest=at + width) for at in sorted(free)]
    assert offered == {one.earliest for one in windows if watched(one, wide.full)}
    able = [one.burden for one in open_candidates(wide, grid, width, shifts, travel, now)]
    if wide.latest - wide.earliest > width:
        assert any(able) is bool(offered)
