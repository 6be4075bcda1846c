"""What the planner sees of the world: shifts with their stops, and the visit to be placed.

All times are whole seconds since the Unix epoch (UTC), all lengths whole seconds, all points
WGS 84 degrees. A time window bounds the *start* of service, both ends included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lng: float


@dataclass(frozen=True, eq=False)
class Places(Sequence[Point]):
    """Points asked about again and again: their coordinates are converted to arrays once."""

    points: tuple[Point, ...]

    @cached_property
    def degrees(self) -> NDArray[np.float64]:
        """Latitudes and longitudes, shape (2, n)."""
        pairs = np.array([(p.lat, p.lng) for p in self.points], dtype=np.float64)
        return np.ascontiguousarray(pairs.reshape(-1, 2).T)

    def __len__(self) -> int:
        return len(self.points)

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, index: int | slice) -> Point | tuple[Point, ...]:
        return self.points[index]


class Travel(Protocol):
    """Driving seconds between places, whole, zero on the spot; both methods agree on every pair."""

    def matrix(self, origins: Sequence[Point], destinations: Sequence[Point]) -> Seconds:
        """All pairs, shape (len(origins), len(destinations))."""

    def legs(self, path: Sequence[Point]) -> Seconds:
        """From each point of a path to its next, shape (len(path) - 1,)."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A licence (code is the state, e.g. ``VA``) or a certificate (e.g. ``acls``) and its validity.

    Valid from ``valid_from`` up to, but not including, ``valid_until``.
    """

    code: str
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class Nurse:
    id: UUID
    licences: tuple[Credential, ...]
    certificates: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit or a hold on a route. ``start`` is its planned start within [earliest, latest].

    A ``fixed`` stop has begun (the nurse is on the way or there): it keeps its times and
    nothing is placed before it.
    """

    id: UUID
    point: Point
    earliest: int
    latest: int
    service: int
    start: int
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """One nurse on one day: leaves home at ``start`` or later, is home again by ``end``.

    ``stops`` stand in the order of the route, which is the order of their starts.
    """

    id: UUID
    nurse: Nurse
    start: int
    end: int
    home: Point
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A visit to be placed: where, how long, when it may start, and what the nurse must hold."""

    point: Point
    state: str
    service: int
    earliest: int
    latest: int
    certificates: frozenset[str]
    nurse: UUID | None = None
    """The nurse the patient asked for, where she was promised."""
    busy: tuple[tuple[int, int], ...] = ()
    """When other visits may take the patient: from, and up to but not including, each."""
    infusion: tuple[int, int] = (0, 0)
    """The part of the service that is supervised: from, and up to, seconds after its start."""
    full: tuple[tuple[int, int], ...] = ()
    """When no more infusions can be supervised; the same otherwise."""
