"""What a routing engine answers, and how its numbers are read: one protocol for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from dispatch.gateways.calling import EngineFailed
from dispatch.planning.problem import Seconds

Spot = tuple[float, float]
"""Latitude and longitude, rounded to ``PLACES`` decimals: about a metre."""
PLACES = 5

OFF_MAP = -1
"""Instead of seconds, where a spot lies further than ``OFF_ROAD_M`` from any road of the map."""
OFF_ROAD_M = 1000
NO_ROAD_S = 86_400
"""The answer where both spots are on the map and no road leads from one to the other: a day, so
that no shift holds the drive."""


class PairRefused(Exception):
    """One pair, not said which, keeps the engine from answering all: ask for fewer."""


class Engine(Protocol):
    """Driving seconds by road, rounded up; ``OFF_MAP`` and ``NO_ROAD_S`` where there are none.

    ``name`` says whose numbers they are; ``half`` is how many spots a side one call may have.
    Both methods raise EngineFailed, and PairRefused where it was more than one pair; they agree
    on every pair.
    """

    @property
    def name(self) -> str: ...
    @property
    def half(self) -> int: ...

    def table(self, origins: Sequence[Spot], destinations: Sequence[Spot]) -> Seconds:
        """All pairs, shape (len(origins), len(destinations)), at most ``half`` a side."""

    def legs(self, path: Sequence[Spot]) -> Seconds:
        """From each spot to its next, shape (len(path) - 1,), at most ``half`` of them."""


def read(durations: Any, shape: tuple[int, ...]) -> Seconds:
    """Durations as an engine wrote them, null where there is no road. Raises EngineFailed."""
    try:
        values = np.array(durations, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise EngineFailed("durations that are no numbers") from fault
    if values.shape != shape:
        raise EngineFailed(f"durations of shape {values.shape} instead of {shape}")
    if np.isinf(values).any() or (values < 0).any():
        raise EngineFailed("durations below zero or without end")
    whole = np.ceil(np.minimum(values, NO_ROAD_S))
    return np.where(np.isnan(whole), NO_ROAD_S, whole).astype(np.int64)
