"""What is offered is not past, lies inside the asked window, once per start, and can be served."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import insertion
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Stop
from dispatch.planning.slots import choose, offers
from dispatch.planning.timing import retime, with_stop
from tests.planning import worlds

NEAR = worlds.TableTravel(((10,) * 5,) * 5)


@settings(max_examples=800, deadline=None)
@given(
    worlds.markets(),
    worlds.requests(),
    worlds.tables,
    worlds.nows,
    st.lists(st.integers(0, 110), max_size=8),
    st.integers(0, 20),
)
def test_every_offer_can_be_served_by_its_witness(shifts, request, travel, now, starts, width):
    wide = replace(request, latest=request.latest + 30)
    found = offers(Gaps.of(shifts, travel, now), wide, starts, width)
    assert [offer.start for offer in found] == sorted({offer.start for offer in found})
    by_id = {shift.id: shift for shift in shifts}
    for offer in found:
        assert max(wide.earliest, now) <= offer.start
        assert offer.window_end == offer.start + width <= wide.latest
        assert offer.nurse == by_id[offer.shift].nurse.id
        visit = Stop(
            UUID(int=7), wide.point, offer.start, offer.window_end, wide.service, offer.start
        )
        timed = retime(with_stop(by_id[offer.shift], offer.position, visit), travel, now)
        assert timed[offer.position].start == offer.service_start


def test_the_chosen_offer_is_the_nearest_nurse_and_then_the_earliest_start():
    busy = worlds.shift(worlds.stop(1, row=2, earliest=500, latest=500), number=1)
    free = worlds.shift(number=2, who=worlds.nurse(2))
    travel = worlds.TableTravel(((300,) * 5,) * 5)
    gaps = Gaps.of([free, busy], travel, 0)
    chosen = choose(gaps, worlds.request(), range(300, 1000, 100), 50)
    assert chosen is not None
    assert (chosen.detour_s, chosen.start, chosen.shift) == (0, 300, busy.id)


FAR = worlds.TableTravel(((0, 150, 150, 150, 149),) * 5)


def ranked(row, *, load=0, known=(), other_load=0):
    """Whom of two nurses at home in ``row`` 0 a patient who lives in ``row`` is offered."""
    first = worlds.shift(worlds.stop(1, row=0, service=load), number=1, end=9000)
    second = worlds.shift(worlds.stop(2, row=row, service=other_load), number=2, end=9000)
    wish = replace(worlds.request(row=4, latest=5000), known=frozenset(known))
    return [offer.nurse.int for offer in offers(Gaps.of([first, second], FAR, 0), wish, [500], 50)]


def test_a_detour_a_whole_step_longer_loses_even_with_a_nurse_who_is_known():
    """By way of row 0: 149 out and 0 back; beside a stop of row 4: nothing at all."""
    assert ranked(4, known=[UUID(int=1)]) == [1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insertion, "NEAR_S", 149)
        assert ranked(4, known=[UUID(int=1)]) == [2]


def test_of_near_equals_the_nurse_the_patient_knows_goes_first():
    assert ranked(4, known=[UUID(int=1)], load=60) == [1]
    assert ranked(4, known=[UUID(int=2)], other_load=60) == [2]


def test_of_near_equals_whom_nobody_knows_the_one_with_less_to_do_goes_first():
    assert ranked(4, load=60, other_load=50) == [2]
    assert ranked(4, load=50, other_load=60) == [1]


def test_of_equals_in_all_that_the_shorter_detour_goes_first():
    assert ranked(4) == [2]


@pytest.mark.parametrize(("latest", "start"), [(130, 100), (129, None)])
def test_an_offered_window_lies_wholly_inside_the_asked_one(latest, start):
    gaps = Gaps.of([worlds.shift()], NEAR, 0)
    found = offers(gaps, worlds.request(earliest=100, latest=latest), [99, 100, 101], 30)
    assert [offer.start for offer in found] == ([start] if start else [])


@pytest.mark.parametrize(("now", "count"), [(100, 1), (101, 0)])
def test_a_window_that_has_begun_is_not_offered(now, count):
    gaps = Gaps.of([worlds.shift()], NEAR, now)
    assert len(offers(gaps, worlds.request(), [100], 30)) == count


def test_a_window_narrower_than_an_offer_is_tried_as_it_stands():
    gaps = Gaps.of([worlds.shift()], NEAR, 0)
    chosen = choose(gaps, worlds.request(earliest=105, latest=115), range(0, 900, 100), 30)
    assert chosen is not None
    assert (chosen.start, chosen.window_end, chosen.service_start) == (105, 115, 105)


def test_nothing_is_chosen_where_nobody_fits():
    gaps = Gaps.of([worlds.shift(end=15)], NEAR, 0)
    assert choose(gaps, worlds.request(), range(0, 900, 100), 30) is None
