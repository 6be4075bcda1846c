"""What the planner sees of the world: shifts with their stops, and the visit to be placed.

All times are whole seconds since the Unix epoch (UTC), all lengths whole seconds, all points
WGS 84 degrees. A time window bounds the *start* of service, both ends included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Floats = NDArray[np.float64]

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lng: float


class Places(Sequence[Point]):
    """Points asked about again and again: what is reckoned from them is reckoned once.

    ``metres`` are their coordinates from the middle of the earth (WGS 84), shape (3, n).
    """

    def __init__(self, points: Iterable[Point]) -> None:
        self.points = _objects(list(points))
        self.metres = _metres(self.points.tolist())

    def take(self, rows: NDArray[np.intp]) -> Places:
        """Those of these indices, in this order."""
        return _Taken(self, rows)

    def extended(self, more: Sequence[Point]) -> Places:
        """The same and some more behind them."""
        longer = Places(more)
        longer.points = np.concatenate([self.points, longer.points])
        longer.metres = np.concatenate([self.metres, longer.metres], axis=1)
        return longer

    def __len__(self) -> int:
        return int(self.metres.shape[1])

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, index: int | slice) -> Point | tuple[Point, ...]:
        if isinstance(index, slice):
            return tuple(self.points[index])
        point: Point = self.points[index]
        return point


class _Taken(Places):
    """Some of other places; who is content with ``metres`` never has the points looked up."""

    def __init__(self, places: Places, rows: NDArray[np.intp]) -> None:
        self._places, self._rows = places, rows
        self.metres = places.metres[:, rows]

    @cached_property
    def points(self) -> NDArray[np.object_]:  # type: ignore[override]
        return self._places.points[self._rows]


def _objects(points: Sequence[Point]) -> NDArray[np.object_]:
    array = np.empty(len(points), dtype=object)
    array[:] = points
    return array


def _metres(points: Sequence[Point]) -> Floats:
    degrees = np.array([(p.lat, p.lng) for p in points], dtype=np.float64).reshape(-1, 2).T
    latitude, longitude = np.radians(degrees)
    squared = FLATTENING * (2 - FLATTENING)
    across = EQUATOR_M / np.sqrt(1 - squared * np.sin(latitude) ** 2)
    level = across * np.cos(latitude)
    up = across * (1 - squared) * np.sin(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), up])


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
    known: frozenset[UUID] = frozenset()
    """The nurses who have had this patient before; of near equals one of them is taken."""
    infusion: tuple[int, int] = (0, 0)
    """The part of the service that is supervised: from, and up to, seconds after its start."""
    full: tuple[tuple[int, int], ...] = ()
    """When no more infusions can be supervised; the same otherwise."""
