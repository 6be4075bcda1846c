"""Which addresses webhooks may go to: a table, and what the language's library thinks of them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.public_addresses import is_loopback, is_public

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.255.255",
    "172.32.0.1", "192.167.255.255", "198.17.255.255", "198.20.0.1", "223.255.255.254",
    "2606:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
]  # fmt: skip
NOT_PUBLIC = {
    "this network": ["0.0.0.0", "0.1.2.3"],  # noqa: S104
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    "shared by a provider's customers": ["100.64.0.1", "100.127.255.255"],
    "this machine": ["127.0.0.1", "127.255.255.255", "::1"],
    "a cloud's metadata": ["169.254.169.254", "169.254.0.1", "fd00:ec2::254"],
    "link-local": ["fe80::1", "fe80::1%eth0", "febf::1"],
    "unique local": ["fc00::1", "fdff::1"],
    "site-local, of old": ["fec0::1"],
    "unspecified": ["::"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "4000::1", "5f00::1", "8000::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "protocols": ["192.0.0.1", "192.88.99.1", "2001::1", "2001:10::1"],
    "IPv4 inside IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
                         "::127.0.0.1", "::10.0.0.1"],
    "behind a translator": ["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
                            "64:ff9b:1::8.8.8.8"],
    "a tunnel": ["2002:7f00:1::1", "2002:a00:1::1", "2001:0:7f00:1::1"],
    "no address": ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3", "8.8.8.8/32"],
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_an_address_that_is_not_public_may_not(kind: str) -> None:
    assert [one for one in NOT_PUBLIC[kind] if is_public(one)] == []


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_the_library_knows_as_special_is_never_called(address) -> None:
    """Its lists differ from version to version, and it lets multicast pass: one way alone."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        translated = address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96")
        mapped = address.version == 6 and address.ipv4_mapped is not None
        assert translated or mapped or not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_each_of_its_disguises(address) -> None:
    disguises = [f"::ffff:{address}", f"64:ff9b::{address}"]
    assert {is_public(one) for one in disguises} == {is_public(str(address))}


def test_only_this_machine_is_loopback() -> None:
    assert [one for one in ("127.0.0.1", "127.9.9.9", "::1") if not is_loopback(one)] == []
    assert [one for one in ("10.0.0.1", "8.8.8.8", "localhost", "") if is_loopback(one)] == []
