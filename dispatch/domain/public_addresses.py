"""Which addresses of the internet may be called on a customer's behalf: public ones alone.

A name that a customer gives may lead into our own network, to this very machine or to the address
at which clouds tell a machine its keys (169.254.169.254). What is special is written out here, from
IANA's registries of special-purpose addresses (RFC 6890 and its successors, as of 2026), and not
taken from the language's library, whose lists differ from version to version.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

SPECIAL_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # link-local: a cloud's metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out of IPv6: what is not in it is local, multicast or nobody's."""
SPECIAL_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: another address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
LAST_32_BITS = 0xFFFF_FFFF


def is_public(text: str) -> bool:
    """Whether the address may be called; an IPv6 address that stands for an IPv4 one is judged as
    that. False for what is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is None:
            return address in GLOBAL_UNICAST and not any(address in one for one in SPECIAL_V6)
        address = inner
    return not any(address in block for block in SPECIAL_V4)


def is_loopback(text: str) -> bool:
    """Whether the address is this machine's own."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address.is_loopback


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv4-mapped or a NAT64 address leads to."""
    if address in NAT64:
        return IPv4Address(int(address) & LAST_32_BITS)
    return address.ipv4_mapped
