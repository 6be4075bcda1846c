"""Receivers that fail, hang, are gone, or are called by two workers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.webhooks import GIVE_UP_AFTER
from dispatch.gateways import customers as gateway
from dispatch.gateways.customers import Answer, Customers
from dispatch.models import Task, WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import database_now
from dispatch.selectors.webhooks import webhook_lag
from dispatch.services import webhook_calls
from dispatch.services.webhook_calls import claim_calls, settle
from dispatch.services.webhooks import add_webhook, try_webhook
from tests.builders import NOW, World
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.receiver import Receiver, running_receiver
from workers import webhooks as worker
from workers.webhooks import send_webhooks

HERE = Customers(to_loopback=True)
A_SECOND = timedelta(seconds=1)
SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
"""Seconds, as the specification has them."""


@pytest.fixture
def receiver(monkeypatch) -> Iterator[Receiver]:
    monkeypatch.setattr(worker, "customers", lambda: HERE)
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def world(db: None) -> World:
    return World()


def listen(world: World, receiver: Receiver) -> UUID:
    return add_webhook(receiver.url, [], to=HERE, by=world.anna, now=NOW)[0]


def tell(world: World, webhook_id: UUID, count: int = 1) -> list[UUID]:
    """Messages that are due, an instant of the market apart."""
    return [
        try_webhook(webhook_id, by=world.anna, now=NOW + number * A_SECOND)
        for number in range(count)
    ]


def let_time_pass() -> None:
    """Until everything that waits or rests may be tried."""
    now = database_now()
    WebhookDelivery.objects.filter(state="due").update(due_at=now)
    WebhookEndpoint.objects.update(rests_until=None)


@pytest.mark.parametrize("status", [503, 302])
def test_what_is_not_taken_comes_again_by_the_schedule_and_is_dead_after_the_tenth_try(
    world: World, receiver: Receiver, status: int
) -> None:
    (message,) = tell(world, listen(world, receiver))
    receiver.status, waits = status, []
    for _ in SCHEDULE:
        assert send_webhooks() == 1
        delivery = WebhookDelivery.objects.get()
        waits.append((delivery.due_at - delivery.tried_at).total_seconds())
        assert send_webhooks() == 0, "not before its time"
        let_time_pass()
    for waited, least in zip(waits, SCHEDULE, strict=True):
        assert least - 0.5 <= waited <= least * 1.1
    send_webhooks()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.status) == ("dead", 10, status)
    let_time_pass()
    assert send_webhooks() == 0
    assert receiver.ids == [str(message)] * 10
    assert len({one.body for one in receiver.received}) == 1


def test_a_receiver_that_recovers_gets_what_waited_and_is_well_again(
    world: World, receiver: Receiver
) -> None:
    (message,) = tell(world, listen(world, receiver))
    receiver.status = 500
    send_webhooks()
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.failures, endpoint.failing_since is not None) == (1, True)
    receiver.status = 204
    let_time_pass()
    send_webhooks()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.rests_until) == (0, None, None)
    assert receiver.ids == [str(message)] * 2
    assert WebhookDelivery.objects.get().state == "sent"


def test_a_receiver_that_fails_is_left_alone_while_it_rests(world, receiver: Receiver) -> None:
    receiver.status = 500
    tell(world, listen(world, receiver), 3)
    assert send_webhooks() == 1
    assert webhook_lag().due == 0, "what waits for a receiver that rests is not late"


def test_messages_go_in_the_order_of_what_happened(world: World, receiver: Receiver) -> None:
    messages = tell(world, listen(world, receiver), 5)
    assert webhook_lag().due == 5
    assert send_webhooks() == 5
    assert receiver.ids == [str(one) for one in messages]
    assert webhook_lag() == type(webhook_lag())(0, 0.0)


def test_one_that_is_gone_is_switched_off_and_an_administrator_is_told(
    world: World, receiver: Receiver
) -> None:
    webhook_id = listen(world, receiver)
    tell(world, webhook_id, 2)
    receiver.status = 410
    assert send_webhooks() == 1
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.disabled_at is not None, endpoint.disabled_because) == (True, "gone")
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"dead"}
    task = Task.objects.get()
    assert (task.kind, task.role, task.subject_id) == ("webhook_off", "administrator", webhook_id)
    let_time_pass()
    assert send_webhooks() == 0


@pytest.mark.parametrize(("short_by", "off"), [(A_SECOND, True), (-A_SECOND * 60, False)])
def test_one_that_took_nothing_for_three_days_is_switched_off(
    world: World, receiver: Receiver, short_by: timedelta, off: bool
) -> None:
    tell(world, listen(world, receiver))
    since = database_now() - GIVE_UP_AFTER - short_by
    WebhookEndpoint.objects.update(failures=9, failing_since=since)
    receiver.status = 500
    send_webhooks()
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.disabled_because == "failing", Task.objects.exists()) == (off, off)


def test_a_fault_that_nobody_expected_puts_off_one_message_and_no_other(
    world: World, receiver: Receiver, monkeypatch
) -> None:
    class Surprising(Customers):
        def post(self, url: str, *_: object) -> Answer:
            raise LookupError(url)

    tell(world, listen(world, receiver))
    monkeypatch.setattr(worker, "customers", lambda: Surprising(to_loopback=True))
    send_webhooks()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.fault, delivery.status) == ("due", "LookupError", None)


def others_told_while_one_hangs(world: World, receiver: Receiver) -> tuple[int, float]:
    """How many of twelve messages to three receivers came before the one that hangs gave up."""
    receiver.hangs = True
    tell(world, listen(world, receiver), 2)
    with ExitStack() as stack:
        others = [stack.enter_context(running_receiver()) for _ in range(3)]
        for other in others:
            tell(world, listen(world, other), 4)
        hung: list[int] = []

        def count_at_the_end() -> None:
            time.sleep(gateway.PATIENCE_S * 0.8)
            hung.append(sum(len(other.received) for other in others))

        clock = threading.Thread(target=count_at_the_end)
        clock.start()
        send_webhooks()
        clock.join()
        return hung[0], sum(len(other.received) for other in others)


def test_a_receiver_that_hangs_holds_up_no_other(world, receiver, monkeypatch) -> None:
    monkeypatch.setattr(gateway, "PATIENCE_S", 5.0)
    assert others_told_while_one_hangs(world, receiver) == (12, 12)
    assert len(receiver.received) == 1, "one call in the air, and then it rests"


def test_with_one_call_at_a_time_it_would(world, receiver, monkeypatch) -> None:
    """The control."""
    monkeypatch.setattr(gateway, "PATIENCE_S", 1.5)
    monkeypatch.setattr(worker, "CALLS_AT_ONCE", 1)
    in_time, in_all = others_told_while_one_hangs(world, receiver)
    assert (in_time < 12, in_all) == (True, 12)


class TestTwoWorkers:
    """Each claims in a connection of its own."""

    @pytest.fixture
    def world(self, fresh_database: Clone) -> World:  # noqa: ARG002 - where its rows are
        return World()

    def test_one_message_is_one_worker_s(self, world: World, receiver: Receiver) -> None:
        tell(world, listen(world, receiver), 3)
        claimed = race([lambda: claim_calls(8)] * 6)
        assert sorted(len(calls) for calls in claimed) == [0, 0, 0, 0, 0, 1]

    def test_without_the_lease_it_is_everybody_s(
        self, world: World, receiver: Receiver, monkeypatch
    ) -> None:
        """The control."""
        monkeypatch.setattr(webhook_calls, "LEASE", timedelta())
        (message,) = tell(world, listen(world, receiver))
        first, second = claim_calls(8), claim_calls(8)
        assert [call.delivery_id for call in first + second] == [message] * 2

    def test_who_comes_back_after_the_lease_changes_nothing(
        self, world: World, receiver: Receiver
    ) -> None:
        tell(world, listen(world, receiver))
        (late,) = claim_calls(8)
        WebhookEndpoint.objects.update(lease_until=database_now())
        (now_mine,) = claim_calls(8)
        assert now_mine.delivery_id == late.delivery_id
        settle(late, Answer(410), now=NOW)
        assert WebhookEndpoint.objects.get().disabled_at is None
        settle(now_mine, Answer(200), now=NOW)
        assert WebhookDelivery.objects.get().state == "sent"

    def test_all_are_told_once_by_many_workers(self, world: World, receiver: Receiver) -> None:
        messages = tell(world, listen(world, receiver), 20)
        race([send_webhooks] * 3)
        while send_webhooks():
            pass
        assert receiver.ids == [str(one) for one in messages]

    def test_who_was_called_longest_ago_is_called_next(self, world: World) -> None:
        with ExitStack() as stack:
            receivers = [stack.enter_context(running_receiver()) for _ in range(4)]
            ids = [listen(world, receiver) for receiver in receivers]
            for webhook_id in ids:
                tell(world, webhook_id, 2)
            called = []
            for _ in range(4):
                (call,) = claim_calls(1)
                called.append(call.endpoint_id)
                settle(call, Answer(200), now=NOW)
            assert sorted(called) == sorted(ids)
