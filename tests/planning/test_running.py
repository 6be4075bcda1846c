"""A day that runs late stays in its order, nobody is in two places, and no slot is untrue."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Stop
from dispatch.planning.running import excused, run_on
from dispatch.planning.timing import ordered, path_legs
from tests.planning import oracle, worlds

VISIT = UUID(int=7)
PATIENTS = tuple(UUID(int=5000 + number) for number in range(3))


def as_planned(shift):
    """The shift with its stops in the order of their starts, as tables give them."""
    return replace(shift, stops=tuple(sorted(shift.stops, key=lambda stop: stop.start)))


def driven(shifts, patient_of, travel, now):
    legs = {shift.id: path_legs(shift, travel) for shift in shifts}
    return run_on(shifts, legs, patient_of, now)


def alone(shifts):
    """Every stop another patient's."""
    return {stop.id: stop.id for shift in shifts for stop in shift.stops}


@st.composite
def shared(draw):
    """A market whose nurses and stops may share nurses and patients."""
    shifts = [as_planned(one) for one in draw(worlds.markets())]
    if draw(st.booleans()):
        shifts = [replace(one, nurse=shifts[0].nurse) for one in shifts]
    return shifts, {
        stop.id: draw(st.sampled_from(PATIENTS)) for one in shifts for stop in one.stops
    }


def drive_late(shift, stops, seconds, now):
    """Starts of driving the stops in order, waiting for windows, never refusing; plain Python."""
    here, clock, starts = shift.home, max(shift.start, now), []
    for stop in stops:
        start = max(clock + seconds(here, stop.point), stop.earliest)
        starts.append(stop.start if stop.fixed else start)
        here, clock = stop.point, max(starts[-1] + stop.service, now)
    return starts


@settings(max_examples=400, deadline=None)
@given(worlds.shifts(1), worlds.tables, worlds.nows)
def test_each_stop_begins_as_early_as_window_and_order_allow(shift, travel, now) -> None:
    begun = [stop for stop in shift.stops if stop.fixed][:1]
    shift = as_planned(
        replace(shift, stops=(*begun, *(stop for stop in shift.stops if not stop.fixed)))
    )
    run = driven([shift], alone([shift]), travel, now)[shift.id]
    stops = ordered(shift)
    assert [one.id for one in run] == [stop.id for stop in stops]
    assert [one.start for one in run] == drive_late(shift, stops, travel.seconds, now)


@settings(max_examples=600, deadline=None)
@given(shared(), worlds.tables, worlds.nows)
def test_nobody_is_in_two_places_however_late_it_gets(market, travel, now) -> None:
    shifts, patient_of = market
    runs = driven(shifts, patient_of, travel, now)
    stops = {stop.id: stop for shift in shifts for stop in shift.stops}
    spans = []
    for shift in shifts:
        assert [one.id for one in runs[shift.id]] == [stop.id for stop in ordered(shift)]
        for one in runs[shift.id]:
            stop = stops[one.id]
            assert one.leave <= one.start
            assert one.end - one.start == stop.service
            assert one.start >= (stop.start if stop.fixed else stop.earliest)
            spans.append((shift.nurse.id, one.leave, one.end))
            spans.append((patient_of[one.id], one.start, one.end))
    for (who, begin, end), (other, since, until) in combinations(spans, 2):
        assert who != other or not (begin < until and since < end)


@settings(max_examples=600, deadline=None)
@given(worlds.shifts(1), worlds.tables, worlds.nows, worlds.requests())
def test_a_late_route_offers_exactly_what_it_can_serve_without_further_delay(
    shift, travel, now, request
) -> None:
    """By brute force: at every place the visit is driven, and nobody may come later than now
    expected, or else promised."""
    shift = as_planned(shift)
    run = driven([shift], alone([shift]), travel, now)[shift.id]
    start = {one.id: one.start for one in run}
    late = replace(
        shift, stops=tuple(replace(stop, start=start[stop.id]) for stop in ordered(shift))
    )
    found = Gaps.of([excused(late)], travel, now).places(request)
    visit = Stop(
        VISIT, request.point, request.earliest, request.latest, request.service, request.earliest
    )
    bearable = replace(
        late,
        stops=tuple(
            stop if stop.fixed else replace(stop, latest=max(stop.latest, start[stop.id]))
            for stop in late.stops
        ),
    )
    possible = oracle.insertions(bearable, request, visit, travel.seconds, now)
    best = [min(possible)] if possible else []
    assert [(one.detour_s, one.position, one.start) for one in found] == best


def test_a_patients_other_visit_waits_for_the_one_that_runs_over() -> None:
    over = worlds.stop(1, row=1, start=10, service=100, fixed=True)
    other = worlds.stop(2, row=2, earliest=50, latest=60, start=50)
    behind = worlds.stop(3, row=3, earliest=70, latest=80, start=70)
    first, second = worlds.shift(over), worlds.shift(other, behind, number=2)
    patient_of = {over.id: PATIENTS[0], other.id: PATIENTS[0], behind.id: PATIENTS[1]}
    runs = driven([first, second], patient_of, worlds.drives(), 40)
    assert [one.start for one in runs[second.id]] == [110, 125]
    free = driven([first, second], alone([first, second]), worlds.drives(), 40)
    assert [one.start for one in free[second.id]] == [50, 70]


def test_what_was_not_late_keeps_its_window() -> None:
    kept, late = worlds.stop(1, latest=50, start=40), worlds.stop(2, latest=50, start=70)
    assert [stop.latest for stop in excused(worlds.shift(kept, late)).stops] == [50, 70]
