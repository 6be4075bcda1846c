"""The gaps of routes as columns of whole numbers, and how they change with a few of the routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.problem import Point, Seconds, Shift, Travel
from dispatch.planning.timing import NEVER, departures, latest_begins, ordered

Index = NDArray[np.intp]

MOST_STOPS = 1 << 16


@dataclass(frozen=True, slots=True)
class Openings:
    """One row a gap that is not shut for good, ascending by shift's index and position.

    ``before`` and ``after`` number the places around it, ``leg`` is the drive between them. The
    nurse leaves the first at max(ready, now + away) as long as now <= ``last`` (see
    ``timing.Departure``), and is to be at the second by ``begin``.
    """

    shift: Index
    position: Index
    before: Index
    after: Index
    ready: Seconds
    away: Seconds
    last: Seconds
    begin: Seconds
    leg: Seconds

    def replaced(self, shifts: Sequence[int], by: Openings) -> Openings:
        """The same with all rows of these shifts taken out and those of ``by`` put in."""
        kept = ~np.isin(self.shift, shifts)
        columns = [np.concatenate([mine[kept], new]) for mine, new in _pairs(self, by)]
        order = np.argsort(columns[0] * MOST_STOPS + columns[1], kind="stable")
        return Openings(*(column[order] for column in columns))


def openings(
    shifts: Iterable[tuple[int, Shift]], travel: Travel, number: Callable[[Point], int]
) -> Openings:
    """The openings of shifts with their indices; O(stops), one call for all legs.

    ``number`` gives a place the index it has among the points.
    """
    listed = list(shifts)
    paths = [path_of(shift) for _, shift in listed]
    rows: list[tuple[int, ...]] = []
    for (index, shift), path, legs in zip(listed, paths, _legs(paths, travel), strict=True):
        ids = [number(point) for point in path]
        gaps = zip(
            ids, ids[1:], departures(shift, legs), latest_begins(shift, legs), legs, strict=False
        )
        rows.extend(
            (index, position, here, there, free.ready, free.away, free.last, begin, leg)
            for position, (here, there, free, begin, leg) in enumerate(gaps)
            if free.last > -NEVER and begin > -NEVER
        )
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(fields(Openings))).T
    return Openings(*np.ascontiguousarray(columns))


def path_of(shift: Shift) -> list[Point]:
    """From home through the stops in their order and home again."""
    return [shift.home, *(stop.point for stop in ordered(shift)), shift.home]


def _legs(paths: Sequence[Sequence[Point]], travel: Travel) -> list[list[int]]:
    """The legs of every path, asked as one long path."""
    seconds = travel.legs([point for path in paths for point in path]).tolist()
    ends = np.cumsum([len(path) for path in paths]).tolist()
    return [seconds[end - len(path) : end - 1] for path, end in zip(paths, ends, strict=True)]


def _pairs(one: Openings, other: Openings) -> Iterable[tuple[Seconds, Seconds]]:
    return ((getattr(one, f.name), getattr(other, f.name)) for f in fields(Openings))
