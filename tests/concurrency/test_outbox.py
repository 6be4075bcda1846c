"""The outbox when several deliver at once, and when a reaction fails."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction

from dispatch import outbox
from dispatch.domain.events import VisitBooked, VisitCancelled
from dispatch.domain.ids import new_id
from dispatch.models import Market, Message, OutboxEvent
from dispatch.models.clock import database_now
from tests.builders import NOW, World
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

EVENTS = 60
DELIVERERS = 6


@pytest.fixture
def market(fresh_database: Clone) -> Market:
    return World().market


def test_an_event_outside_a_transaction_is_refused(market: Market) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.record(VisitBooked(new_id()), market_id=market.id, now=NOW)
    assert not OutboxEvent.objects.exists()


def test_an_event_goes_with_the_change_that_was_undone(market: Market) -> None:
    with transaction.atomic():
        outbox.record(VisitBooked(new_id()), market_id=market.id, now=NOW)
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


def test_an_event_stays_recorded_where_the_workers_cannot_be_told(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_to_tell() -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox, "_wake", [fail_to_tell])
    (recorded,) = record(market, 1)
    assert OutboxEvent.objects.get().payload == {"visit_id": str(recorded)}


def test_two_deliverers_never_have_the_same_event(market: Market) -> None:
    record(market, 1)
    seen = deliver_at_once(market)
    assert len(seen) == 1


def test_without_the_row_lock_two_deliverers_have_the_same_event(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unlocked:
        def select_for_update(self, **_: bool) -> object:
            return OutboxEvent.objects.all()

    record(market, 1)
    stand_in = type("OutboxEvent", (), {"objects": Unlocked()})
    monkeypatch.setattr(outbox, "OutboxEvent", stand_in)
    assert len(deliver_at_once(market)) == 2


def test_many_deliverers_share_many_events_and_none_comes_twice(market: Market) -> None:
    recorded = record(market, EVENTS)
    seen: list[UUID] = []

    def deliver_all() -> None:
        while outbox.deliver_next({VisitBooked: (lambda visit_id, **_: seen.append(visit_id),)}):
            pass

    outcomes = race([deliver_all] * DELIVERERS)
    assert outcomes == [None] * DELIVERERS
    while outbox.deliver_next({}):
        raise AssertionError("every event was delivered")
    assert Counter(seen) == Counter(recorded)


def test_a_reaction_that_fails_undoes_itself_and_keeps_its_event_while_others_go_on(
    market: Market,
) -> None:
    (broken,) = record(market, 1, VisitCancelled)
    record(market, 1)

    def half(visit_id: UUID, *, now: object) -> None:
        rename(market, "half")
        raise ZeroDivisionError

    reactions = {VisitCancelled: (half,), VisitBooked: (lambda **_: rename(market, "whole"),)}
    assert deliver_all_due(reactions) == 2

    market.refresh_from_db()
    assert market.name == "whole"
    kept = OutboxEvent.objects.get(done_at__isnull=True)
    assert kept.payload == {"visit_id": str(broken)}
    assert (kept.attempts, kept.failed_with) == (1, "ZeroDivisionError")
    assert kept.available_at > database_now()


def test_each_failure_waits_longer_and_what_is_mended_is_delivered(market: Market) -> None:
    record(market, 1)
    waits = []
    for _ in range(3):
        OutboxEvent.objects.update(available_at=database_now())
        before = database_now()
        outbox.deliver_next({VisitBooked: (fail,)})
        waits.append(OutboxEvent.objects.get().available_at - before)
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(seconds=1)
    assert waits[2] >= 2 * waits[0]

    assert not outbox.deliver_next({}), "not before its time"
    OutboxEvent.objects.update(available_at=database_now())
    assert outbox.deliver_next({})
    assert OutboxEvent.objects.get().done_at is not None


def test_what_a_reaction_breaks_only_at_the_commit_is_put_off_too(market: Market) -> None:
    record(market, 1)
    assert outbox.deliver_next({VisitBooked: (partial(write_orphan, market),)})
    event = OutboxEvent.objects.get()
    assert (event.attempts, event.failed_with, event.done_at) == (1, "IntegrityError", None)
    assert not Message.objects.exists()


def test_without_the_check_in_the_savepoint_the_commit_fails_and_nothing_backs_off(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(market, 1)
    connection = connections[DEFAULT_DB_ALIAS]
    monkeypatch.setattr(connection, "check_constraints", lambda: None)
    with pytest.raises(IntegrityError):
        outbox.deliver_next({VisitBooked: (partial(write_orphan, market),)})
    assert OutboxEvent.objects.get().attempts == 0


def test_an_event_of_a_kind_nobody_knows_does_not_block_the_others(market: Market) -> None:
    record(market, 1)
    OutboxEvent.objects.update(name="FromANewerVersion")
    (known,) = record(market, 1)
    seen: list[UUID] = []
    deliver_all_due({VisitBooked: (lambda visit_id, **_: seen.append(visit_id),)})
    assert seen == [known]
    assert OutboxEvent.objects.get(done_at__isnull=True).name == "FromANewerVersion"


def record(market: Market, count: int, kind: type = VisitBooked) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    with transaction.atomic():
        for visit_id in ids:
            outbox.record(kind(visit_id), market_id=market.id, now=NOW)
    return ids


def deliver_at_once(market: Market) -> list[UUID]:
    """What two deliverers react to, each staying in the reaction until the other had its turn."""
    seen: list[UUID] = []
    meeting, adding = Meeting(), threading.Lock()

    def react(visit_id: UUID, *, now: object) -> None:
        with adding:
            seen.append(visit_id)
        meeting.wait()

    race([partial(outbox.deliver_next, {VisitBooked: (react,)})] * 2)
    return seen


def deliver_all_due(reactions: dict[type, tuple[Callable[..., None], ...]]) -> int:
    count = 0
    while outbox.deliver_next(reactions):
        count += 1
    return count


def rename(market: Market, name: str) -> None:
    Market.objects.filter(id=market.id).update(name=name)


def fail(visit_id: UUID, *, now: object) -> None:
    raise ZeroDivisionError


def write_orphan(market: Market, visit_id: UUID, *, now: object) -> None:
    """A message of a visit that is not there: PostgreSQL looks at foreign keys at the commit."""
    Message.objects.create(
        market=market, visit_id=visit_id, kind="confirmation", audience="patient",
        person_id=new_id(), template="confirmation", about_id=new_id(), move=0, due_at=NOW,
    )  # fmt: skip
