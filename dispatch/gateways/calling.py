"""One HTTP call to an engine: a whole JSON answer in time, or EngineFailed; and a breaker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any

import httpx

CONNECT_S = 0.5
REST_S = 30.0
"""How long an engine that failed is left alone before one caller tries it again."""
UNDERSTOOD = {200, 400}
"""Both engines explain with 400 and a code what they cannot answer."""
KEPT_OPEN = httpx.Limits(max_connections=16, keepalive_expiry=2.0)
"""Connections are dropped before the engine drops them (`osrm-routed` does after 5 s)."""


class EngineFailed(Exception):
    """The engine gave no answer in time, or none that can be understood."""


@dataclass
class Breaker:
    """After a failure nobody calls for ``rest_s`` seconds; then one tries, others still wait."""

    rest_s: float = REST_S
    _failed_at: float | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._failed_at is not None

    def allows(self) -> bool:
        """Whether to call now; where it says yes after a failure, the next caller is told no."""
        with self._lock:
            now = monotonic()
            if self._failed_at is not None and now - self._failed_at < self.rest_s:
                return False
            if self._failed_at is not None:
                self._failed_at = now
            return True

    def failed(self) -> None:
        self._failed_at = monotonic()

    def worked(self) -> None:
        self._failed_at = None


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """The connections of the process, kept and shared by its threads."""
    return httpx.Client(limits=KEPT_OPEN, trust_env=False)


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one engine, and how long it may take over one answer."""

    url: str
    timeout_s: float

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to GET. Raises EngineFailed, after ``timeout_s`` at the latest."""
        return self._ask("GET", path, params=dict(query))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to POST of JSON; the same otherwise."""
        return self._ask("POST", path, json=dict(body))

    def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        deadline = monotonic() + self.timeout_s
        timeout = httpx.Timeout(self.timeout_s, connect=min(self.timeout_s, CONNECT_S))
        try:
            with client().stream(
                method, self.url.rstrip("/") + path, timeout=timeout, **content
            ) as response:
                answer = json.loads(_whole(response, deadline))
        except (httpx.HTTPError, ValueError) as fault:
            raise EngineFailed(type(fault).__name__) from fault
        if response.status_code not in UNDERSTOOD or not isinstance(answer, dict):
            raise EngineFailed(f"HTTP {response.status_code}")
        return answer


def _whole(response: httpx.Response, deadline: float) -> bytes:
    """The body; a time-out of each read alone would let it trickle in for ever."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if monotonic() > deadline:
            raise EngineFailed("trickles")
    return bytes(body)
