"""Driving times between places: along the ellipsoid, stretched to roads, at one mean speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

from dispatch.planning.problem import Places, Point, Seconds

Floats = NDArray[np.float64]

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
KMH_IN_M_S = 3.6


def distance_m(a: Point, b: Point) -> float:
    """Metres along the WGS 84 geodesic (Karney 2013, by geopy)."""
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
        return self._seconds(_normals(origins)[:, :, None], _normals(destinations)[:, None, :])

    def legs(self, path: Sequence[Point]) -> Seconds:
        """Seconds from each point of a path to its next, shape (len(path) - 1,)."""
        normals = _normals(path)
        return self._seconds(normals[:, :-1], normals[:, 1:])

    def _seconds(self, a: Floats, b: Floats) -> Seconds:
        metres = _metres(a, b)
        driving = metres * (self.detour * KMH_IN_M_S / self.speed_kmh)
        return np.where(metres > 0, np.ceil(driving + self.park_s), 0).astype(np.int64)


def _normals(points: Sequence[Point]) -> Floats:
    """Unit vectors at the reduced latitudes of the points, shape (3, n)."""
    places = points if isinstance(points, Places) else Places(tuple(points))
    latitude, longitude = np.radians(places.degrees)
    reduced = np.arctan((1 - FLATTENING) * np.tan(latitude))
    radius = np.cos(reduced)
    return np.stack([radius * np.cos(longitude), radius * np.sin(longitude), np.sin(reduced)])


def _metres(a: Floats, b: Floats) -> Floats:
    """Andoyer–Lambert distance between unit vectors at reduced latitudes, metres.

    W. D. Lambert, "The distance between two widely separated points on the surface of the
    earth", J. Washington Academy of Sciences 32 (1942). The central angle is taken from the
    chord, which stays exact for neighbours.
    """
    half_squared = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) / 4
    sin_squared = np.clip(half_squared, 1e-300, 1 - 1e-12)
    half = np.sqrt(sin_squared)
    angle = 2 * np.arcsin(half)
    sine = 2 * half * np.sqrt(1 - sin_squared)
    x = (angle - sine) * (a[2] + b[2]) ** 2 / (4 * (1 - sin_squared))
    y = (angle + sine) * (a[2] - b[2]) ** 2 / (4 * sin_squared)
    metres: Floats = EQUATOR_M * (angle - FLATTENING / 2 * (x + y))
    return np.where(half_squared > 0, metres, 0.0)
