"""Who tries a name from elsewhere does not keep its owner out: by the limits that are shipped."""

from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.limits import LIMITS
from dispatch.models import KnownAddress, User
from dispatch.models.clock import database_now
from tests.api.signing_in import sign_in, with_password
from tests.api.town import Town
from tests.web.signing_in import is_signed_in
from tests.web.signing_in import sign_in as at_a_screen

HOME, CAFE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def name(town: Town, settings) -> str:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    settings.LIMITS = LIMITS | {"sign_in_address": LIMITS["user"]}
    own = f"alice{uuid4()}"
    with_password(town.alice)
    User.objects.filter(id=town.alice.user_id).update(username=own)
    return own


def tried(name: str, address: str) -> int:
    return sign_in(name, "wrong", X_Forwarded_For=address).status_code


def right(name: str, address: str) -> int:
    return sign_in(name, X_Forwarded_For=address).status_code


def try_from_everywhere(name: str) -> None:
    """As often as the name may be tried, none from an address that is locked out."""
    for number in range(LIMITS["sign_in_name"].times):
        tried(name, f"192.0.2.{number}")
    assert tried(name, "192.0.2.99") == 429


def test_one_address_does_not_lock_a_person_out_everywhere(name) -> None:
    answers = [tried(name, CAFE) for _ in range(40)]
    assert answers == [*[401] * 5, *[429] * 35]
    assert right(name, HOME) == 200


def test_who_signed_in_from_there_gets_in_while_the_name_is_tried_everywhere(name) -> None:
    assert right(name, HOME) == 200
    try_from_everywhere(name)
    assert right(name, CAFE) == 429
    assert [tried(name, HOME) for _ in range(2)] == [401, 401]
    assert right(name.upper(), HOME) == 200


def test_it_is_known_for_thirty_days(name) -> None:
    assert right(name, HOME) == 200
    try_from_everywhere(name)
    KnownAddress.objects.update(seen_at=database_now() - timedelta(days=30))
    assert right(name, HOME) == 429


def test_a_sign_in_at_the_screens_makes_the_address_known_too(town: Town, name) -> None:
    browser = Client(headers={"X-Forwarded-For": HOME})
    at_a_screen(browser, User.objects.get(username=name))
    assert is_signed_in(browser)
    try_from_everywhere(name)
    assert right(name, HOME) == 200


def test_what_is_kept_of_it_names_nobody(name) -> None:
    right(name, HOME)
    (key,) = KnownAddress.objects.values_list("key", flat=True)
    assert name not in key
    assert HOME not in key
