"""Whole days: nothing lost, nothing doubled, every rule kept, the best found, the bound true."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.day.problem import (
    Break,
    Hours,
    Limits,
    Problem,
    Progress,
    Shift,
    Terms,
    Visit,
)
from dispatch.planning.day.solve import solve
from dispatch.planning.day.timetable import timetable
from tests.planning import day_oracle

HOUR = 3600
FEW = Limits(iterations=300, seed=3)


@st.composite
def spans(draw: st.DrawFn, most: int = 8) -> tuple[int, int]:
    begin = draw(st.integers(0, most - 1))
    return begin * HOUR, (begin + draw(st.integers(1, 4))) * HOUR


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    first = draw(spans())
    if draw(st.booleans()):
        return (first,)
    later = first[1] + draw(st.integers(1, 3)) * HOUR
    return (first, (later, later + HOUR)) if draw(st.booleans()) else ()


@st.composite
def problems(draw: st.DrawFn, *, plain: bool, most: int = 4) -> Problem:
    places = draw(st.integers(2, 4))
    ways = draw(st.lists(st.integers(1, 90), min_size=places**2, max_size=places**2))
    travel = np.array(ways, dtype=np.int32).reshape(places, places) * 60
    np.fill_diagonal(travel, 0)
    place = st.integers(0, places - 1)
    visits = tuple(
        Visit(
            draw(place), draw(st.integers(1, 6)) * HOUR // 2, draw(windows()),
            setup=0 if plain else draw(st.sampled_from([0, 900])),
            priority=draw(st.sampled_from([0, 0, 5])),
        )
        for _ in range(draw(st.integers(1, most)))
    )  # fmt: skip
    shifts = tuple(
        draw(shift(place, nurse, plain=plain)) for nurse in range(draw(st.integers(1, 2)))
    )
    size = len(visits) * len(shifts)
    able = draw(st.lists(st.sampled_from([True, True, False]), min_size=size, max_size=size))
    cost = draw(st.lists(st.sampled_from([0, 0, 600]), min_size=size, max_size=size))
    shape = (len(visits), len(shifts))
    return Problem(
        travel, visits, shifts,
        np.array(able, dtype=np.bool_).reshape(shape),
        np.array(cost, dtype=np.int32).reshape(shape),
    )  # fmt: skip


@st.composite
def shift(draw: st.DrawFn, place: st.SearchStrategy[int], nurse: int, *, plain: bool) -> Shift:
    opens, closes = draw(spans(3))
    end = st.none() | place
    breaks = () if plain or draw(st.booleans()) else (Break(1800, (draw(spans()),)),)
    return Shift(
        draw(end), draw(end), opens, closes + 4 * HOUR, nurse, breaks,
        most_visits=draw(st.sampled_from([None, 2])),
        most_travel=None if plain else draw(st.sampled_from([None, 5400])),
    )  # fmt: skip


@given(problems(plain=False, most=6))
@settings(max_examples=150, deadline=None)
def test_plans_keep_every_rule_and_every_visit(problem: Problem) -> None:
    plan = solve(problem, FEW)
    assert day_oracle.violations(problem, plan.routes, set(plan.unserved)) == []
    for index, route in enumerate(plan.routes):
        assert plan.travel_s >= day_oracle.travel_of(problem, index, route)


@given(problems(plain=True) | problems(plain=False, most=3))
@settings(max_examples=60, deadline=None)
def test_small_days_are_planned_as_well_as_can_be(problem: Problem) -> None:
    plan = solve(problem, Limits(seconds=20.0, seed=1))
    lost = sum(problem.visits[one].priority for one in plan.unserved)
    least = day_oracle.best(problem)
    assert (lost, len(plan.unserved), plan.cost) == least
    assert plan.lower_bound is None or plan.lower_bound <= plan.cost


@given(problems(plain=False, most=5))
@settings(max_examples=80, deadline=None)
def test_timetables_are_the_soonest_there_are(problem: Problem) -> None:
    plan = solve(problem, FEW)
    for index, route in enumerate(plan.routes):
        if not route:
            continue
        found = timetable(problem, index, route)
        assert found is not None
        homes = [home for _, _, home, _ in day_oracle.drives(problem, index, route)]
        assert found.home == min(homes)
        visits = [call for call in found.calls if not call.is_break]
        assert [call.index for call in visits] == list(route)
        assert len(found.calls) == len(route) + len(problem.shifts[index].breaks)
        assert all(a.end <= b.start for a, b in zip(found.calls, found.calls[1:], strict=False))


@given(problems(plain=True, most=5), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_the_answer_is_never_worse_than_the_plan_in_force(problem: Problem, seed: int) -> None:
    before = solve(problem, Limits(iterations=1, seed=seed))
    after = solve(problem, Limits(iterations=20, seed=seed + 1), start=before.routes)
    assert (len(after.unserved), after.cost) <= (len(before.unserved), before.cost) or sum(
        problem.visits[one].priority for one in after.unserved
    ) < sum(problem.visits[one].priority for one in before.unserved)


@given(problems(plain=False, most=6), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_same_seed_and_rounds_give_the_same_plan(problem: Problem, seed: int) -> None:
    limits = Limits(iterations=100, seed=seed)
    assert solve(problem, limits).routes == solve(problem, limits).routes


def town(visits: int = 30, nurses: int = 6, **terms: object) -> Problem:
    """Visits of an hour and a half in a square, to be served within a working day."""
    draw = np.random.default_rng(5)
    spots = draw.uniform(0, 30, (nurses + visits, 2))
    ways = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(-1)) * 90 + 240
    travel = np.rint(ways).astype(np.int32)
    np.fill_diagonal(travel, 0)
    begins = draw.integers(0, 7, visits) * HOUR
    shape = (visits, nurses)
    return Problem(
        travel,
        tuple(
            Visit(nurses + i, 5400, ((int(a), int(a) + 3 * HOUR),)) for i, a in enumerate(begins)
        ),
        tuple(Shift(n, n, 0, 12 * HOUR, n) for n in range(nurses)),
        np.ones(shape, dtype=np.bool_),
        np.zeros(shape, dtype=np.int32),
        **terms,  # type: ignore[arg-type]
    )


def test_the_bound_meets_the_plan_of_a_small_town() -> None:
    plan = solve(town(), Limits(seconds=20.0))
    assert plan.unserved == ()
    assert plan.gap is not None
    assert 0 <= plan.gap < 0.02


def test_a_stopped_solver_gives_the_best_it_has() -> None:
    told: list[Progress] = []

    def watch(progress: Progress) -> bool:
        told.append(progress)
        return len(told) == 2

    problem = town(120, 30)
    plan = solve(problem, Limits(seconds=600.0), watch=watch)
    assert len(told) == 2
    assert day_oracle.violations(problem, plan.routes, set(plan.unserved)) == []
    assert plan.seconds < 60


def test_nobody_works_more_than_she_may() -> None:
    """Two nurses may work six hours each of their two shifts; one visit more would need a third."""
    problem = town(16, 4)
    shifts = tuple(replace(s, nurse=index // 2) for index, s in enumerate(problem.shifts))
    limited = replace(problem, shifts=shifts, hours=(Hours(most=8 * HOUR), Hours(most=8 * HOUR)))
    plan = solve(limited, Limits(seconds=4.0))
    worked = [0, 0]
    for index, route in enumerate(plan.routes):
        if route:
            _, leave, home, _ = next(day_oracle.drives(limited, index, route))
            worked[index // 2] += home - leave
    assert max(worked) <= 8 * HOUR
    assert plan.unserved
    free = solve(replace(limited, hours=()), Limits(seconds=4.0))
    assert len(free.unserved) < len(plan.unserved)


def test_fair_hours_are_bought_with_driving() -> None:
    problem = town(12, 4)
    fair = replace(problem, hours=(Hours(fair=6 * HOUR),) * 4, terms=Terms(unfair=3.0))
    longest = []
    for one in (problem, fair):
        plan = solve(one, Limits(seconds=4.0))
        dated = [next(day_oracle.drives(one, i, r)) for i, r in enumerate(plan.routes) if r]
        longest.append(sum(max(0, home - leave - 6 * HOUR) for _, leave, home, _ in dated))
    assert longest[1] <= longest[0]


def test_overtime_and_told_times_are_costs() -> None:
    problem = town(10, 4)
    late = replace(
        problem,
        shifts=tuple(replace(s, regular_end=4 * HOUR) for s in problem.shifts),
        visits=tuple(replace(v, planned=v.windows[0][1]) for v in problem.visits),
        terms=Terms(overtime=2.0, moved=500),
    )
    plan = solve(late, Limits(seconds=3.0))
    cost = 0.0
    for index, route in enumerate(plan.routes):
        if route:
            travelled, _, home, starts = next(day_oracle.drives(late, index, route))
            cost += travelled + 2.0 * max(0, home - 4 * HOUR)
            cost += 500 * sum(
                abs(start - (late.visits[one].planned or 0)) > 900
                for one, start in zip(route, starts, strict=True)
            )
    assert plan.cost == pytest.approx(cost, abs=1)
    assert plan.lower_bound is None or plan.lower_bound <= plan.cost


def test_a_plan_in_force_that_breaks_a_rule_is_refused() -> None:
    problem = town(12, 2)
    with pytest.raises(ValueError, match=r"breaks a rule|more stops"):
        solve(problem, FEW, start=(tuple(range(12)), ()))


def test_a_search_needs_an_end() -> None:
    with pytest.raises(ValueError, match="without end"):
        solve(town(3, 1), Limits())
