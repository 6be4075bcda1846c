"""One vial for two nurses, two signatures at once: each wall alone, and – the control – none."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, transaction

from dispatch import ledger
from dispatch.domain.custody import Account, EntryKind, Movement, balances
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.models import CustodyEntry
from dispatch.selectors.custody import entries_of_vial
from tests.builders import at
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone
from tests.services.custody_day import CONTENT, WASTED, Day


@pytest.fixture
def day(fresh_database: Clone) -> Day:
    return Day()


@pytest.fixture
def trigger_off(fresh_database: Clone) -> Callable[[], None]:
    def drop() -> None:
        with psycopg.connect(fresh_database.owner_url) as owner:
            owner.execute("DROP TRIGGER custody_entry_holds ON custody_entry")

    return drop


@pytest.fixture
def lock_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(ledger, "lock", lambda vial, _visit: vial)


def two_take_one_vial(day: Day, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each has seen the vial in stock before either takes it, unless a wall keeps them apart."""
    other = day.book(14)
    meeting = Meeting()
    monkeypatch.setattr(ledger, "_write", meeting.before(ledger._write))
    return race([partial(take, day, day.nina, day.visit), partial(take, day, day.nora, other)])


def take(day: Day, nurse: Actor, visit: UUID) -> object:
    movement = Movement(EntryKind.CHECKED_OUT, day.vial, visit, at(10))
    with transaction.atomic():
        return ledger.enter(movement, by=nurse, now=at(10))


def in_stock(day: Day) -> int:
    return balances(entries_of_vial(day.vial))[day.vial, Account.STOCK]


def test_without_lock_and_trigger_two_nurses_have_one_vial(
    day, lock_off, trigger_off, monkeypatch
) -> None:
    lock_off()
    trigger_off()
    outcomes = two_take_one_vial(day, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 2}
    assert in_stock(day) == -CONTENT


def test_the_lock_alone_leaves_the_vial_to_one(day, trigger_off, monkeypatch) -> None:
    trigger_off()
    outcomes = two_take_one_vial(day, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    assert in_stock(day) == 0


def test_the_trigger_alone_leaves_the_vial_to_one(day, lock_off, monkeypatch) -> None:
    lock_off()
    outcomes = two_take_one_vial(day, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, IntegrityError: 1}
    assert in_stock(day) == 0


def test_lock_and_trigger_leave_the_vial_to_one(day, monkeypatch) -> None:
    outcomes = two_take_one_vial(day, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    assert CustodyEntry.objects.filter(kind="checked_out").count() == 1


def two_sign(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nora and Dora sign what was wasted of two vials; each has signed before either looks."""
    entries = []
    for number in ("A", "B"):
        day.vial = day.world.vial(number)
        day.told(EntryKind.CHECKED_OUT)
        entries.append(day.told(WASTED, CONTENT))
    meeting = Meeting()
    monkeypatch.setattr(ledger, "is_settled", meeting.before(ledger.is_settled))
    signers = zip(entries, (day.nora, day.dora), strict=True)
    assert race([partial(day.sign, *one) for one in signers]) == [None, None]


def test_without_the_visits_lock_neither_signature_settles_the_visit(day, monkeypatch) -> None:
    monkeypatch.setattr(ledger, "lock_visit", lambda _: None)
    two_sign(day, monkeypatch)
    assert "CustodySettled" not in day.events
    assert ledger.is_settled(day.visit), "and nobody was told"


def test_of_two_signatures_at_once_the_second_settles_the_visit(day, monkeypatch) -> None:
    two_sign(day, monkeypatch)
    assert day.events.count("CustodySettled") == 1
