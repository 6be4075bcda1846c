"""The places of a file, and the drives between them: a matrix of its own, or coordinates."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.exchange.document import LATEST, Site
from dispatch.planning.exchange.parts import Part
from dispatch.planning.problem import Places, Point, Travel

CAR = "car"
"""The profile of a vehicle that names none."""
ROWS_AT_ONCE = 256
"""How many rows are asked of a travel at a time, so that its own arrays stay small."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Driving seconds between rows, shape (n, n), and the profiles that drive by them."""

    profiles: frozenset[str]
    seconds: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sites:
    """Rows of the matrix, with coordinates beside them only handed on; without a matrix points,
    driven between by ``by``."""

    matrix: Matrix | None
    by: Travel
    rows: dict[int, Point] = field(default_factory=dict)
    points: dict[Point, int] = field(default_factory=dict)

    def site(self, part: Part, named: dict[str, Part], place: str, index: str) -> Site | None:
        """Where the fields ``place`` and ``index`` of a part point to; None where they do not."""
        point = _point(named[place]) if place in named else None
        if self.matrix is not None:
            if index in named:
                return self._row(self.matrix, named[index], point, named.get(place))
            if point is not None:
                part.child(index, None).refuse("is missing: drives are read from the matrix")
        elif index in named:
            named[index].refuse("there is no matrix to find it in")
        elif point is not None:
            row = self.points.setdefault(point, len(self.points))
            return Site(row, (("location", [point.lng, point.lat]),))
        return None

    def _row(self, matrix: Matrix, index: Part, point: Point | None, place: Part | None) -> Site:
        row, size = index.whole(LATEST), len(matrix.seconds)
        if row >= size > 0:
            index.refuse(f"lies outside the matrix of {size} places")
        if point is None or place is None:
            return Site(row, (("location_index", row),))
        if self.rows.setdefault(row, point) != point:
            place.refuse(f"is not where row {row} of the matrix was before")
        return Site(row, (("location", [point.lng, point.lat]), ("location_index", row)))

    def drives(self, part: Part, profile: Part | None) -> None:
        """Refuse a vehicle that does not drive as the others do."""
        name = CAR if profile is None else profile.text()
        known = frozenset({CAR}) if self.matrix is None else self.matrix.profiles
        if known and name not in known:
            (profile or part).refuse(f"there is no matrix {json.dumps(name)}")

    def travel(self) -> NDArray[np.int32]:
        """Seconds between all sites."""
        if self.matrix is not None:
            return self.matrix.seconds
        points = tuple(self.points)
        places = Places(points)
        seconds = np.empty((len(points), len(points)), dtype=np.int32)
        for first in range(0, len(points), ROWS_AT_ONCE):
            rows = points[first : first + ROWS_AT_ONCE]
            seconds[first : first + ROWS_AT_ONCE] = self.by.matrix(rows, places)
        return seconds


def matrix_of(part: Part, longest: int) -> Matrix:
    """The one matrix of a file; several profiles are read where their matrices are the same."""
    found: dict[str, NDArray[np.int32]] = {}
    for profile, each in part.members().items():
        durations = each.fields(frozenset({"durations"}), frozenset({"durations"}))
        if "durations" in durations:
            found[profile] = _seconds(durations["durations"], longest)
            first = next(iter(found))
            if not np.array_equal(found[profile], found[first]):
                each.refuse(
                    f"differs from that of {json.dumps(first)}: all vehicles drive by one matrix"
                )
    if part.value == {}:
        part.refuse("must hold a matrix")
    return Matrix(frozenset(found), next(iter(found.values()), np.zeros((0, 0), dtype=np.int32)))


def _seconds(part: Part, longest: int) -> NDArray[np.int32]:
    rows = part.items()
    if not rows and isinstance(part.value, list):
        part.refuse("is empty")
    seconds = np.zeros((len(rows), len(rows)), dtype=np.int32)
    for index, row in enumerate(rows):
        if not isinstance(row.value, list):
            row.refuse("must be an array")
        elif len(row.value) != len(rows):
            row.refuse(f"holds {len(row.value)} values in a matrix of {len(rows)} rows")
        elif set(map(type, row.value)) != {int} or min(row.value) < 0 or max(row.value) > longest:
            for value in islice(_wrong(row.items(), longest), 1):
                value.refuse(f"must be a whole number of seconds from 0 to {longest}")
        else:
            seconds[index] = row.value
    return seconds


def _wrong(values: Iterable[Part], longest: int) -> Iterable[Part]:
    return (v for v in values if type(v.value) is not int or not 0 <= v.value <= longest)


def _point(part: Part) -> Point:
    """A [longitude, latitude] in degrees."""
    lon, lat = part.items(2) or (None, None)
    if lon is None or lat is None:
        return Point(0.0, 0.0)
    return Point(lat=lat.degrees(90), lng=lon.degrees(180))
