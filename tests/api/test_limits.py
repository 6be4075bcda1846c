"""What is limited, for whom, and what who comes too often is told."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_network
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connection
from rest_framework.throttling import SimpleRateThrottle

from api.limits import BESIDE
from api.policy import POLICY
from config.embedded.ports import free_port
from dispatch.domain.errors import TooMany
from dispatch.domain.limits import LIMITS, Limit, lifted, parse_limits
from dispatch.gateways import counting
from dispatch.gateways.counting import take
from dispatch.models import LimitCount
from tests.api.clinic import EMERGENCY
from tests.api.signing_in import sign_in, with_password
from tests.api.town import Client, Town, assert_problem
from tests.concurrency.racing import race

AT_ONCE, ALLOWED, WINDOW_S = 60, 5, 600


@pytest.fixture
def limited(settings):
    """Sets rows of the table to five in ten minutes."""

    def limit(*names: str) -> None:
        few = Limit(ALLOWED, WINDOW_S)
        settings.LIMITS = settings.LIMITS | dict.fromkeys(names, few)

    return limit


@pytest.fixture
def cache_is_away(monkeypatch) -> None:
    monkeypatch.setattr(counting, "_in_cache", lambda _key, _seconds: None)


def test_a_user_who_asks_too_often_is_told_when_to_come_back(town: Town, limited) -> None:
    limited("user")
    alice = town.as_(town.alice)
    assert [alice.get_("me").status_code for _ in range(ALLOWED)] == [200] * ALLOWED
    refused = alice.get_("me")
    assert_problem(refused, 429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= WINDOW_S
    assert town.as_(town.bob).get_("me").status_code == 200


def test_what_the_policy_refuses_is_counted_too(town: Town, limited) -> None:
    limited("user")
    alice = town.as_(town.alice)
    assert [alice.get_("nurses").status_code for _ in range(6)] == [*[403] * 5, 429]


def test_a_door_has_a_limit_of_its_own(town: Town, limited) -> None:
    limited("booking")
    alice = town.as_(town.alice)
    assert [alice.post_("holds").status_code for _ in range(6)] == [*[400] * 5, 429]
    assert alice.get_("me").status_code == 200


def test_bad_tokens_count_against_the_address_they_come_from(db, limited, settings) -> None:
    limited("bad_token")
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]

    def ask(address: str) -> int:
        bad = {"Authorization": "Bearer nonsense", "X_Forwarded_For": address}
        return Client().ask("GET", "me", **bad).status_code

    here, there = (str(IPv4Address(uuid4().int % 2**32)) for _ in range(2))
    assert [ask(here) for _ in range(6)] == [*[401] * 5, 429]
    assert ask(there) == 401


def test_strangers_at_an_address_keep_nobody_from_renewing(town: Town, limited) -> None:
    pair = sign_in(with_password(town.bob)).json()
    limited("bad_token", "anonymous")
    for _ in range(6):
        Client().ask("GET", "me", Authorization="Bearer nonsense")
        sign_in("", "")
        Client().post_("auth/refresh", {})
        Client().post_("auth/logout", {"refresh": "nonsense"})
    bad = Client().post_("auth/refresh", {"refresh": "nonsense"})
    assert_problem(bad, 429, "too_many_requests")
    renewed = Client().post_("auth/refresh", {"refresh": pair["refresh"]})
    assert renewed.status_code == 200
    last = {"refresh": renewed.json()["refresh"]}
    assert Client().post_("auth/logout", last).status_code == 204


def test_of_emergencies_there_are_ten_an_hour(town: Town, limited) -> None:
    limited("break_glass")
    bob, nobody = town.as_(town.bob), {"patient": str(uuid4()), "reason": EMERGENCY}
    answers = [bob.post_("break-glass", nobody).status_code for _ in range(6)]
    assert answers == [*[404] * 5, 429]
    assert LIMITS["break_glass"] == Limit(10, 3600)


def test_names_that_nobody_has_are_limited_like_others(town: Town, limited) -> None:
    limited("sign_in_name")
    name = f"nobody{uuid4()}"
    answers = [sign_in(name).status_code for _ in range(6)]
    assert answers == [*[401] * 5, 429]


def test_both_stores_count_alike(db) -> None:
    for count in (caches["default"].count, counting.in_database):
        key = str(uuid4())
        told = [count(key, 600) for _ in range(3)]
        assert [times for times, _left in told] == [1, 2, 3]
        assert all(590_000 < left <= 600_000 for _times, left in told)


def test_while_no_cache_answers_the_database_counts(town: Town, limited, settings) -> None:
    limited("user")
    nowhere = {"LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    settings.CACHES = {"default": settings.CACHES["default"] | nowhere}
    alice = town.as_(town.alice)
    assert [alice.get_("me").status_code for _ in range(6)] == [*[200] * 5, 429]
    assert LimitCount.objects.get().times == 6


def test_counting_begins_anew_when_the_seconds_are_over(db) -> None:
    key = str(uuid4())
    for _ in range(3):
        counting.in_database(key, 600)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE limit_count SET until = now() - interval '1 second'")
    assert counting.in_database(key, 600)[0] == 1


def test_what_is_over_is_forgotten(db) -> None:
    counting.in_database("old", 600)
    LimitCount.objects.update(until="2020-01-01T00:00Z")
    counting.in_database("new", 600)
    assert list(LimitCount.objects.values_list("key", flat=True)) == ["new"]


def test_no_store_is_told_who_it_is(db, cache_is_away) -> None:
    take("anonymous", "203.0.113.9")
    (row,) = LimitCount.objects.values_list("key", flat=True)
    assert re.fullmatch(r"[0-9a-f]{64}", row)


def through(asked: int) -> int:
    """How many of sixty parallel requests are let through."""
    whom = str(uuid4())

    def ask() -> bool:
        take("user", whom)
        return True

    return race([ask] * asked).count(True)


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("away", [False, True], ids=["in the cache", "in the database"])
def test_of_sixty_at_once_five_are_let_through(limited, request, away) -> None:
    limited("user")
    if away:
        request.getfixturevalue("cache_is_away")
    assert through(AT_ONCE) == ALLOWED


class FrameworksOwn(SimpleRateThrottle):
    """REST Framework's: reads the history, adds to it, writes it back."""

    rate = f"{ALLOWED}/hour"

    def get_cache_key(self, request, view) -> str:  # noqa: ARG002 - theirs
        return str(request)


@pytest.mark.usefixtures("fresh_database")
def test_the_frameworks_own_throttle_lets_more_through() -> None:
    """The control: a count that is read, and then written."""
    whom = uuid4()
    ask = lambda: FrameworksOwn().allow_request(whom, None)  # noqa: E731
    assert race([ask] * AT_ONCE).count(True) > ALLOWED


def test_the_table_is_changed_by_name() -> None:
    changed = parse_limits("user=7/60, booking=1/5")
    assert changed == LIMITS | {"user": Limit(7, 60), "booking": Limit(1, 5)}
    assert parse_limits("") == LIMITS
    assert parse_limits(lifted()).keys() == LIMITS.keys()


@pytest.mark.parametrize("text", ["user", "user=0/60", "user=5", "nobody=5/60", "user=-1/60"])
def test_a_row_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="LIMITS has no row"):
        parse_limits(text)


def test_every_door_with_a_limit_exists() -> None:
    rows = {door: set(row) for door, row in BESIDE.items()}
    assert all(methods <= POLICY[door].keys() for door, methods in rows.items())
    assert {name for row in BESIDE.values() for name in row.values()} <= LIMITS.keys()


def test_beyond_the_limit_there_is_no_way(db, limited) -> None:
    limited("exports")
    whom = str(uuid4())
    for _ in range(ALLOWED):
        take("exports", whom)
    with pytest.raises(TooMany) as refusal:
        take("exports", whom)
    assert 0 < refusal.value.retry_after_s <= WINDOW_S
