"""A statement that takes too long is ended by the database; the answer says when to come back."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from config.sections.database import MILLISECONDS_A_STATEMENT, TIME_LIMITS
from tests.api.town import PROBLEM, Town
from tests.databases import Clone

pytestmark = pytest.mark.usefixtures("fresh_database")

SLEEPING = 0.2
LIMITED = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def limited(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {milliseconds}")


def slow_now() -> None:
    """Every look at a market's clock sleeps: a real statement of the real service."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_sleep({SLEEPING})")


def test_a_slow_statement_is_a_503_that_says_when_to_come_back(monkeypatch) -> None:
    from dispatch.selectors import people

    town = Town()
    client = town.as_(town.alice)
    real = people.my_account
    monkeypatch.setattr(people, "my_account", lambda *who: (slow_now(), real(*who))[1])
    assert client.get_("me").status_code == 200, "the control: nothing ends it"
    limited(50)
    refused = client.get_("me")
    limited(0)  # what is asked after the test may take longer
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, PROBLEM)
    assert refused.json()["code"] == "unavailable"
    assert int(refused.headers["Retry-After"]) >= 1


def test_every_connection_of_the_service_has_its_limits(fresh_database: Clone) -> None:
    """The tests' own have longer ones behind them."""
    assert connection.settings_dict["OPTIONS"]["options"].startswith(TIME_LIMITS)
    with psycopg.connect(fresh_database.url, options=TIME_LIMITS) as as_the_service:
        limits = [as_the_service.execute(f"SHOW {name}").fetchone() for name in LIMITED]
    assert limits[0] == (f"{MILLISECONDS_A_STATEMENT // 1000}s",)
    assert ("0",) not in limits
