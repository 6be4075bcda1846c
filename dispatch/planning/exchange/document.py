"""What a file asks for: visits and shifts under the ids and descriptions they have in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.day.problem import Break, Problem, Shift, Visit

LATEST = 2**32 - 1
"""The last second of the format."""


@dataclass(frozen=True, slots=True)
class Site:
    """A row of the matrix; ``given`` are the fields of the file that name it."""

    index: int
    given: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Job:
    id: int
    site: Site
    visit: Visit
    skills: frozenset[int]
    description: str | None


@dataclass(frozen=True, slots=True)
class Pause:
    id: int
    pause: Break
    description: str | None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """``opens`` and ``closes`` as given; ``pauses`` in the order they are had."""

    id: int
    start: Site | None
    end: Site | None
    opens: int
    closes: int
    skills: frozenset[int]
    pauses: tuple[Pause, ...]
    most_visits: int | None
    most_travel: int | None
    description: str | None


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """``travel`` is in seconds, shape (sites, sites)."""

    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    travel: NDArray[np.int32]


def problem_of(document: Document) -> Problem:
    """The same as the solver takes it, visits and shifts in the order of the file.

    Shifts are cut to the hours in which anything can happen, so that none lasts forever.
    """
    visits = tuple(job.visit for job in document.jobs)
    able = _able(document)
    extent = _extent(visits, int(document.travel.max(initial=0)) * (len(visits) + 1))
    return Problem(
        travel=document.travel,
        visits=visits,
        shifts=tuple(_shift(each, nurse, extent) for nurse, each in enumerate(document.vehicles)),
        able=able,
        cost=np.zeros(able.shape, dtype=np.int32),
    )


def _able(document: Document) -> NDArray[np.bool_]:
    """Whose skills hold all that a visit asks for, shape (jobs, vehicles)."""
    able = np.ones((len(document.jobs), len(document.vehicles)), dtype=np.bool_)
    for skill in frozenset().union(*(job.skills for job in document.jobs)):
        asked = np.array([skill in job.skills for job in document.jobs])
        lacking = np.array([skill not in vehicle.skills for vehicle in document.vehicles])
        able &= ~(asked[:, None] & lacking[None, :])
    return able


def _shift(vehicle: Vehicle, nurse: int, visits: _Extent) -> Shift:
    breaks = tuple(each.pause for each in vehicle.pauses)
    pauses = _extent(breaks, 0)
    work = visits.work + pauses.work
    opens = max(vehicle.opens, min(visits.first, pauses.first, vehicle.closes + work) - work)
    last = max(opens, visits.last, pauses.last)
    return Shift(
        start=None if vehicle.start is None else vehicle.start.index,
        end=None if vehicle.end is None else vehicle.end.index,
        opens=opens,
        closes=min(vehicle.closes, last + work),
        nurse=nurse,
        breaks=breaks,
        most_visits=vehicle.most_visits,
        most_travel=vehicle.most_travel,
    )


@dataclass(frozen=True, slots=True)
class _Extent:
    """No window begins before ``first``, none begins or ends after ``last``, and all that is to be
    done takes ``work`` seconds at most."""

    first: int
    last: int
    work: int


def _extent(calls: tuple[Visit | Break, ...], driving: int) -> _Extent:
    """Something without windows may be done at 0; nothing at all is bound to no hour."""
    setups = sum(call.setup for call in calls if isinstance(call, Visit))
    return _Extent(
        first=min((call.windows[0][0] if call.windows else 0 for call in calls), default=LATEST),
        last=max((call.windows[-1][1] for call in calls if call.windows), default=0),
        work=driving + setups + sum(call.service for call in calls),
    )
