"""Where an address is: by its ZIP code, offline, marked as approximate."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import tzfpy
import zipcodes

from dispatch.gateways.travel import distance_m
from dispatch.planning.problem import Point

ZIP_CODE = re.compile(r"^[0-9]{5}$")
"""ASCII digits only: `zipcodes` panics at others."""

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
