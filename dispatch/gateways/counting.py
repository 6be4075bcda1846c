"""Counts what is limited, in Redis or Valkey; while that does not answer, in PostgreSQL.

Either counts and tells in one step, so that of any number of parallel requests no more than the
limit are told a number within it.
"""

from __future__ import annotations

from math import ceil
from typing import Protocol, cast

from django.conf import settings
from django.core.cache import caches
from django.db import connection

from dispatch.domain.errors import TooMany
from dispatch.models.encrypted import blind_index

COUNT = """
INSERT INTO limit_count AS counted (key, times, until)
VALUES (%(key)s, 1, clock_timestamp() + %(window)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
    times = CASE WHEN counted.until <= clock_timestamp() THEN 1 ELSE counted.times + 1 END,
    until = CASE WHEN counted.until <= clock_timestamp() THEN EXCLUDED.until
            ELSE counted.until END
RETURNING times, extract(epoch FROM until - clock_timestamp()) * 1000
"""
FORGET = """
DELETE FROM limit_count WHERE key IN (
    SELECT key FROM limit_count WHERE until < clock_timestamp() LIMIT 20 FOR UPDATE SKIP LOCKED
)
"""


class CountingCache(Protocol):
    def count(self, key: str, seconds: int) -> tuple[int, int] | None: ...


def take(name: str, whom: str) -> None:
    """Count one more of what the row ``name`` of the limits is about, for this person or place.

    Raises TooMany beyond the limit. Neither store is told who it is: the key is a keyed digest.
    """
    limit = settings.LIMITS[name]
    key = blind_index(f"limit {name} {whom}")
    times, left = _in_cache(key, limit.seconds) or in_database(key, limit.seconds)
    if times > limit.times:
        raise TooMany(max(1, ceil(left / 1000)))


def _in_cache(key: str, seconds: int) -> tuple[int, int] | None:
    return cast("CountingCache", caches["default"]).count(key, seconds)


def in_database(key: str, seconds: int) -> tuple[int, int]:
    """Return how often the key was counted in its ``seconds``, and the milliseconds left."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "window": seconds})
        times, left = cursor.fetchone()
        if times == 1:
            cursor.execute(FORGET)
    return times, max(0, int(left))
