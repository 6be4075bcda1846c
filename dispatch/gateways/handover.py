"""HTTP with providers of messages: answers whole and in time, and no body leaves after the lease.

All providers' own clients speak through this one, so that none of them waits, retries or follows
a redirect in its own way. No error that is raised here holds an address or an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any

import httpx
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from dispatch.gateways.carriers import PATIENCE_S, Busy

CONNECT_S = 1.0
KEPT_OPEN = httpx.Limits(max_connections=64, keepalive_expiry=4.0)
LONGEST_ASKED_S = 3600.0
TOO_MANY = 429
NOT_LET_IN = frozenset({401, 403})
UNDERSTOOD = range(200, 300)
REFUSALS = range(400, 500)
OWN = frozenset({"Connection", "Content-Length"})
"""Headers that are for `call` to set."""

_making = Lock()


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer of a provider."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Handover:
    """The calls for one message: together no longer than ``PATIENCE_S``, and nothing that makes a
    provider send leaves after ``good_until`` by the clock on the wall."""

    good_until: datetime
    ends: float = field(default_factory=lambda: monotonic() + PATIENCE_S)

    def check_lease(self) -> None:
        """Raise TimeoutError where the message may be somebody else's by now."""
        if datetime.now(UTC) >= self.good_until:
            raise TimeoutError("the lease has ended")

    def seconds_left(self) -> float:
        """Return how long the provider may still take. Raises TimeoutError where that is over."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("the provider takes too long")
        return left

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Return the provider's answer, whatever its status.

        Raises TimeoutError or ConnectionError: the provider may have done what it was asked.
        """
        left = self.seconds_left()
        sent = {**headers, "Content-Length": str(len(body))} if body else dict(headers)
        try:
            with client().stream(
                method,
                url,
                headers=sent,
                content=self._leaving(body) if body else None,
                timeout=httpx.Timeout(left, connect=min(left, CONNECT_S)),
            ) as response:
                whole = b"".join(self._arriving(response))
        except httpx.TimeoutException as fault:
            raise TimeoutError(type(fault).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ConnectionError(type(fault).__name__) from None
        return Answered(response.status_code, response.reason_phrase, response.headers, whole)

    def carry(self, session: Session) -> Session:
        """Have all that a session of `requests` sends go by `call`; return the session."""
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(self))
        return session

    def _leaving(self, body: bytes) -> Iterator[bytes]:
        """Asked for the body when the connection stands and the head has gone: as late as can be.
        Without its body no provider acts on a request."""
        self.check_lease()
        yield body

    def _arriving(self, response: httpx.Response) -> Iterator[bytes]:
        """A time-out of each read alone would let the answer trickle in for ever."""
        for chunk in response.iter_bytes():
            self.seconds_left()
            yield chunk


def raise_for(answered: Answered) -> None:
    """Raise what the status alone says; 2xx and refusals of the message itself pass.

    Busy for 429. PermissionError for 401 and 403: the credentials are our own fault. All other
    statuses are a ConnectionError, redirects among them: nobody else is told of a message.
    """
    if answered.status == TOO_MANY:
        raise Busy(_asked_wait(answered.headers.get("Retry-After", "")))
    if answered.status in NOT_LET_IN:
        raise PermissionError(f"HTTP {answered.status}")
    if answered.status not in UNDERSTOOD and answered.status not in REFUSALS:
        raise ConnectionError(f"HTTP {answered.status}")


def client() -> httpx.Client:
    """The connections of the process, kept and shared by its threads; one of them makes it."""
    with _making:
        return made()


@lru_cache(maxsize=1)
def made() -> httpx.Client:
    """The client itself; `client` sees to it that it is made once."""
    return httpx.Client(limits=KEPT_OPEN, trust_env=False, follow_redirects=False)


def _asked_wait(told: str) -> float | None:
    return min(float(told), LONGEST_ASKED_S) if told.isdecimal() else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Adapter(BaseAdapter):
    """Carries what a client of `requests` sends, and gives the answer back as it expects it."""

    def __init__(self, handover: Handover) -> None:
        super().__init__()
        self.handover = handover

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        body = request.body or b""
        if not isinstance(body, (str, bytes)):
            raise TypeError("what is sent in pieces can be sent by halves")
        answered = self.handover.call(
            str(request.method),
            str(request.url),
            {name: _text(value) for name, value in request.headers.items() if name not in OWN},
            body.encode() if isinstance(body, str) else body,
        )
        raise_for(answered)
        response = Response()
        response.status_code, response.reason = answered.status, answered.reason
        response.headers = CaseInsensitiveDict(answered.headers)
        response.raw = BytesIO(answered.body)
        response.encoding = "utf-8"
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """The connections are the process's."""
