"""A statement that takes too long is ended by the database; the answer says when to come back."""

from __future__ import annotations

import pytest
from django.db import connection

from config.sections.database import MILLISECONDS_A_STATEMENT
from tests.api.town import PROBLEM, Town

pytestmark = pytest.mark.usefixtures("fresh_database")

SLEEPING = 0.2


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
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, PROBLEM)
    assert refused.json()["code"] == "unavailable"
    assert int(refused.headers["Retry-After"]) >= 1


def test_every_connection_of_the_service_has_its_limits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == (f"{MILLISECONDS_A_STATEMENT // 1000}s",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() != ("0",)
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() != ("0",)
