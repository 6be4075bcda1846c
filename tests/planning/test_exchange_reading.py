"""A problem in VROOM's JSON is read whole, or refused with the path of every fault."""

from __future__ import annotations

import json
from copy import deepcopy

import numpy as np
import pytest

from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.day.problem import Break, Shift, Visit
from dispatch.planning.exchange.document import problem_of
from dispatch.planning.exchange.parts import Refused
from dispatch.planning.exchange.reading import read
from dispatch.planning.problem import Point

ROADS = GeodesicTravel(1.3, 38.0, 240)

PROBLEM = {
    "vehicles": [
        {
            "id": 7,
            "start_index": 0,
            "end_index": 1,
            "profile": "car",
            "skills": [1, 2],
            "time_window": [100, 900],
            "breaks": [
                {"id": 2, "time_windows": [[500, 600]], "service": 30},
                {"id": 1, "time_windows": [[300, 400]], "description": "tea"},
            ],
            "max_tasks": 3,
            "max_travel_time": 200,
            "description": "Ann",
        },
        {"id": 8, "end_index": 2},
    ],
    "jobs": [
        {
            "id": 1,
            "location_index": 2,
            "service": 60,
            "setup": 5,
            "skills": [2],
            "priority": 9,
            "time_windows": [[400, 500], [200, 300]],
            "description": "first",
        },
        {"id": 2, "location_index": 1, "location": [-77.0, 38.9]},
    ],
    "matrices": {"car": {"durations": [[0, 10, 20], [11, 3, 30], [21, 31, 0]]}},
}
PLACED = {
    "vehicles": [{"id": 1, "start": [-77.0, 38.9], "end": [-77.0, 38.9]}],
    "jobs": [{"id": 1, "location": [-77.1, 38.8]}],
}


def of(problem):
    return read(json.dumps(problem).encode(), ROADS)


def faults(text):
    with pytest.raises(Refused) as refused:
        read(text, ROADS)
    return list(refused.value.faults)


def changed(path, value, problem=PROBLEM):
    """The problem as text, with the value at a path replaced."""
    whole = deepcopy(problem)
    *way, last = path
    inner = whole
    for step in way:
        inner = inner[step]
    inner[last] = value
    return json.dumps(whole).encode()


def without(path):
    whole = deepcopy(PROBLEM)
    *way, last = path
    inner = whole
    for step in way:
        inner = inner[step]
    del inner[last]
    return json.dumps(whole).encode()


def test_every_field_arrives_where_the_solver_looks_for_it():
    document = of(PROBLEM)
    problem = problem_of(document)
    assert problem.travel.tolist() == [[0, 10, 20], [11, 3, 30], [21, 31, 0]]
    assert problem.travel.dtype == np.int32
    assert problem.visits == (
        Visit(2, 60, ((200, 300), (400, 500)), setup=5, priority=9),
        Visit(1, 0),
    )
    assert problem.shifts[0] == Shift(
        start=0,
        end=1,
        opens=100,
        closes=788,
        nurse=0,
        breaks=(Break(0, ((300, 400),)), Break(30, ((500, 600),))),
        most_visits=3,
        most_travel=200,
    )
    assert problem.able.tolist() == [[True, False], [True, True]]
    assert [each.description for each in document.vehicles] == ["Ann", None]
    assert [each.id for each in document.vehicles[0].pauses] == [1, 2]


def test_a_vehicle_without_hours_works_only_while_there_is_something_to_do():
    lone = problem_of(of(PROBLEM)).shifts[1]
    assert (lone.start, lone.end, lone.opens) == (None, 2, 0)
    assert lone.closes == 500 + 65 + 3 * 31


def test_hours_that_begin_in_1970_begin_when_the_first_window_does():
    late = [{"id": 1, "location_index": 1, "service": 60, "time_windows": [[1_800_000_000] * 2]}]
    shift = problem_of(read(changed(["jobs"], late), ROADS)).shifts[1]
    assert (shift.opens, shift.closes) == (1_800_000_000 - 122, 1_800_000_000 + 122)


def test_coordinates_are_driven_between_by_distance():
    document = of(PLACED)
    ends = [Point(38.9, -77.0), Point(38.8, -77.1)]
    assert document.travel.tolist() == ROADS.matrix(ends, ends).tolist()
    assert document.jobs[0].site.given == (("location", [-77.1, 38.8]),)


def test_several_profiles_with_one_matrix_are_one():
    same = {"car": PROBLEM["matrices"]["car"], "bike": PROBLEM["matrices"]["car"]}
    assert read(changed(["matrices"], same), ROADS).travel.shape == (3, 3)


def test_a_day_without_visits_is_a_problem_too():
    assert problem_of(read(changed(["jobs"], []), ROADS)).able.shape == (0, 2)


V, J, M = ("vehicles", 0), ("jobs", 0), ("matrices", "car", "durations")
NOT_PLANNED = ": is part of the format, but not planned"
NO_MATRIX = ": there is no matrix to find it in"
INDEX_MISSING = ".location_index: is missing: drives are read from the matrix"


def whole(most):
    return f": must be a whole number from 0 to {most}"


LENGTH, COUNT, ID = whole(10**8), whole(2**32 - 1), whole(2**64 - 1)
DRIVE = ": must be a whole number of seconds from 0 to 100000000"


def spelled(path):
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path)[1:]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (["shipments"], [], NOT_PLANNED),
        ([*V, "capacity"], [4], NOT_PLANNED),
        ([*V, "costs"], {"per_km": 1}, NOT_PLANNED),
        ([*V, "speed_factor"], 1.2, NOT_PLANNED),
        ([*V, "max_distance"], 9, NOT_PLANNED),
        ([*V, "steps"], [], NOT_PLANNED),
        ([*V, "breaks", 0, "max_load"], [1], NOT_PLANNED),
        ([*J, "delivery"], [1], NOT_PLANNED),
        ([*J, "pickup"], [1], NOT_PLANNED),
        ([*J, "amount"], [1], NOT_PLANNED),
        (["matrices", "car", "distances"], [[0]], NOT_PLANNED),
        (["matrices", "car", "costs"], [[0]], NOT_PLANNED),
        (["matrix"], [[0]], ": is not known"),
        ([*J, "force"], {}, ": is not known"),
        (["vehicles"], {}, ": must be an array"),
        (["vehicles"], [], ": must hold at least one vehicle"),
        (["vehicles", 1], None, ": must be an object"),
        (["vehicles", 1], {"id": 1}, ": needs a start or an end"),
        (["vehicles", 1], {"end_index": 1}, ".id: is missing"),
        (["jobs"], None, ": must be an array"),
        (["jobs", 1], {"id": 2}, ": needs a location or a location_index"),
        (["jobs", 1], {"id": 2, "location": [1, 2]}, INDEX_MISSING),
        ([*J, "id"], True, ID),
        ([*J, "id"], 1.0, ID),
        ([*J, "id"], "1", ID),
        ([*J, "id"], -1, ID),
        (["jobs", 1, "id"], 1, ": is 1, as jobs[0].id is"),
        (["vehicles", 1, "id"], 7, ": is 7, as vehicles[0].id is"),
        ([*V, "breaks", 1, "id"], 2, ": is 2, as vehicles[0].breaks[0].id is"),
        ([*J, "service"], -1, LENGTH),
        ([*J, "service"], True, LENGTH),
        ([*J, "setup"], None, LENGTH),
        ([*J, "priority"], 101, whole(100)),
        ([*J, "skills"], 3, ": must be an array"),
        ([*J, "skills"], [0, -3], f"[1]{COUNT}"),
        ([*J, "description"], 3, ": must be a text"),
        ([*J, "location_index"], 3, ": lies outside the matrix of 3 places"),
        ([*J, "time_windows"], [], ": is empty: leave it out where any time will do"),
        ([*J, "time_windows"], [[5, 3]], "[0]: ends before it begins"),
        ([*J, "time_windows"], [[5]], "[0]: must hold 2 values"),
        ([*J, "time_windows"], [5, 6], "[0]: must be an array"),
        ([*J, "time_windows"], [[3, 9], [1, 3]], ": [1, 3] and [3, 9] overlap"),
        ([*V, "time_window"], [9, 1], ": ends before it begins"),
        ([*V, "time_window"], [[1, 9]], ": must hold 2 values"),
        ([*V, "breaks"], {}, ": must be an array"),
        ([*V, "breaks", 0, "service"], -1, LENGTH),
        ([*V, "max_tasks"], -1, COUNT),
        ([*V, "max_travel_time"], 1.5, COUNT),
        ([*V, "profile"], "bike", ': there is no matrix "bike"'),
        ([*V, "profile"], 3, ": must be a text"),
        ([*V, "start"], [1, 2, 3], ": must hold 2 values"),
        ([*V, "start"], [181, 0], "[0]: must be a number from -180 to 180"),
        ([*V, "start"], [0, -91.0], "[1]: must be a number from -90 to 90"),
        ([*V, "start"], [True, 0], "[0]: must be a number from -180 to 180"),
        ([*V, "start"], 7, ": must be an array"),
        (["matrices"], {}, ": must hold a matrix"),
        (["matrices"], [], ": must be an object"),
        (["matrices"], {"car": {}}, ".car.durations: is missing"),
        ([*M], [], ": is empty"),
        ([*M], 3, ": must be an array"),
        ([*M, 1], 3, ": must be an array"),
        ([*M, 1], [0, 1], ": holds 2 values in a matrix of 3 rows"),
        ([*M, 1, 2], -1, DRIVE),
        ([*M, 1, 2], True, DRIVE),
        ([*M, 1, 2], 1.5, DRIVE),
        ([*M, 1, 2], None, DRIVE),
        ([*M, 1, 2], 2**70, DRIVE),
    ],
)
def test_a_fault_is_named_with_its_path(path, value, fault):
    assert f"{spelled(path)}{fault}" in faults(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ([*J, "location_index"], 0, NO_MATRIX),
        ([*V, "start_index"], 0, NO_MATRIX),
        ([*V, "profile"], "bike", ': there is no matrix "bike"'),
    ],
)
def test_without_a_matrix_only_coordinates_and_a_car_will_do(path, value, fault):
    assert faults(changed(path, value, PLACED)) == [f"{spelled(path)}{fault}"]


def test_two_matrices_that_differ_are_refused():
    assert faults(changed(["matrices", "bike"], {"durations": [[1]]})) == [
        'matrices.bike: differs from that of "car": all vehicles drive by one matrix'
    ]


def test_one_row_of_the_matrix_is_one_place():
    assert faults(changed([*V, "end"], [1, 2])) == [
        "jobs[1].location: is not where row 1 of the matrix was before"
    ]


def test_a_name_with_line_breaks_is_told_in_one_line():
    assert faults(changed([*J, "a b\n"], 1)) == ['jobs[0]."a b\\n": is not known']


@pytest.mark.parametrize(
    ("field", "value"),
    [("service", 401), ("time_windows", [[1, 99]]), ("time_windows", [[901, 999]])],
)
def test_breaks_that_no_hours_leave_room_for_are_refused(field, value):
    assert faults(changed([*V, "breaks", 0, field], value)) == [
        "vehicles[0].breaks: cannot all be had, one after another, in the vehicle's hours"
    ]


@pytest.mark.parametrize("name", ["jobs", "vehicles"])
def test_a_problem_without_jobs_or_vehicles_is_refused(name):
    assert f"{name}: is missing" in faults(without([name]))


def test_a_job_that_names_no_place_is_refused():
    assert faults(without(["jobs", 0, "location_index"])) == [
        "jobs[0]: needs a location or a location_index"
    ]


def test_all_faults_are_told_at_once():
    text = changed(["jobs"], [{"id": 1, "location_index": 9, "service": -1, "x": 0}])
    assert len(faults(text)) == 3
