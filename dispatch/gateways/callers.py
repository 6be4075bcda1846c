"""Where a request comes from: its peer, or whom a proxy of ours says it came from."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104 - nobody's address: the peer of a socket in the file system
NET_OF_ONE = 64
"""Bits of an IPv6 address that tell one customer of a provider from another."""


def address_of(request: HttpRequest) -> str:
    """Return the address to count by; of an IPv6 address, its network.

    X-Forwarded-For is read from its end, as each proxy adds whom it saw, for as long as a trusted
    one speaks. What an untrusted peer writes there is not looked at.
    """
    peer = str(request.META.get("REMOTE_ADDR") or NOWHERE)
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    while told and _is_trusted(peer):
        said = told.pop().strip()
        if not _is_address(said):
            break
        peer = said
    return _counted(peer)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(peer: str) -> bool:
    return _is_address(peer) and any(ip_address(peer) in net for net in settings.TRUSTED_PROXIES)


def _counted(peer: str) -> str:
    if not _is_address(peer):
        return NOWHERE
    address = ip_address(peer)
    if isinstance(address, IPv6Address):
        net = IPv6Network((int(address), NET_OF_ONE), strict=False)
        return str(address.ipv4_mapped or net.network_address)
    return str(address)
