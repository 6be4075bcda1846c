"""Of a visit left out: every shift falls to one rule, and the nearest change lets it in."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings

from dispatch.planning.exchange.document import problem_of
from dispatch.planning.exchange.reading import read
from dispatch.planning.exchange.reasons import RULES, Judge, missing_skills
from tests.planning import files, worlds

NOWHERE = worlds.TableTravel(())
A_SKILL_S = 4 * 3600
END = 260


def judge(problem, routes):
    document = read(json.dumps(problem).encode(), NOWHERE)
    missing = missing_skills(
        [job.skills for job in document.jobs], [each.skills for each in document.vehicles]
    )
    return Judge(problem_of(document), routes, missing)


def planned(problem):
    """Routes by putting every second visit wherever it fits first; the others are left out."""
    routes = [() for _ in problem["vehicles"]]
    for index in range(0, len(problem["jobs"]), 2):
        for shift, vehicle in enumerate(problem["vehicles"]):
            found = insertions(problem, vehicle, routes[shift], index)
            if found:
                routes[shift] = found[0]
                break
    served = {visit for route in routes for visit in route}
    return tuple(routes), [v for v in range(len(problem["jobs"])) if v not in served]


def insertions(problem, vehicle, route, visit):
    orders = [(*route[:k], visit, *route[k:]) for k in range(len(route) + 1)]
    return [o for o in orders if fits(problem, vehicle, o)]


def fits(problem, vehicle, order):
    jobs = [problem["jobs"][visit] for visit in order]
    return files.arrival_home(problem, vehicle, jobs) is not None


def apply(problem, shift, visit, kind, amount):
    """What the words of a change mean, done to the file."""
    changed = deepcopy(problem)
    vehicle, job = changed["vehicles"][shift], changed["jobs"][visit]
    if kind == "skill":
        vehicle["skills"] = sorted({*vehicle.get("skills", []), *job["skills"]})
    elif kind == "extend_shift":
        opens, closes = vehicle["time_window"]
        vehicle["time_window"] = [opens, closes + amount]
    elif kind == "start_at":
        job["time_windows"] = [[amount, amount]]
    else:
        vehicle[kind] += amount
    return changed


def lets_in(problem, routes, shift, visit, kind, amount):
    changed = apply(problem, shift, visit, kind, amount)
    return bool(insertions(changed, changed["vehicles"][shift], routes[shift], visit))


def smaller(problem, routes, visit, counts):
    """Every single change that counts less, tried one by one, and would do."""
    job = problem["jobs"][visit]
    tries = []
    for shift, vehicle in enumerate(problem["vehicles"]):
        lacking = set(job.get("skills", [])) - set(vehicle.get("skills", []))
        if lacking and len(lacking) * A_SKILL_S < counts:
            tries.append((shift, "skill", len(lacking)))
        if "max_tasks" in vehicle and counts > A_SKILL_S:
            tries.append((shift, "max_tasks", 1))
        less = range(1, min(counts, END))
        if "time_window" in vehicle:
            tries += [(shift, "extend_shift", by) for by in less]
        if "max_travel_time" in vehicle:
            tries += [(shift, "max_travel_time", by) for by in less]
        if "time_windows" in job:
            tries += [(shift, "start_at", at) for at in range(END) if away(job, at) < counts]
    return [each for each in tries if lets_in(problem, routes, each[0], visit, *each[1:])]


def away(job, at):
    return min(max(low - at, at - high, 0) for low, high in job["time_windows"])


@settings(max_examples=100, deadline=None)
@given(files.problems())
def test_the_nearest_change_lets_the_visit_in_and_none_smaller_does(problem):
    routes, unserved = planned(problem)
    judged = judge(problem, routes)
    for visit in unserved:
        answer = judged.answer(visit)
        free = [
            shift
            for shift, vehicle in enumerate(problem["vehicles"])
            if insertions(problem, vehicle, routes[shift], visit)
        ]
        assert sum(answer.reasons.values()) == len(problem["vehicles"]) - len(free)
        assert list(answer.reasons) == [rule for rule in RULES if rule in answer.reasons]
        if free:
            continue
        change = answer.nearest
        counts = 10**9
        if change is not None:
            assert lets_in(problem, routes, change.shift, visit, change.kind, change.amount)
            counts = change.amount
            if change.kind == "start_at":
                counts = away(problem["jobs"][visit], change.amount)
            elif change.kind in {"skill", "max_tasks"}:
                counts = change.amount * A_SKILL_S
        assert not smaller(problem, routes, visit, counts)


def world(vehicle, *jobs):
    return {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0, **vehicle}],
        "jobs": [{"id": n, "location_index": 1, **job} for n, job in enumerate(jobs)],
        "matrices": {"car": {"durations": [[0, 10], [10, 0]]}},
    }


@pytest.mark.parametrize(
    ("vehicle", "job", "rule", "change"),
    [
        ({}, {"skills": [7]}, "skills", ("skill", 1)),
        ({"max_tasks": 0}, {}, "max_tasks", ("max_tasks", 1)),
        ({"max_travel_time": 15}, {}, "max_travel_time", ("max_travel_time", 5)),
        ({"time_window": [0, 60]}, {"service": 50}, "within_shift", ("extend_shift", 10)),
        ({}, {"time_windows": [[2, 6]]}, "arrives_in_window", ("start_at", 10)),
        ({"time_window": [0, 30]}, {"service": 40, "time_windows": [[1, 5]]}, "within_shift", None),
    ],
)
def test_a_rule_is_named_with_what_would_satisfy_it(vehicle, job, rule, change):
    answer = judge(world(vehicle, job), ((),)).answer(0)
    assert answer.reasons == {rule: 1}
    found = answer.nearest and (answer.nearest.kind, answer.nearest.amount)
    assert found == change


def test_a_day_that_is_full_leaves_no_room_at_any_time():
    full = world(
        {"time_window": [0, 100]},
        {"service": 80, "time_windows": [[10, 10]]},
        {"service": 30, "time_windows": [[20, 60]]},
    )
    answer = judge(full, ((0,),)).answer(1)
    assert (answer.reasons, answer.nearest) == ({"next_visit_on_time": 1}, None)
