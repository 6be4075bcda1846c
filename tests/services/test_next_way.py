"""What one way does not bring goes by the next, and after the last one to a person."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from django.db.models import F

from dispatch.agreeing import agree
from dispatch.delivering import MOST_TRIES
from dispatch.domain.channels import Channel, Receipt
from dispatch.domain.clock import to_instant
from dispatch.domain.tasks import TaskKind
from dispatch.gateways.carriers import Busy, Refused
from dispatch.models import CarrierLine, Message, MessageAttempt, Patient, ProviderReceipt, Task
from dispatch.models.clock import database_now
from dispatch.selectors import judged
from dispatch.services.cancellation import cancel_visit
from dispatch.services.receipts import note_receipt
from tests.builders import NOW, TODAY, World, at
from tests.faults.running import set_clock
from tests.scripted import Scripted
from workers import delivery, work

pytestmark = pytest.mark.django_db

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def texts() -> Scripted:
    return Scripted("texts", tells=True)


@pytest.fixture
def emails() -> Scripted:
    return Scripted("emails", tells=True)


@pytest.fixture
def message(world: World) -> UUID:
    """Alice's confirmation, due now; she can be reached by text and by e-mail."""
    work.deliver_events()
    Message.objects.exclude(kind="confirmation").delete()
    return Message.objects.get().id


@pytest.fixture
def world(texts: Scripted, emails: Scripted, monkeypatch: pytest.MonkeyPatch) -> World:
    by_channel = {Channel.TEXT: texts, Channel.EMAIL: emails}
    monkeypatch.setattr(delivery, "carrier", by_channel.__getitem__)
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    world.book(world.home(world.alice), world.alice, at(10))
    Patient.objects.update(email="alice@example.org")
    agree(
        world.alice.person_id, Channel.EMAIL, "alice@example.org", "email.en.1",
        by=world.alice, now=NOW,
    )  # fmt: skip
    return world


def state(message: UUID) -> tuple[str, str]:
    row = Message.objects.get(id=message)
    return row.state, row.channel


def told(message: UUID, receipt: Receipt, channel: Channel = Channel.TEXT) -> bool:
    tried = MessageAttempt.objects.filter(message_id=message, channel=channel.value).last()
    return note_receipt(tried.carrier, tried.provider_id, receipt, now=NOW)


def is_waiting_no_longer(message: UUID) -> None:
    Message.objects.filter(id=message).update(receipt_by=F("receipt_by") - AN_HOUR)
    work.take_next_ways()


def tasks() -> list[bool]:
    rows = Task.objects.filter(kind=TaskKind.MESSAGE_UNDELIVERED.value).order_by("opened_at")
    return [done is not None for done in rows.values_list("done_at", flat=True)]


def test_what_an_address_refuses_goes_by_the_next_way_at_once(message, texts, emails) -> None:
    texts.fault = Refused("not a mobile")
    work.send_messages()
    assert [one.key for one in texts.given] == [str(message)]
    assert [(one.key, one.to) for one in emails.given] == [(f"{message}.1", "alice@example.org")]
    assert (state(message), tasks()) == (("sent", "email"), [])


def test_without_a_receipt_in_a_quarter_of_an_hour_the_next_way_is_taken(
    message, texts, emails
) -> None:
    work.send_messages()
    waits = Message.objects.get(id=message).receipt_by - database_now()
    assert timedelta(minutes=14) < waits <= timedelta(minutes=15)
    work.take_next_ways()
    work.send_messages()
    assert emails.given == []
    is_waiting_no_longer(message)
    work.send_messages()
    assert (len(texts.given), len(emails.given)) == (1, 1)
    is_waiting_no_longer(message)
    work.send_messages()
    assert (state(message)[0], tasks()) == ("dead", [False])


def test_a_receipt_that_comes_late_settles_even_what_was_given_up(message) -> None:
    work.send_messages()
    for _ in range(2):
        is_waiting_no_longer(message)
        work.send_messages()
    assert state(message)[0] == "dead"
    assert told(message, Receipt.DELIVERED)
    assert (state(message)[0], tasks()) == ("sent", [True])


def test_what_the_provider_could_not_deliver_goes_by_the_next_way_at_once(message, emails) -> None:
    work.send_messages()
    assert told(message, Receipt.FAILED)
    work.send_messages()
    assert len(emails.given) == 1


@pytest.mark.parametrize(
    "order", sorted(set(permutations([Receipt.DELIVERED, Receipt.FAILED, Receipt.FAILED])))
)
def test_delivered_is_never_undone_in_whatever_order_it_is_told(message, emails, order) -> None:
    work.send_messages()
    for receipt in order:
        assert told(message, receipt)
    work.send_messages()
    row = Message.objects.get(id=message)
    assert (row.state, row.receipt, row.receipt_by) == ("sent", "delivered", None)
    assert emails.given == []


def test_a_receipt_of_a_text_that_we_do_not_know_is_not_ours_to_settle(message) -> None:
    assert not note_receipt("texts", "unheard of", Receipt.DELIVERED, now=NOW)


@pytest.mark.parametrize(("receipt", "by_email"), [(Receipt.DELIVERED, 0), (Receipt.FAILED, 1)])
def test_a_receipt_that_came_before_our_own_commit_is_settled_with_it(
    message, emails, receipt: Receipt, by_email: int
) -> None:
    kept(message, receipt)
    work.send_messages()
    assert len(emails.given) == by_email
    assert Message.objects.get(id=message).receipt == ("delivered" if not by_email else "")


def test_a_receipt_that_was_kept_just_after_our_commit_is_found_before_the_next_way_is_taken(
    message, emails
) -> None:
    work.send_messages()
    kept(message, Receipt.DELIVERED)
    is_waiting_no_longer(message)
    work.send_messages()
    assert (emails.given, Message.objects.get(id=message).receipt) == ([], "delivered")


def test_the_next_way_is_not_taken_once_the_reason_has_gone(world, message, emails) -> None:
    """And what was sent by the first stays told as sent."""
    work.send_messages()
    visit_id = Message.objects.get(id=message).visit_id
    cancel_visit(visit_id, reason="", expected_version=None, by=world.bob, now=NOW)
    is_waiting_no_longer(message)
    work.send_messages()
    row = Message.objects.get(id=message)
    assert (row.state, row.state_because) == ("sent", "called_off")
    assert emails.given == []


def test_after_the_last_try_by_one_way_the_next_is_taken(message, texts, emails) -> None:
    texts.fault = ConnectionError()
    for _ in range(MOST_TRIES):
        Message.objects.update(retry_at=None)
        CarrierLine.objects.update(failures=0)
        work.send_messages()
    assert (len(texts.given), len(emails.given)) == (MOST_TRIES, 1)
    assert {one.key for one in texts.given} == {str(message)}


def test_a_try_of_which_nothing_is_known_is_told_to_the_next_one(message, texts) -> None:
    texts.fault = TimeoutError()
    work.send_messages()
    Message.objects.update(retry_at=None)
    work.send_messages()
    first = MessageAttempt.objects.order_by("tried_at").first()
    assert [one.tried_since for one in texts.given] == [None, first.tried_at]


@pytest.mark.parametrize(("asked_s", "least_s"), [(None, 0.4), (30.0, 29.0)])
def test_a_busy_provider_is_left_alone_for_as_long_as_it_asks(
    message, texts, asked_s: float | None, least_s: float
) -> None:
    texts.fault = Busy(asked_s)
    work.send_messages()
    waits = (Message.objects.get(id=message).retry_at - database_now()).total_seconds()
    assert least_s < waits <= max(1.0, asked_s or 0.0)
    texts.fault = None
    Message.objects.update(retry_at=None)
    work.send_messages()
    assert texts.given[-1].tried_since is None, "nothing of it had been taken"


def test_a_message_of_which_every_worker_dies_goes_by_the_next_way(message, texts, emails) -> None:
    work.send_messages()
    MessageAttempt.objects.update(settled_at=None, outcome="")
    Message.objects.update(state="due", sent_at=None, attempts=MOST_TRIES)
    work.send_messages()
    assert (len(texts.given), len(emails.given)) == (1, 1)


def test_an_answer_that_cannot_be_written_down_keeps_no_other_from_being_settled(
    message, texts
) -> None:
    row = Message.objects.get(id=message)
    row.id = row.about_id = UUID(int=row.id.int + 1)
    row.save(force_insert=True)
    texts.answers[str(message)] = "x" * 1000
    work.send_messages()
    assert Message.objects.get(id=row.id).state == "sent"
    assert Message.objects.get(id=message).state == "due"
    assert MessageAttempt.objects.get(message_id=message).settled_at is None


def test_a_line_that_never_answers_is_left_alone(world, message, texts) -> None:
    texts.fault = ConnectionError()
    for _ in range(8):
        Message.objects.update(retry_at=None)
        work.send_messages()
    assert len(texts.given) == 5
    assert Message.objects.get(id=message).attempts == 5, "what waits uses up no tries"
    CarrierLine.objects.update(open_until=database_now())
    texts.fault = None
    Message.objects.update(retry_at=None)
    work.send_messages()
    assert (state(message), CarrierLine.objects.get().failures) == (("sent", "text"), 0)


def test_no_more_is_handed_over_in_a_second_than_the_line_may_take(
    message, texts, settings
) -> None:
    settings.MESSAGES_PER_S = {"text": 3.0, "email": 0.0, "push": 0.0}
    row = Message.objects.get(id=message)
    for _ in range(9):
        row.id = row.about_id = UUID(int=row.id.int + 1)
        row.save(force_insert=True)
    work.send_messages()
    assert len(texts.given) in {3, 4}
    waits = Message.objects.filter(state="due").order_by("retry_at").values_list("retry_at", flat=1)
    assert len(set(waits)) == len(waits) >= 6


def test_by_night_a_message_waits_for_the_morning(message, monkeypatch, texts) -> None:
    morning = to_instant(TODAY, (NOW + AN_HOUR * 4).time(), "UTC")
    asked: list[tuple[object, ...]] = []

    def until_morning(kind, moment, zone, *, before):
        asked.append((kind, zone, before))
        return morning

    monkeypatch.setattr(judged, "allowed_from", until_morning)
    work.send_messages()
    row = Message.objects.get(id=message)
    assert (row.state, row.due_at, row.lease_token, texts.given) == ("due", morning, None, [])
    assert asked == [("confirmation", "America/New_York", at(10))]


def test_a_rule_for_staff_puts_a_task_on_their_list_and_calls_nobody(
    message, monkeypatch, texts
) -> None:
    monkeypatch.setattr(judged, "task_of", lambda *_: TaskKind.COMPANION_UNCONFIRMED)
    work.send_messages()
    row = Message.objects.get(id=message)
    task = Task.objects.get(kind="companion_unconfirmed")
    assert (row.state, row.channel, texts.given) == ("sent", "task", [])
    assert (task.subject_id, task.visit_id) == (row.visit_id, row.visit_id)


def kept(message: UUID, receipt: Receipt) -> None:
    ProviderReceipt.objects.create(
        carrier="texts", provider_id=f"texts-{message}", receipt=receipt.value,
        event_key=f"{message} {receipt}", received_at=database_now(),
    )  # fmt: skip
