"""Calls a customer's receiver of webhooks: only over TLS, only at public addresses, not for long.

A name is looked up once for a call, every address found is judged, and the connection is made to
one of those: a second answer of the name server cannot lead elsewhere. Name and certificate are
still the customer's.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import httpx
from django.conf import settings

from dispatch.domain.public_addresses import is_loopback, is_public

PATIENCE_S = 5.0
"""How long one call may take in all, however slowly its answer trickles in."""
CONNECT_S = 2.0
LONGEST_URL = 2000
PORTS = range(1, 2**16)
USER_AGENT = "dispatch-webhooks/1"

Resolver = Callable[[str, int], Iterable[str]]
"""From a host's name and a port to its addresses; OSError where the name is not known."""


class Unfit(Exception):
    """Nothing may be sent to this URL; the message is a sentence for whoever named it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status that the receiver answered with, or None and the kind of the fault."""

    status: int | None
    fault: str = ""


def look_up(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that this machine's resolver knows; OSError where it knows none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """The authorities whose certificates count; `SSL_CERT_FILE` names others."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Customers:
    """The way to customers' receivers.

    ``to_loopback`` is for development: plain HTTP, and receivers on this very machine.
    """

    to_loopback: bool = False
    resolve: Resolver = look_up
    trust: Callable[[], ssl.SSLContext] = field(default=trusted)

    def check(self, url: str) -> None:
        """Raise Unfit where no webhook may go to this URL as things are now."""
        self._addresses(self._parsed(url))

    def post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """Send one message, and return what came of it within ``PATIENCE_S``; raises nothing.

        No redirect is followed: it could lead anywhere. The answer's body is not read.
        """
        try:
            target = self._parsed(url)
            addresses = self._addresses(target)
            status = asyncio.run(_call(target, addresses, headers, body.encode(), self.trust()))
        except (Unfit, httpx.HTTPError, OSError, ValueError) as fault:
            return Answer(None, type(fault).__name__)
        return Answer(status)

    def _parsed(self, url: str) -> httpx.URL:
        if len(url) > LONGEST_URL:
            raise Unfit(f"A URL has at most {LONGEST_URL} characters.")
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as fault:
            raise Unfit("This is no URL.") from fault
        schemes = {"https", "http"} if self.to_loopback else {"https"}
        if target.scheme not in schemes or not target.host:
            raise Unfit("Write the whole URL, with https://.")
        if target.userinfo or target.fragment:
            raise Unfit("The URL holds no user, password or fragment.")
        if target.port is not None and target.port not in PORTS:
            raise Unfit("There is no such port.")
        return target

    def _addresses(self, target: httpx.URL) -> tuple[str, ...]:
        """What the name leads to now, if all of it may be called."""
        try:
            found = tuple(self.resolve(target.raw_host.decode(), _port(target)))
        except (OSError, UnicodeError) as fault:
            raise Unfit("This host cannot be found.") from fault
        if not found or not all(self._may_call(one) for one in found):
            raise Unfit("This host is not on the public internet.")
        return found

    def _may_call(self, address: str) -> bool:
        return is_public(address) or (self.to_loopback and is_loopback(address))


@lru_cache(maxsize=1)
def customers() -> Customers:
    """Return the way to customers' receivers, as the settings have it."""
    return Customers(to_loopback=settings.WEBHOOKS_TO_LOOPBACK)


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


async def _call(
    target: httpx.URL,
    addresses: tuple[str, ...],
    headers: Mapping[str, str],
    body: bytes,
    trust: ssl.SSLContext,
) -> int:
    """The status of the answer, from the first address that takes the connection."""
    named = {"Host": target.netloc.decode(), "User-Agent": USER_AGENT, **headers}
    patience = httpx.Timeout(PATIENCE_S, connect=CONNECT_S)
    shown = {"sni_hostname": target.raw_host.decode()}
    fault: httpx.TransportError = httpx.ConnectError("no address")
    async with (
        asyncio.timeout(PATIENCE_S),
        httpx.AsyncClient(verify=trust, trust_env=False, timeout=patience) as client,
    ):
        for address in addresses:
            there = target.copy_with(host=address)
            try:
                async with client.stream(
                    "POST", there, headers=named, content=body, extensions=shown
                ) as answer:
                    return answer.status_code
            except (httpx.ConnectError, httpx.ConnectTimeout) as refusal:
                fault = refusal
        raise fault
