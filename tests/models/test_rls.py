"""Two markets in one database: with every filter of the application left out, a row of the other
one is neither seen nor changed nor added. The controls take the wall down and see it all."""

from __future__ import annotations

import psycopg
import pytest
from django.db import (
    IntegrityError,
    ProgrammingError,
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
from tests.builders import NOW, World
from tests.databases import Clone
from tests.neighbours import booked, markets
from tests.outsiders import NO_MARKET


@pytest.fixture
def here(db) -> World:
    return booked("Washington")


@pytest.fixture
def there(db) -> World:
    return booked("Baltimore")


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
