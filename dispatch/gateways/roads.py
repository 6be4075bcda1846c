"""Driving times by road: as an engine tells them, remembered in the cache, geodesic without it.

One instance never changes its mind about a pair, so that a visit is placed on a route and the route
is timed by the same seconds. See docs/decisions/0012-travel-times.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product
from time import monotonic

import numpy as np
from django.conf import settings

from dispatch.gateways.calling import Breaker, EngineFailed, Line
from dispatch.gateways.engines import OFF_MAP, PLACES, Engine, PairRefused, Spot
from dispatch.gateways.osrm import Osrm
from dispatch.gateways.road_memory import Pair, RoadMemory
from dispatch.gateways.travel import GeodesicTravel
from dispatch.gateways.valhalla import Valhalla
from dispatch.planning.problem import Point, Seconds, Travel

QUESTION_S = 5.0
"""How long one question may take in all; locks are held meanwhile. The rest of it is guessed."""
ENGINES: dict[str, Callable[[Line, str, int], Engine]] = {"osrm": Osrm, "valhalla": Valhalla}

log = logging.getLogger(__name__)


class OutOfTime(Exception):
    """A question has taken ``QUESTION_S``; what it has learnt until then is kept."""


@dataclass
class Roads:
    """One engine as this process knows it: what it told, whether it is left alone just now, and
    how many drives had to be guessed."""

    engine: Engine
    memory: RoadMemory
    breaker: Breaker = field(default_factory=Breaker)
    guessed: int = 0


def roads() -> Roads | None:
    """The engine that ``ROUTING_ENGINE`` names, or None: the same for the whole process."""
    if not settings.ROUTING_ENGINE:
        return None
    return _roads(
        settings.ROUTING_ENGINE,
        settings.ROUTING_URL,
        settings.ROUTING_PROFILE,
        settings.ROUTING_TABLE_SIZE,
        settings.ROUTING_TIMEOUT_S,
    )


def travel_with(detour: float, speed_kmh: float, park_s: int) -> Travel:
    """Driving times of a market: by road where an engine is configured, else geodesic.

    Detour and speed are for what the engine does not answer; parking is added to every drive.
    """
    geodesic, by_road = GeodesicTravel(detour, speed_kmh, park_s), roads()
    return geodesic if by_road is None else RoadTravel(by_road, geodesic)


@lru_cache(maxsize=8)
def _roads(kind: str, url: str, profile: str, table_size: int, timeout_s: float) -> Roads:
    engine = ENGINES[kind](Line(url, timeout_s), profile, max(1, table_size // 2))
    return Roads(engine, RoadMemory(f"{engine.name} {url}"))


@dataclass(slots=True)
class RoadTravel:
    """An engine's seconds, then those of parking; ``geodesic`` for the pairs it does not answer.

    Make one for each piece of work: it remembers every pair, guesses too, and changes none.
    ``guesses`` counts the drives it has answered geodesic. Two are equal where they ask the same
    engine and neither had to guess because it failed.
    """

    roads: Roads
    geodesic: GeodesicTravel
    guesses: int = field(default=0, compare=False)
    _known: dict[Pair, int] = field(default_factory=dict, repr=False, compare=False)
    _guessed: set[Pair] = field(default_factory=set, repr=False)

    def matrix(self, origins: Sequence[Point], destinations: Sequence[Point]) -> Seconds:
        """Seconds of all pairs, shape (len(origins), len(destinations))."""
        rows, columns = _spots(origins), _spots(destinations)
        self._learn([(a, b) for a in rows for b in columns], self._ask_tables)
        driving = [self._driving(a, b) for a in rows for b in columns]
        return self._seconds(driving, self.geodesic.matrix(origins, destinations))

    def legs(self, path: Sequence[Point]) -> Seconds:
        """Seconds from each point of a path to its next, shape (len(path) - 1,)."""
        pairs = list(pairwise(_spots(path)))
        self._learn(pairs, self._ask_legs)
        return self._seconds([self._driving(*pair) for pair in pairs], self.geodesic.legs(path))

    def _driving(self, a: Spot, b: Spot) -> int:
        return 0 if a == b else self._known.get((a, b), OFF_MAP)

    def _seconds(self, driving: list[int], geodesic: Seconds) -> Seconds:
        told = np.array(driving, dtype=np.int64).reshape(geodesic.shape)
        guessed = (told < 0) & (geodesic > 0)
        self.guesses += int(guessed.sum())
        self.roads.guessed += int(guessed.sum())
        return np.where(guessed | (geodesic == 0), geodesic, told + self.geodesic.park_s)

    def _learn(self, pairs: Iterable[Pair], ask: Callable[[list[Pair], float], None]) -> None:
        """Know the pairs: from before, from the cache, from the engine; else they are guessed."""
        missing = self._missing(pairs)
        self._known.update(self.roads.memory.recall(missing))
        missing = self._missing(missing)
        if missing and self.roads.breaker.allows():
            self._call(ask, missing)
            missing = self._missing(missing)
        self._guessed.update(missing)

    def _missing(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Those not answered yet, in the order given, each once."""
        known, guessed = self._known, self._guessed
        return [
            pair
            for pair in dict.fromkeys(pairs)
            if pair not in known and pair[0] != pair[1] and pair not in guessed
        ]

    def _call(self, ask: Callable[[list[Pair], float], None], missing: list[Pair]) -> None:
        """What was answered before a failure is kept."""
        name, breaker = self.roads.engine.name, self.roads.breaker
        try:
            ask(missing, monotonic() + QUESTION_S)
        except EngineFailed as failure:
            breaker.failed()
            log.warning("Drives are geodesic: %s failed (%s)", name, failure)
            return
        except OutOfTime:
            log.warning("Some drives are geodesic: %s was asked for too many at once", name)
        if breaker.is_open:
            log.info("Drives are by road again: %s answers", name)
        breaker.worked()

    def _ask_tables(self, missing: list[Pair], deadline: float) -> None:
        half = self.roads.engine.half
        origins, destinations = (list(dict.fromkeys(side)) for side in zip(*missing, strict=True))
        wanted = set(missing)
        for rows, columns in product(_cut(origins, half), _cut(destinations, half)):
            if not wanted.isdisjoint(product(rows, columns)):
                self._ask_table(rows, columns, deadline)

    def _ask_table(self, rows: list[Spot], columns: list[Spot], deadline: float) -> None:
        """A table that is refused is halved, until the pair that refused it stands alone."""
        if monotonic() > deadline:
            raise OutOfTime
        try:
            table = self.roads.engine.table(rows, columns)
        except PairRefused:
            for some, others in product(_halves(rows, columns), _halves(columns, rows)):
                self._ask_table(some, others, deadline)
        else:
            self._keep(product(rows, columns), table.ravel().tolist())

    def _ask_legs(self, missing: list[Pair], deadline: float) -> None:
        for path in _paths(missing, self.roads.engine.half):
            if monotonic() > deadline:
                raise OutOfTime
            try:
                self._keep(pairwise(path), self.roads.engine.legs(path).tolist())
            except PairRefused:
                for a, b in pairwise(path):
                    self._ask_table([a], [b], deadline)

    def _keep(self, pairs: Iterable[Pair], seconds: Iterable[int]) -> None:
        """The first answer to a pair stands."""
        told = dict(zip(pairs, seconds, strict=True))
        new = {pair: told[pair] for pair in self._missing(told)}
        self._known.update(new)
        self.roads.memory.remember(new)


def _spots(points: Sequence[Point]) -> list[Spot]:
    return [(round(point.lat, PLACES), round(point.lng, PLACES)) for point in points]


def _cut(spots: list[Spot], most: int) -> list[list[Spot]]:
    return [spots[start : start + most] for start in range(0, len(spots), most)]


def _halves(spots: list[Spot], others: list[Spot]) -> list[list[Spot]]:
    """The spots in two, where they are the longer side; else as they are."""
    middle = len(spots) // 2
    longer = len(spots) > max(1, len(others) - 1)
    return [spots[:middle], spots[middle:]] if longer else [spots]


def _paths(legs: Iterable[Pair], most: int) -> Iterator[list[Spot]]:
    """The legs as paths of at most ``most`` legs: those that follow one another, together."""
    path: list[Spot] = []
    for a, b in legs:
        if path and (path[-1] != a or len(path) > most):
            yield path
            path = []
        path = [*path, b] if path else [a, b]
    if path:
        yield path
