"""For whom a connection is told that it works: at the start of each transaction, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import (
    DatabaseError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)

from dispatch import tenancy
from dispatch.models import (
    User,
    Visit,
)
from tests.builders import World
from tests.databases import NO_HURRY, SEES_ALL, Clone
from tests.neighbours import booked, markets


@pytest.fixture
def served(fresh_database: Clone) -> Iterator[tuple[World, World]]:
    """Two markets, and connections that begin as those of a process of the service do."""
    worlds = booked("Washington"), booked("Baltimore")
    with _as_the_service():
        yield worlds


@contextmanager
def _as_the_service() -> Iterator[None]:
    options = connection.settings_dict["OPTIONS"]
    before = options["options"]
    connection.close()
    options["options"] = before.replace(SEES_ALL, "").replace(NO_HURRY, "")
    try:
        yield
    finally:
        connection.close()
        options["options"] = before


def told() -> str | None:
    """What PostgreSQL itself believes, asked past Django."""
    row = connection.connection.execute("SELECT current_setting('app.market', true)").fetchone()
    return row[0] if row else None


def test_where_nobody_said_for_whom_nothing_is_seen(served) -> None:
    assert markets() == set()
    with transaction.atomic():
        assert markets() == set()
    with pytest.raises(DatabaseError, match="row-level security"):
        User.objects.create(market=served[0].market, username="spy", role="nurse")


def test_the_next_request_on_a_connection_sees_its_own_market(served) -> None:
    here, there = served
    for world in (here, there, here):
        with tenancy.within(world.market.id):
            assert markets() == {world.market.id}
            with transaction.atomic():
                assert markets() == {world.market.id}
        assert not told()
        assert markets() == set()


def look_and_fail() -> None:
    list(Visit.objects.all())
    raise ZeroDivisionError


@pytest.mark.parametrize("doing", [look_and_fail, transaction.atomic(look_and_fail)])
def test_nothing_stays_after_a_fault(served, doing) -> None:
    here, there = served
    with pytest.raises(ZeroDivisionError), tenancy.within(here.market.id):
        doing()
    assert not told()
    assert markets() == set()
    with tenancy.within(there.market.id):
        assert markets() == {there.market.id}


def test_nothing_stays_after_a_statement_that_was_killed(served) -> None:
    here, there = served
    for atomic in (transaction.atomic, tenancy.everywhere):
        with (
            pytest.raises(DatabaseError, match="statement timeout"),
            tenancy.within(here.market.id),
            atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET statement_timeout = '50ms'; SELECT pg_sleep(5)")
        assert not told()
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '15s'")
        assert markets() == set()
        with tenancy.within(there.market.id):
            assert markets() == {there.market.id}


def test_a_tenant_that_changes_within_a_transaction_is_told(served) -> None:
    here, there = served
    with transaction.atomic():
        with tenancy.within(here.market.id):
            assert markets() == {here.market.id}
            with tenancy.everywhere():
                assert markets() == {here.market.id, there.market.id}
            assert markets() == {here.market.id}
        assert markets() == set()
        with tenancy.within(there.market.id):
            assert markets() == {there.market.id}


@pytest.mark.parametrize("refused", [False, True])
def test_it_is_told_again_after_a_part_was_undone(served, refused) -> None:
    """PostgreSQL forgets with the savepoint what was said after it."""
    here, there = served

    @transaction.atomic
    def look_there_and_fail() -> None:
        with tenancy.within(there.market.id):
            assert markets() == {there.market.id}
            if refused:
                User.objects.create(market=here.market, username="spy", role="nurse")
        raise ZeroDivisionError

    with tenancy.within(here.market.id), transaction.atomic():
        list(Visit.objects.all())
        with pytest.raises((ZeroDivisionError, ProgrammingError)):
            look_there_and_fail()
        assert markets() == {here.market.id}


def test_it_costs_no_round_trip(served, django_assert_num_queries) -> None:
    """It goes along with the first statement, and is said once a transaction."""
    here, _ = served
    asked: list[str] = []
    wrapper = type(connections["default"])
    to_tell = wrapper._to_tell
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapper, "_to_tell", lambda self: asked.append(to_tell(self)) or asked[-1])
        with tenancy.within(here.market.id), transaction.atomic(), django_assert_num_queries(3):
            for _ in range(3):
                list(Visit.objects.all())
    assert [bool(one) for one in asked] == [True, False, False]


def test_the_limits_of_a_session_still_hold(served) -> None:
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    with connection.cursor() as cursor, tenancy.everywhere():
        cursor.execute(limits)
        assert cursor.fetchone() == ("15s", "10s")
