"""Driving times from OSRM, version 5.22 or newer: its services `table` and `route` over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.gateways.calling import EngineFailed, Line
from dispatch.gateways.engines import OFF_MAP, OFF_ROAD_M, Spot, read
from dispatch.planning.problem import Seconds

NO_ROUTE = {"NoRoute", "NoTable"}


@dataclass(frozen=True, slots=True)
class Osrm:
    """An `osrm-routed`; ``half`` is half of its ``--max-table-size``.

    A route with stops agrees with the table only if the car may turn at each of them
    (``continue_straight=false``); tests/gateways/test_real_engines.py holds that.
    """

    line: Line
    profile: str
    half: int

    @property
    def name(self) -> str:
        return f"osrm {self.profile}"

    def table(self, origins: Sequence[Spot], destinations: Sequence[Spot]) -> Seconds:
        """All pairs; see ``Engine``."""
        count = len(origins)
        answer = self._ask(
            "table",
            (*origins, *destinations),
            {
                "annotations": "duration",
                "sources": _numbers(0, count),
                "destinations": _numbers(count, count + len(destinations)),
            },
        )
        seconds = read(answer.get("durations"), (count, len(destinations)))
        seconds[_off_map(answer.get("sources"), count), :] = OFF_MAP
        seconds[:, _off_map(answer.get("destinations"), len(destinations))] = OFF_MAP
        return seconds

    def legs(self, path: Sequence[Spot]) -> Seconds:
        """From each spot to its next; where one leg has no road, the table tells the others."""
        turning = {"overview": "false", "steps": "false", "continue_straight": "false"}
        answer = self._ask("route", path, turning)
        if answer["code"] in NO_ROUTE:
            return np.diagonal(self.table(path[:-1], path[1:])).copy()
        try:
            durations = [leg["duration"] for leg in answer["routes"][0]["legs"]]
        except (LookupError, TypeError) as fault:
            raise EngineFailed("a route without legs") from fault
        seconds = read(durations, (len(path) - 1,))
        off = _off_map(answer.get("waypoints"), len(path))
        seconds[off[:-1] | off[1:]] = OFF_MAP
        return seconds

    def _ask(self, service: str, spots: Sequence[Spot], query: dict[str, str]) -> dict[str, Any]:
        places = ";".join(f"{lng},{lat}" for lat, lng in spots)
        path = f"/{service}/v1/{self.profile}/{places}"
        answer = self.line.get(path, query | {"generate_hints": "false"})
        if answer.get("code") not in {"Ok", *NO_ROUTE}:
            raise EngineFailed(str(answer.get("code"))[:40])
        return answer


def _numbers(start: int, end: int) -> str:
    return ";".join(map(str, range(start, end)))


def _off_map(waypoints: Any, count: int) -> NDArray[np.bool_]:
    """Which of the waypoints were moved further than ``OFF_ROAD_M`` to reach a road."""
    try:
        moved = np.array([float(one["distance"]) for one in waypoints])
    except (LookupError, TypeError, ValueError) as fault:
        raise EngineFailed("waypoints without distances") from fault
    if len(moved) != count:
        raise EngineFailed("waypoints that are not those asked for")
    return moved > OFF_ROAD_M
