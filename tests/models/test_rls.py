"""Two markets in one database: with every filter of the application left out, a row of the other
one is neither seen nor changed nor added. The controls take the wall down and see it all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)

from dispatch import audit, tenancy
from dispatch.models import (
    IdempotencyRecord,
    LocalMessage,
    Patient,
    Protocol,
    SignIn,
    User,
    Visit,
)
from tests.builders import NOW, World, at
from tests.databases import SEES_ALL, Clone
from tests.outsiders import NO_MARKET


@pytest.fixture
def here(db) -> World:
    return booked("Washington")


@pytest.fixture
def there(db) -> World:
    return booked("Baltimore")


def booked(name: str) -> World:
    world = World(name)
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    SignIn.objects.create(user_id=world.alice.user_id, begun_at=NOW)
    return world


def markets() -> set[UUID]:
    """Whose visits, patients, accounts and sign-ins are seen, with no filter at all."""
    return {
        *Visit.objects.values_list("market_id", flat=True),
        *Patient.objects.values_list("market_id", flat=True),
        *User.objects.values_list("market_id", flat=True),
        *SignIn.objects.values_list("user__market_id", flat=True),
    }


def test_each_market_sees_its_own_rows(here, there) -> None:
    for world in (here, there):
        with tenancy.within(world.market.id):
            assert markets() == {world.market.id}
            assert SignIn.objects.count() == 1
    with tenancy.everywhere():
        assert markets() == {here.market.id, there.market.id}
        assert SignIn.objects.count() == 2


def test_nobody_sees_nothing(here, there) -> None:
    with tenancy.within(NO_MARKET):
        assert markets() == set()
        assert not SignIn.objects.exists()
        assert Protocol.objects.filter(market__isnull=True).exists(), "these are every market's"


def test_rows_of_another_market_are_not_changed(here, there) -> None:
    with tenancy.within(here.market.id):
        assert Visit.objects.filter(market=there.market).update(moves=7) == 0
        assert Visit.objects.update(moves=7) == 1
        assert SignIn.objects.all().delete()[0] == 1
    assert sorted(Visit.objects.values_list("moves", flat=True)) == [0, 7]
    assert SignIn.objects.get().user_id == there.alice.user_id


def test_rows_of_another_market_cannot_be_locked(here, there) -> None:
    with tenancy.within(here.market.id), transaction.atomic():
        locked = list(Visit.objects.select_for_update(no_key=True).values_list("market", flat=True))
    assert locked == [here.market.id]


@pytest.mark.parametrize(
    "write",
    [
        lambda there: audit.note(there.bob, "look", "visit", there.market.id, now=NOW),
        lambda there: User.objects.create(market=there.market, username="spy", role="nurse"),
        lambda there: SignIn.objects.create(user_id=there.alice.user_id, begun_at=NOW),
        lambda there: IdempotencyRecord.objects.create(
            user_id=there.alice.user_id, key="k", request_digest="", status=200, body="{}",
            created_at=NOW,
        ),
        lambda _: LocalMessage.objects.create(
            key="k", recipient="x", body="x", accepted_at=NOW
        ),
        lambda there: Patient.objects.update(market=there.market),
    ],
)  # fmt: skip
def test_rows_for_another_market_are_not_taken(here, there, write) -> None:
    """Nor moved over there, nor hung on a person of theirs."""
    _ = there.bob, there.alice
    with (
        tenancy.within(here.market.id),
        pytest.raises(ProgrammingError, match="violates row-level security policy"),
        transaction.atomic(),
    ):
        write(there)


def test_a_shipped_protocol_is_every_markets_to_read_and_nobodys_to_change(here) -> None:
    with (
        tenancy.within(here.market.id),
        pytest.raises(ProgrammingError, match="violates row-level security policy"),
        transaction.atomic(),
    ):
        Protocol.objects.filter(market__isnull=True).update(is_current=False)


def test_what_is_unique_is_so_across_all_markets(here, there) -> None:
    """PostgreSQL looks past the wall for it, as it does for foreign keys."""
    taken = User.objects.get(id=there.alice.user_id).username
    with (
        tenancy.within(here.market.id),
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        User.objects.create(market=here.market, username=taken, role="nurse")


# -- the control


@pytest.mark.parametrize("down", ["DISABLE ROW LEVEL SECURITY", "policy"])
def test_with_the_wall_down_another_markets_rows_are_seen(fresh_database: Clone, down) -> None:
    """And one that is only not forced holds for the application's role, not for the owner."""
    here, there = booked("Washington"), booked("Baltimore")
    with tenancy.within(here.market.id):
        assert Visit.objects.count() == 1
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(
            "CREATE POLICY gap ON visit USING (true)"
            if down == "policy"
            else f"ALTER TABLE visit {down}"
        )
    with tenancy.within(here.market.id):
        assert Visit.objects.count() == 2
        assert Visit.objects.filter(market=there.market).update(moves=7) == 1


def test_the_owner_is_held_by_it_too_until_it_is_not_forced(fresh_database: Clone) -> None:
    booked("Washington")
    count = "SELECT count(*) FROM visit"
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("SET app.market = ''")
        assert owner.execute(count).fetchone() == (0,)
        owner.execute("ALTER TABLE visit NO FORCE ROW LEVEL SECURITY")
        assert owner.execute(count).fetchone() == (1,)


# -- what stays on a connection: nothing


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
    options["options"] = before.replace(SEES_ALL, "")
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
