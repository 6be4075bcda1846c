"""Where an address is: by its ZIP code, offline, marked as approximate."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import tzfpy
import zipcodes

from dispatch.gateways.travel import distance_m
from dispatch.planning.problem import Point

ZIP_CODE = re.compile(r"^[0-9]{5}$")
"""ASCII digits only: `zipcodes` panics at others."""

AREA_DIGITS = 3
"""Of a ZIP code: as much as may be told of where somebody lives."""
FURTHEST_PIN_M = 60_000
"""From the middle of its ZIP code's area; nearly all of them are smaller."""


@dataclass(frozen=True, slots=True)
class Place:
    """Coordinates in WGS 84 degrees, the licensing jurisdiction and the time zone there."""

    lat: float
    lng: float
    state: str
    zone: str
    approximate: bool


@lru_cache(maxsize=4096)
def locate(zip_code: str) -> Place | None:
    """Return the middle of a five-digit US ZIP code's area, or None where there is no such code."""
    if not ZIP_CODE.fullmatch(zip_code):
        return None
    found: list[dict[str, str]] = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call]
    if not found:
        return None
    lat, lng = float(found[0]["lat"]), float(found[0]["long"])
    return Place(lat, lng, found[0]["state"], tzfpy.get_tz(lng, lat), approximate=True)


def pinned(place: Place, lat: float, lng: float) -> Place | None:
    """Return the place exactly at the pin (WGS 84 degrees), or None where that is too far from the
    middle of its area to be in it."""
    if not distance_m(Point(place.lat, place.lng), Point(lat, lng)) <= FURTHEST_PIN_M:
        return None
    return replace(place, lat=lat, lng=lng, approximate=False)


@dataclass(frozen=True, slots=True)
class Box:
    """An area in WGS 84 degrees, its edges included."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lng: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lng <= self.east


@dataclass(frozen=True, slots=True)
class Town:
    """The middle of a town's ZIP codes, and how many it has: the more, the larger the town."""

    name: str
    lat: float
    lng: float
    codes: int


@dataclass(frozen=True, slots=True)
class Places:
    """What a light base map is drawn from: middles of ZIP codes, and towns, largest first."""

    points: tuple[tuple[float, float], ...]
    towns: tuple[Town, ...]


def places_within(box: Box) -> Places:
    """Return the places of a box, from data that is here: nobody else is asked."""
    inside = [one for one in _centres() if box.holds(one[2], one[3])]
    codes: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for town, state, lat, lng in inside:
        codes[town, state].append((lat, lng))
    towns = [
        Town(
            name,
            round(sum(lat for lat, _ in points) / len(points), 4),
            round(sum(lng for _, lng in points) / len(points), 4),
            len(points),
        )
        for (name, _), points in codes.items()
    ]
    points = tuple(sorted({(lat, lng) for _, _, lat, lng in inside}))
    return Places(points, tuple(sorted(towns, key=lambda one: (-one.codes, one.name))))


def middle_of(begins: str) -> tuple[float, float] | None:
    """Return the middle of all ZIP codes that begin with three digits; None where none does."""
    return _middles().get(begins)


@cache
def _middles() -> dict[str, tuple[float, float]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _areas():
        found[row["zip_code"][:AREA_DIGITS]].append(row)
    return {
        begins: (
            round(sum(float(row["lat"]) for row in rows) / len(rows), 2),
            round(sum(float(row["long"]) for row in rows) / len(rows), 2),
        )
        for begins, rows in found.items()
    }


@cache
def _centres() -> tuple[tuple[str, str, float, float], ...]:
    """Town, state and middle of every ZIP code that stands for an area; cached."""
    return tuple(
        (sys.intern(row["city"]), sys.intern(row["state"]), float(row["lat"]), float(row["long"]))
        for row in _areas()
    )


def _areas() -> Iterator[dict[str, str]]:
    """The rows of ZIP codes that stand for an area."""
    for row in _rows():
        if row["zip_code_type"] == "STANDARD" and row["active"] and row["lat"] and row["long"]:
            yield row


@lru_cache(maxsize=1)
def states() -> frozenset[str]:
    """Return the licensing jurisdictions that ``locate`` can find a place in."""
    return frozenset(one["state"] for one in _rows())


def _rows() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return rows
