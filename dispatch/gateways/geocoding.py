"""Where an address is: by its ZIP code, offline, marked as approximate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import tzfpy
import zipcodes

ZIP_CODE = re.compile(r"^[0-9]{5}$")
"""ASCII digits only: `zipcodes` panics at others."""


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


@lru_cache(maxsize=1)
def states() -> frozenset[str]:
    """Return the licensing jurisdictions that ``locate`` can find a place in."""
    places: list[dict[str, str]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return frozenset(one["state"] for one in places)
