"""From a solved problem to the plan as the format has it, with a reason for every no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.planning.day.problem import Problem, Solution
from dispatch.planning.day.timetable import Timetable, timetable
from dispatch.planning.exchange.document import Document, Job, Site, Vehicle
from dispatch.planning.exchange.reasons import Answer, Change

Fields = dict[str, Any]

SUMMED = ("cost", "setup", "service", "duration", "waiting_time", "priority")


@dataclass(frozen=True, slots=True)
class _Driven:
    """A vehicle's route and when everything on it happens."""

    vehicle: Vehicle
    jobs: Sequence[Job]
    times: Timetable


def plan_of(
    document: Document,
    problem: Problem,
    solution: Solution,
    answers: Mapping[int, Answer],
) -> Fields:
    """The plan as JSON's values; ``answers`` are by visit, and a visit without one has none.

    Seconds throughout; ``cost`` and ``duration`` are driving. ``lower_bound`` and ``gap`` are None
    unless proven.
    """
    routes = [_route(driven) for driven in _driven(document, problem, solution)]
    return {
        "code": 0,
        "summary": {
            **{name: sum(route[name] for route in routes) for name in SUMMED},
            "routes": len(routes),
            "unassigned": len(solution.unserved),
            "lower_bound": solution.lower_bound,
            "gap": solution.gap,
            "violations": [],
        },
        "routes": routes,
        "unassigned": [
            _unassigned(document, document.jobs[visit], answers.get(visit))
            for visit in solution.unserved
        ],
    }


def _driven(document: Document, problem: Problem, solution: Solution) -> Iterator[_Driven]:
    for shift, order in enumerate(solution.routes):
        if order:
            times = timetable(problem, shift, order)
            if times is None:
                raise RuntimeError(f"the route of shift {shift} breaks a rule: {order}")
            yield _Driven(document.vehicles[shift], [document.jobs[v] for v in order], times)


def _route(driven: _Driven) -> Fields:
    steps = list(_steps(driven))
    return {
        "vehicle": driven.vehicle.id,
        **_described(driven.vehicle.description),
        "cost": driven.times.travel_s,
        "setup": sum(step["setup"] for step in steps),
        "service": sum(step["service"] for step in steps),
        "duration": driven.times.travel_s,
        "waiting_time": sum(step["waiting_time"] for step in steps),
        "priority": sum(job.visit.priority for job in driven.jobs),
        "steps": steps,
        "violations": [],
    }


def _steps(driven: _Driven) -> Iterator[Fields]:
    """Where a vehicle has no start or end of its own, they are at its first and last job.

    On the way to a break nobody waits who can drive.
    """
    vehicle, times = driven.vehicle, driven.times
    jobs, legs = iter(driven.jobs), iter(_legs(times))
    yield _step("start", vehicle.start or driven.jobs[0].site, times.leave)
    at, left, travelled = times.leave, next(legs), 0
    for call in times.calls:
        drive = min(left, call.start - at) if call.is_break else left
        at, left, travelled = at + drive, left - drive, travelled + drive
        waited, taken = call.start - at, call.end - call.start
        if call.is_break:
            pause = vehicle.pauses[call.index]
            step = _step("break", None, at, travelled, waited, taken)
            yield {**step, "id": pause.id, **_described(pause.description)}
        else:
            job, left = next(jobs), next(legs)
            step = _step("job", job.site, at, travelled, waited, job.visit.service)
            step["setup"] = taken - job.visit.service
            yield {**step, "id": job.id, "job": job.id, **_described(job.description)}
        at = call.end
    yield _step("end", vehicle.end or driven.jobs[-1].site, times.home, times.travel_s)


def _legs(times: Timetable) -> list[int]:
    """The drive to every visit and, at last, to the end of the way."""
    legs = [call.travel_s for call in times.calls if not call.is_break]
    return [*legs, times.travel_s - sum(legs)]


def _step(
    kind: str,
    site: Site | None,
    arrival: int,
    duration: int = 0,
    waiting_time: int = 0,
    service: int = 0,
) -> Fields:
    """What every step has; ``duration`` is the driving from the start up to here."""
    return {
        "type": kind,
        **({} if site is None else dict(site.given)),
        "arrival": arrival,
        "duration": duration,
        "setup": 0,
        "service": service,
        "waiting_time": waiting_time,
        "violations": [],
    }


def _unassigned(document: Document, job: Job, answer: Answer | None) -> Fields:
    return {
        "id": job.id,
        "type": "job",
        **dict(job.site.given),
        **_described(job.description),
        "reasons": None if answer is None else answer.reasons,
        "nearest": None if answer is None else _nearest(document, job, answer.nearest),
    }


def _nearest(document: Document, job: Job, change: Change | None) -> Fields | None:
    if change is None:
        return None
    vehicle = document.vehicles[change.shift]
    fields: Fields = {"change": change.kind, "vehicle": vehicle.id, "amount": change.amount}
    if change.kind == "skill":
        fields["skills"] = sorted(job.skills - vehicle.skills)
    return fields


def _described(description: str | None) -> Fields:
    return {} if description is None else {"description": description}
