"""Providers tell the same thing many times at once; people answer while visits are called off."""

import threading
from functools import partial
from uuid import UUID

import psycopg
import pytest

from dispatch import accompanying
from dispatch.domain.channels import Receipt
from dispatch.domain.events import CompanionAnswered
from dispatch.domain.heard import ReceiptHeard, TextHeard
from dispatch.models import (
    CompanionRequest,
    InboundText,
    Nurse,
    OutboxEvent,
    ProviderReceipt,
    Stop,
    TextReply,
    Visit,
)
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import cancel_visit
from tests.builders import COMPANIONS_PHONE, NOW, World, at
from tests.concurrency.racing import PATIENCE_S, comes_first, race
from tests.databases import Clone
from tests.faults.running import set_clock
from tests.texting import write
from workers import work
from workers.hearing import hear

COPIES = 20
STOP = TextHeard("twilio", "SM1", COMPANIONS_PHONE, "STOP")
FAILED = ReceiptHeard("twilio", "SM2", Receipt.FAILED, "SM2:failed")


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    assert world.companion(world.alice)
    return world


def test_twenty_copies_at_once_are_one(world: World) -> None:
    outcomes = race([partial(hear, [STOP, FAILED])] * COPIES)
    assert outcomes == [None] * COPIES
    race([work.deliver_events] * 3)
    assert (InboundText.objects.count(), OutboxEvent.objects.count()) == (1, 1)
    assert (Stop.objects.count(), ProviderReceipt.objects.count()) == (1, 1)
    assert TextReply.objects.count() == 1


def test_without_the_unique_keys_each_copy_is_kept(world: World, fresh_database: Clone) -> None:
    """The control: the same calls where PostgreSQL knows of no key."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE inbound_text DROP CONSTRAINT one_text_an_id")
        owner.execute("ALTER TABLE provider_receipt DROP CONSTRAINT provider_receipt_event_key_key")
    race([partial(hear, [STOP, FAILED])] * COPIES)
    assert (InboundText.objects.count(), ProviderReceipt.objects.count()) == (COPIES, COPIES)


def test_a_reply_and_a_cancel_at_once_come_to_one_end(world: World) -> None:
    """Either the answer was kept before the visit was called off, or a person reads it."""
    ends = set()
    for hour in (9, 12, 15):
        visit_id = asked_visit(world, hour)
        text = write(COMPANIONS_PHONE, "yes", read=False)
        cancel = partial(
            cancel_visit, visit_id, reason="", expected_version=None, by=world.alice, now=NOW
        )
        assert race([work.deliver_events, cancel, work.deliver_events])[1] is None
        work.deliver_events()
        text.refresh_from_db()
        answer = CompanionRequest.objects.get(visit_id=visit_id).answer
        assert Visit.objects.get(id=visit_id).status == "cancelled"
        assert (text.led_to, answer) in {("confirmed", "confirmed"), ("person", "asked")}
        ends.add(text.led_to)
    assert ends <= {"confirmed", "person"}


def test_a_cancel_waits_for_the_answer_that_is_being_kept(world: World, monkeypatch) -> None:
    assert not cancelled_within_the_answer(world, monkeypatch)


def test_without_the_visits_lock_the_visit_ends_within_the_answer(world, monkeypatch) -> None:
    """The control: the answer is kept for a visit that is no more."""
    unlocked = type("Unlocked", (), {"get": Visit.objects.get})()
    rows = type("Rows", (), {"select_for_update": lambda *_, **__: unlocked})()
    monkeypatch.setattr(accompanying, "Visit", type("Visit", (), {"objects": rows}))
    assert cancelled_within_the_answer(world, monkeypatch)


def cancelled_within_the_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the visit can be called off after the answer was judged, before it is kept."""
    visit_id = asked_visit(world, 9)
    write(COMPANIONS_PHONE, "yes", read=False)
    judged, cancelled, seen = threading.Event(), threading.Event(), []

    def answered(visit: UUID) -> CompanionAnswered:
        judged.set()
        seen.append(comes_first(cancelled))
        return CompanionAnswered(visit)

    def cancel() -> None:
        assert judged.wait(PATIENCE_S)
        cancel_visit(visit_id, reason="", expected_version=None, by=world.alice, now=NOW)
        cancelled.set()

    monkeypatch.setattr(accompanying, "CompanionAnswered", answered)
    race([work.deliver_events, cancel])
    assert cancelled.is_set()
    return seen[0]


def asked_visit(world: World, hour: int) -> UUID:
    """A visit tomorrow for which Carl is asked by text."""
    if not Nurse.objects.exists():
        world.shift(world.nurse("nina"))
    home, carl = world.home(world.alice), world.companion(world.alice)
    visit_id = world.book(home, world.alice, at(hour), companion=carl)
    assign_visit(visit_id, now=NOW)
    work.deliver_events()
    work.send_messages()
    return visit_id
