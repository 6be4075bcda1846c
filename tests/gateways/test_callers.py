"""Whose address counts: proxies of ours are believed, everybody else is not."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from dispatch.gateways.callers import NOWHERE, address_of

PROXIES = ["10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("peer", "told", "counted"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.0.0.1", "10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "me, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("", "198.51.100.7", NOWHERE),
    ],
)
def test_the_address_that_counts(settings, peer, told, counted) -> None:
    settings.TRUSTED_PROXIES = [ip_network(one) for one in PROXIES]
    more = {} if told is None else {"HTTP_X_FORWARDED_FOR": told}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=peer, **more)) == counted
