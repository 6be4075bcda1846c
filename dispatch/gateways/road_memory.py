"""Drives an engine has told: remembered by the process, and by all processes in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings
from django.core.cache import cache

from dispatch.gateways.engines import NO_ROAD_S, OFF_MAP, Spot

Pair = tuple[Spot, Spot]

KEPT_S = 7 * 24 * 3600
"""After a week a drive is asked for again: so long may the numbers of an older map be in use."""
MOST_PAIRS = 500_000
"""So many a process keeps, some 100 MB; then it forgets them and asks the cache again."""
MOST_KEYS = 5_000


@dataclass(slots=True)
class RoadMemory:
    """What one engine, by its ``name`` and address, has told; guesses are no part of it.

    Works without the cache, and passes over whatever no engine can have told.
    """

    name: str
    _own: dict[Pair, int] = field(default_factory=dict, repr=False)
    _since: float = field(default_factory=monotonic, repr=False)

    def recall(self, pairs: Iterable[Pair]) -> dict[Pair, int]:
        """The driving seconds of those pairs that are known."""
        own, found, others = self._own, {}, []
        for pair in pairs:
            if (seconds := own.get(pair)) is None:
                others.append(pair)
            else:
                found[pair] = seconds
        cached = dict(self._cached(others))
        self._keep(cached)
        return found | cached

    def remember(self, told: Mapping[Pair, int]) -> None:
        """Keep what the engine has told."""
        self._keep(told)
        for rows in _portions(list(told)):
            cache.set_many({self._key(pair): told[pair] for pair in rows}, KEPT_S)

    def forget(self) -> None:
        """The process forgets; the cache does not."""
        self._own, self._since = {}, monotonic()

    def _keep(self, told: Mapping[Pair, int]) -> None:
        if len(self._own) + len(told) > MOST_PAIRS or monotonic() - self._since > KEPT_S:
            self.forget()
        self._own.update(told)

    def _cached(self, pairs: list[Pair]) -> Iterator[tuple[Pair, int]]:
        for rows in _portions(pairs):
            keys = {self._key(pair): pair for pair in rows}
            for key, seconds in cache.get_many(keys).items():
                if isinstance(seconds, int) and OFF_MAP <= seconds <= NO_ROAD_S:
                    yield keys[key], seconds

    def _key(self, pair: Pair) -> str:
        """Opaque: no coordinates can be read from the cache."""
        named = f"{self.name} {pair}".encode()
        key = next(iter(settings.BLIND_INDEX_KEYS.values()))
        digest = hashlib.blake2b(named, digest_size=16, key=key)
        return f"road.{digest.hexdigest()}"


def _portions(pairs: list[Pair]) -> Iterator[list[Pair]]:
    for start in range(0, len(pairs), MOST_KEYS):
        yield pairs[start : start + MOST_KEYS]
