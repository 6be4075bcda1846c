"""Driving times between places: along the ellipsoid, stretched to roads, at one mean speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.planning.problem import Floats, Places, Point, Seconds

DIAMETER_M = 2 * 6_371_008.8
KMH_IN_M_S = 3.6


def distance_m(a: Point, b: Point) -> float:
    """Metres along the WGS 84 geodesic (Karney 2013, by geopy)."""
    from geopy.distance import geodesic  # it brings every geocoder along

    return float(geodesic((a.lat, a.lng), (b.lat, b.lng)).m)


@dataclass(frozen=True, slots=True)
class GeodesicTravel:
    """Geodesic metres × ``detour`` at ``speed_kmh``, then ``park_s`` seconds to park.

    Rounded up to whole seconds; zero where origin and destination are the same point.
    Raises ``ValueError`` for a detour below 1, a speed not above 0 or negative parking.
    """

    detour: float
    speed_kmh: float
    park_s: int

    def __post_init__(self) -> None:
        if self.detour < 1 or self.speed_kmh <= 0 or self.park_s < 0:
            raise ValueError("detour must be at least 1, speed above 0 and parking not negative")

    def matrix(self, origins: Sequence[Point], destinations: Sequence[Point]) -> Seconds:
        """Seconds of all pairs, shape (len(origins), len(destinations))."""
        return self._seconds(_positions(origins)[:, :, None], _positions(destinations)[:, None, :])

    def legs(self, path: Sequence[Point]) -> Seconds:
        """Seconds from each point of a path to its next, shape (len(path) - 1,)."""
        positions = _positions(path)
        return self._seconds(positions[:, :-1], positions[:, 1:])

    def _seconds(self, a: Floats, b: Floats) -> Seconds:
        metres = _metres(a, b)
        driving = metres * (self.detour * KMH_IN_M_S / self.speed_kmh)
        return np.where(metres > 0, np.ceil(driving + self.park_s), 0).astype(np.int64)


def _positions(points: Sequence[Point]) -> Floats:
    return (points if isinstance(points, Places) else Places(points)).metres


def _metres(a: Floats, b: Floats) -> Floats:
    """The chord through the ellipsoid, bent to an arc of the earth's mean radius, metres.

    The arc is within 0.01 % of the geodesic up to 6,000 km, and within 0.1 % up to 11,000 km.
    """
    chord = np.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)
    arc: Floats = DIAMETER_M * np.arcsin(np.minimum(chord / DIAMETER_M, 1.0))
    return arc
