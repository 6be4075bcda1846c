"""Whatever a file asks for, the plan written for it keeps every rule and loses no visit."""

from __future__ import annotations

import json

from hypothesis import given, settings

from dispatch.planning.day.problem import Limits
from dispatch.planning.day.solve import solve
from dispatch.planning.exchange.document import problem_of
from dispatch.planning.exchange.reading import read
from dispatch.planning.exchange.reasons import Answer, Change
from dispatch.planning.exchange.writing import plan_of
from tests.planning import files, worlds

NOWHERE = worlds.TableTravel(())


def plan(problem, answers=None):
    document = read(json.dumps(problem).encode(), NOWHERE)
    asked = problem_of(document)
    solution = solve(asked, Limits(iterations=20))
    return json.loads(json.dumps(plan_of(document, asked, solution, answers or {})))


@settings(max_examples=60, deadline=None)
@given(files.problems())
def test_a_plan_is_what_it_says_and_keeps_every_rule(problem):
    assert not list(files.violations(problem, plan(problem)))


def test_a_visit_left_out_is_told_with_reasons_and_the_nearest_change():
    problem = {
        "vehicles": [{"id": 7, "start_index": 0, "skills": [1]}],
        "jobs": [{"id": 4, "location_index": 1, "skills": [1, 3, 2], "description": "drip"}],
        "matrices": {"car": {"durations": [[0, 9], [9, 0]]}},
    }
    answer = Answer({"skills": 1}, Change("skill", 0, 2))
    (left,) = plan(problem, {0: answer})["unassigned"]
    assert left == {
        "id": 4,
        "type": "job",
        "location_index": 1,
        "description": "drip",
        "reasons": {"skills": 1},
        "nearest": {"change": "skill", "vehicle": 7, "amount": 2, "skills": [2, 3]},
    }
    (unasked,) = plan(problem)["unassigned"]
    assert (unasked["reasons"], unasked["nearest"]) == (None, None)


def test_a_route_tells_its_steps_as_the_format_has_them():
    problem = {
        "vehicles": [
            {
                "id": 1,
                "start_index": 0,
                "end_index": 0,
                "description": "Ann",
                "breaks": [{"id": 5, "time_windows": [[200, 300]], "service": 30}],
            }
        ],
        "jobs": [
            {"id": 2, "location_index": 1, "setup": 5, "service": 50, "time_windows": [[100, 110]]}
        ],
        "matrices": {"car": {"durations": [[0, 20], [30, 0]]}},
    }
    (route,) = plan(problem)["routes"]
    assert [step["type"] for step in route["steps"]] == ["start", "job", "break", "end"]
    _, job, pause, end = route["steps"]
    assert (job["id"], job["setup"], job["service"], job["duration"]) == (2, 5, 50, 20)
    assert job["arrival"] + job["waiting_time"] == 100
    assert (pause["id"], pause["service"]) == (5, 30)
    assert pause["arrival"] + pause["waiting_time"] == 200
    assert (end["arrival"], end["duration"]) == (230, 50)
    told = {name: route[name] for name in ("vehicle", "description", "cost", "service", "setup")}
    assert told == {"vehicle": 1, "description": "Ann", "cost": 50, "service": 80, "setup": 5}
