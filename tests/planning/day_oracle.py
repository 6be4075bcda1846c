"""A day judged by trying everything: every order, every place for every break, every assignment.

Plain loops over the problem's own rows; nothing of the planner's reckoning is used.
"""

from collections.abc import Iterator
from itertools import pairwise, permutations, product

from dispatch.planning.day.problem import Problem

Dated = tuple[int, int, int, tuple[int, ...]]
"""Driving seconds, leaving, arrival home, and the starts."""


def soonest(at: int, windows: tuple[tuple[int, int], ...]) -> int | None:
    open_ones = [max(at, a) for a, b in windows if at <= b] if windows else [at]
    return min(open_ones, default=None)


def drives(problem: Problem, shift: int, order: tuple[int, ...]) -> Iterator[Dated]:
    """Every way of driving an order: each spreads the breaks, in their order, over the legs."""
    own = problem.shifts[shift]
    for legs in product(range(len(order) + 1), repeat=len(own.breaks)):
        if list(legs) == sorted(legs):
            found = driven(problem, shift, order, legs)
            if found is not None:
                yield found


def driven(
    problem: Problem, shift: int, order: tuple[int, ...], legs: tuple[int, ...]
) -> Dated | None:
    own, at, travelled = problem.shifts[shift], problem.shifts[shift].opens, 0
    here, starts, leave = own.start, [], own.opens
    for i in range(len(order) + 1):
        there = own.end if i == len(order) else problem.visits[order[i]].place
        way = 0 if here is None or there is None else int(problem.travel[here, there])
        travelled += way
        left = way
        for pause, leg in zip(own.breaks, legs, strict=True):
            if leg == i:
                begin = soonest(at, pause.windows)
                if begin is None:
                    return None
                left -= min(left, begin - at)
                at = begin + pause.service
        at += left
        if i < len(order):
            visit = problem.visits[order[i]]
            begin = soonest(at, visit.windows)
            if begin is None:
                return None
            if i == 0 and not own.breaks:
                leave = begin - way
            starts.append(begin)
            at = begin + (visit.setup if here != visit.place else 0) + visit.service
            here = visit.place
    if at > own.closes or travelled > (own.most_travel if own.most_travel is not None else 1e18):
        return None
    return travelled, leave, at, tuple(starts)


def kept(problem: Problem, shift: int, order: tuple[int, ...]) -> bool:
    """Whether a route keeps every rule that concerns it alone."""
    most = problem.shifts[shift].most_visits
    return (
        all(problem.able[visit, shift] for visit in order)
        and (most is None or len(order) <= most)
        and (not order or any(drives(problem, shift, order)))
    )


def violations(
    problem: Problem, routes: tuple[tuple[int, ...], ...], unserved: set[int]
) -> list[str]:
    """What is wrong with a plan: lost or doubled visits, routes that break a rule."""
    served = [visit for route in routes for visit in route]
    wrong = [f"visit {one} is served twice" for one in set(served) if served.count(one) > 1]
    everyone = set(range(len(problem.visits)))
    if set(served) | unserved != everyone or set(served) & unserved:
        wrong.append("served and unserved do not make up all visits")
    wrong += [
        f"route {shift} is not kept"
        for shift, route in enumerate(routes)
        if not kept(problem, shift, tuple(route))
    ]
    return wrong


def travel_of(problem: Problem, shift: int, order: tuple[int, ...]) -> int:
    own = problem.shifts[shift]
    path = [own.start, *(problem.visits[visit].place for visit in order), own.end]
    return sum(
        int(problem.travel[a, b])
        for a, b in pairwise(path)
        if order and a is not None and b is not None
    )


def best(problem: Problem) -> tuple[int, int, int]:
    """The least plan of all: priority lost, visits unserved, driving with assignment costs."""
    shifts, everyone = len(problem.shifts), range(len(problem.visits))
    cheapest: dict[tuple[int, frozenset[int]], int] = {}
    for shift in range(shifts):
        for size in range(len(problem.visits) + 1):
            for order in permutations(everyone, size):
                if kept(problem, shift, order):
                    cost = travel_of(problem, shift, order)
                    cost += sum(int(problem.cost[visit, shift]) for visit in order)
                    key = (shift, frozenset(order))
                    cheapest[key] = min(cost, cheapest.get(key, cost))
    plans = []
    for places in product(range(-1, shifts), repeat=len(problem.visits)):
        routes = [frozenset(v for v in everyone if places[v] == s) for s in range(shifts)]
        if all((s, route) in cheapest for s, route in enumerate(routes)):
            out = [v for v in everyone if places[v] < 0]
            lost = sum(problem.visits[v].priority for v in out)
            cost = sum(cheapest[s, route] for s, route in enumerate(routes))
            plans.append((lost, len(out), cost))
    return min(plans)
