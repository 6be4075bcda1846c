"""When everything on one route happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.planning.day.problem import Problem


@dataclass(frozen=True, slots=True)
class Call:
    """A visit (index among the problem's) or, with ``is_break``, a break (index among the
    shift's): arrival, start of service, its end, and driving seconds from the stop before.

    Waiting lies between arrival and start. A break has no place: the driving before it that is
    already done counts in the ``travel_s`` of the visit after it.
    """

    index: int
    is_break: bool
    arrival: int
    start: int
    end: int
    travel_s: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """``leave`` is when the nurse sets out (just in time for the first call), ``home`` when she is
    at the end of her shift's way, after ``travel_s`` seconds of driving in all."""

    calls: tuple[Call, ...]
    leave: int
    home: int
    travel_s: int


def timetable(problem: Problem, shift: int, order: Sequence[int]) -> Timetable | None:
    """The route driven as early as possible; None where it breaks a window, a break, a limit."""
    raise NotImplementedError
