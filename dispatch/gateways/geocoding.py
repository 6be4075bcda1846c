"""Where an address is: by its ZIP code, offline, marked as approximate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import tzfpy
import zipcodes


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
    if len(zip_code) != 5 or not zip_code.isdecimal():  # noqa: PLR2004 - a ZIP code's length
        return None
    found: list[dict[str, str]] = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call]
    if not found:
        return None
    lat, lng = float(found[0]["lat"]), float(found[0]["long"])
    return Place(lat, lng, found[0]["state"], tzfpy.get_tz(lng, lat), approximate=True)
