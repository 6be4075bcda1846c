"""A day, or several, to be planned: visits, shifts and what each asks of the other, by index.

Times and lengths are whole seconds, times since any one epoch. Who may serve whom has been judged
before (``able``, by ``planning.rules``); the solver knows only time, order and cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Window: TypeAlias = tuple[int, int]
"""From and until, both included: when service, or a break, may start."""

Routes: TypeAlias = tuple[tuple[int, ...], ...]
"""Per shift the visits it serves, in order."""


@dataclass(frozen=True, slots=True)
class Visit:
    """``windows`` ascend and do not overlap; none means at any time.

    ``setup`` precedes service, after the window's start, unless the nurse is at the place already.
    ``priority`` says which visits to serve where not all can be. ``planned`` is the start that has
    been told: another that differs by more than ``Terms.moved_after_s`` costs ``Terms.moved``.
    """

    place: int
    service: int
    windows: tuple[Window, ...] = ()
    setup: int = 0
    priority: int = 0
    planned: int | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """A pause of ``service`` seconds, taken anywhere between two stops of the route."""

    service: int
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """Leaves ``start`` at ``opens`` or later and reaches ``end`` by ``closes``.

    A place of None stands for wherever the first or last visit is. ``nurse`` is the index of the
    person: her shifts share it. Overtime counts from ``regular_end``, where that is not None.
    """

    start: int | None
    end: int | None
    opens: int
    closes: int
    nurse: int
    breaks: tuple[Break, ...] = ()
    most_visits: int | None = None
    most_travel: int | None = None
    regular_end: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """What of a nurse's working time (from leaving to being home) over all her shifts is hard, and
    what is dear: never above ``most``; each second above ``fair`` costs ``Terms.unfair``."""

    most: int | None = None
    fair: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What soft terms cost, in seconds of driving: a second of overtime, a second above a fair
    share of hours, a visit moved by more than ``moved_after_s`` from its planned start."""

    overtime: float = 0.0
    unfair: float = 0.0
    moved: int = 0
    moved_after_s: int = 900


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """``travel`` is in seconds, shape (places, places). ``able`` and ``cost`` have the shape
    (visits, shifts): who may serve whom, and what that costs beside the driving (preference,
    continuity), in seconds of driving. ``hours`` are by nurse index; empty means without limit."""

    travel: NDArray[np.int32]
    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]
    able: NDArray[np.bool_]
    cost: NDArray[np.int32]
    hours: tuple[Hours, ...] = ()
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: after wall seconds from the call, or improvement rounds, or both.

    With ``iterations`` alone the same seed gives the same plan.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How a running solver stands. ``cost`` is driving plus soft terms of the best plan so far;
    ``lower_bound`` that no plan which serves as much can go below, None while none is proven."""

    phase: str
    seconds: float
    unserved: int
    cost: int
    lower_bound: int | None


Watch: TypeAlias = Callable[[Progress], bool]
"""Called a few times a second; True stops the solver, which then returns its best plan."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The best plan found. ``lower_bound`` is of ``cost``; None unless the number of unserved
    visits is proven least."""

    routes: Routes
    unserved: tuple[int, ...]
    travel_s: int
    cost: int
    lower_bound: int | None
    iterations: int
    seconds: float

    @property
    def gap(self) -> float | None:
        """(cost − bound) / bound, or None without a bound."""
        if self.lower_bound is None or self.lower_bound <= 0:
            return None
        return self.cost / self.lower_bound - 1
