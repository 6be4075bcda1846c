"""Driving times from Valhalla: its service `sources_to_targets` over HTTP, for tables and legs.

Its `route` tells other seconds for some pairs, as it searches in another way: it is asked only
where a table of one pair is refused, and says why. See docs/decisions/0012-travel-times.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.gateways.calling import EngineFailed, Line
from dispatch.gateways.engines import NO_ROAD_S, OFF_MAP, OFF_ROAD_M, PairRefused, Spot, read
from dispatch.planning.problem import Seconds

REFUSED = {154, 170, 171, 442}
"""Too far apart, unconnected regions, no road near by, no path: for one such pair the whole table
is refused, by the first of the codes that comes to Valhalla's mind."""
UNREACHED = {154: OFF_MAP, 170: NO_ROAD_S, 171: OFF_MAP, 442: NO_ROAD_S}
"""What a route that is refused means for its pair."""


@dataclass(frozen=True, slots=True)
class Valhalla:
    """A `valhalla_service`; ``half`` squared is within its ``max_matrix_location_pairs``."""

    line: Line
    profile: str
    half: int

    @property
    def name(self) -> str:
        return f"valhalla {self.profile}"

    def table(self, origins: Sequence[Spot], destinations: Sequence[Spot]) -> Seconds:
        """All pairs; see ``Engine``."""
        body = {
            "sources": [_place(spot) for spot in origins],
            "targets": [_place(spot) for spot in destinations],
            "costing": self.profile,
        }
        answer = self.line.post("/sources_to_targets", body)
        shape = (len(origins), len(destinations))
        if "sources_to_targets" in answer:
            return read(_times(answer["sources_to_targets"]), shape)
        if answer.get("error_code") not in REFUSED:
            raise _failure(answer)
        if shape != (1, 1):
            raise PairRefused
        return np.array([[self._alone(origins[0], destinations[0])]])

    def legs(self, path: Sequence[Spot]) -> Seconds:
        """From each spot to its next."""
        return np.diagonal(self.table(path[:-1], path[1:])).copy()

    def _alone(self, origin: Spot, destination: Spot) -> int:
        """The drive of one pair, or why there is none."""
        places = [_place(origin), _place(destination)]
        body = {"locations": places, "costing": self.profile, "directions_type": "none"}
        answer = self.line.post("/route", body)
        code = answer.get("error_code")
        if code in UNREACHED:
            return UNREACHED[code]
        try:
            time = answer["trip"]["summary"]["time"]
        except (LookupError, TypeError) as fault:
            raise _failure(answer) from fault
        return int(read([time], (1,))[0])


def _failure(answer: dict[str, Any]) -> EngineFailed:
    return EngineFailed(f"error {answer.get('error_code')}"[:40])


def _place(spot: Spot) -> dict[str, float]:
    return {"lat": spot[0], "lon": spot[1], "search_cutoff": OFF_ROAD_M}


def _times(rows: Any) -> list[list[Any]]:
    try:
        return [[cell["time"] for cell in row] for row in rows]
    except (LookupError, TypeError) as fault:
        raise EngineFailed("cells without times") from fault
