"""The cache in Redis or Valkey, as if it were empty while the server does not answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import redis
from django.core.cache.backends.redis import RedisCache

from dispatch.gateways.calling import Breaker

T = TypeVar("T")

COUNT = """
local times = redis.call('INCR', KEYS[1])
if times == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {times, redis.call('PTTL', KEYS[1])}
"""
"""One script, so that no two requests see the same number, and no count stays for ever."""


class WillingCache(RedisCache):
    """Gives up at once, and for a while does not ask again: what is cached can be found anew.

    Only these calls are made willing; nothing else of the cache is used.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.breaker = _breaker(server)

    def get_many(self, *args: Any, **named: Any) -> dict[str, Any]:
        return self._or(dict, lambda: super(WillingCache, self).get_many(*args, **named))

    def set_many(self, *args: Any, **named: Any) -> list[Any]:
        return self._or(list, lambda: super(WillingCache, self).set_many(*args, **named))

    def add(self, *args: Any, **named: Any) -> bool:
        return self._or(lambda: True, lambda: super(WillingCache, self).add(*args, **named))

    def delete(self, *args: Any, **named: Any) -> bool:
        return self._or(bool, lambda: super(WillingCache, self).delete(*args, **named))

    def count(self, key: str, seconds: int) -> tuple[int, int] | None:
        """Return how often the key was counted in its ``seconds``, and the milliseconds left.

        The seconds run from the first count. None while the server does not answer.
        """
        name = self.make_and_validate_key(key)

        def counted() -> tuple[int, int]:
            times, left = self._cache.get_client(name, write=True).eval(
                COUNT, 1, name, seconds * 1000
            )
            return int(times), int(left)

        return self._or(lambda: None, counted)

    def _or(self, nothing: Callable[[], T], call: Callable[[], T]) -> T:
        if not self.breaker.allows():
            return nothing()
        try:
            answer = call()
        except redis.RedisError:
            self.breaker.failed()
            return nothing()
        self.breaker.worked()
        return answer


@lru_cache(maxsize=8)
def _breaker(server: str) -> Breaker:  # noqa: ARG001 - each server has one, whatever the thread
    return Breaker(rest_s=10)
