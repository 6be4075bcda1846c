"""What happens to visits and series reaches the receivers that listen, signed, and ids alone."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from standardwebhooks import WebhookVerificationError

from dispatch import outbox
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.events import ClearanceLost, CompanionNamed, CustodySettled, VisitBooked
from dispatch.domain.ids import new_id
from dispatch.domain.series import Wish
from dispatch.domain.webhooks import SUBSCRIBABLE
from dispatch.gateways.customers import Customers
from dispatch.models import AuditEntry, OutboxEvent, Series, WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import database_now
from dispatch.services import webhooks as services
from dispatch.services.booking import book_series
from dispatch.services.cancellation import cancel_visit
from dispatch.services.screening import record_screening
from dispatch.services.series import hold_series
from dispatch.services.series_changes import cancel_series, resume_series
from dispatch.services.webhooks import (
    add_webhook,
    remove_webhook,
    renew_secret,
    replay_delivery,
    replay_period,
    try_webhook,
)
from tests.answers import CLEARED
from tests.builders import NOW, PHONE, TOMORROW, World, at
from tests.receiver import Receiver, running_receiver
from workers import webhooks as worker
from workers.webhooks import send_webhooks

pytestmark = pytest.mark.django_db

HERE = Customers(to_loopback=True)
AN_HOUR = timedelta(hours=1)
WEEKLY = "ketamine_weekly_then_monthly"


@pytest.fixture
def world() -> World:
    world = World()
    world.shift(world.nurse("nina"))
    return world


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setattr(worker, "customers", lambda: HERE)
    with running_receiver() as receiver:
        yield receiver


def listen(world: World, receiver: Receiver, *events: str) -> tuple[UUID, str]:
    """The receiver is told of these types, or of all; its id and secret."""
    return add_webhook(receiver.url, events, to=HERE, by=world.anna, now=NOW)


def book(world: World) -> UUID:
    return world.book(world.home(world.alice), world.alice, at(10))


def cancel(world: World, visit_id: UUID) -> None:
    cancel_visit(visit_id, reason="", expected_version=None, by=world.bob, now=NOW + AN_HOUR)


def told(receiver: Receiver, secret: str) -> list[tuple[str, str]]:
    """The types and the ids of the visits or series, in the order in which they came."""
    messages = receiver.messages(secret)
    return [(one["type"], one["data"].get("visit") or one["data"]["series"]) for one in messages]


def test_a_booked_visit_is_told_with_ids_and_times_alone(world: World, receiver: Receiver) -> None:
    _, secret = listen(world, receiver)
    visit_id = book(world)
    assert send_webhooks() == 1
    (one,) = receiver.received
    assert one.verified(secret) == {
        "type": "visit.booked",
        "timestamp": NOW.isoformat().replace("+00:00", "Z"),
        "data": {"market": str(world.market.id), "visit": str(visit_id)},
    }
    assert one.headers["content-type"] == "application/json"
    assert one.id == str(WebhookDelivery.objects.get().id)
    sent = one.body.decode() + json.dumps(one.headers)
    assert [one for one in ("alice", "ketamine", "Main", PHONE[2:]) if one in sent] == []
    assert send_webhooks() == 0


def test_a_message_that_was_tampered_with_or_signed_by_another_is_seen_through(
    world: World, receiver: Receiver
) -> None:
    """The control of the receiver that these tests ask."""
    _, secret = listen(world, receiver)
    book(world)
    send_webhooks()
    (one,) = receiver.received
    with pytest.raises(WebhookVerificationError):
        one.verified(services._new_secret())
    forged = type(one)(one.headers, one.body.replace(b"booked", b"cooked"), one.path)
    with pytest.raises(WebhookVerificationError):
        forged.verified(secret)
    with pytest.raises(WebhookVerificationError):
        type(one)({**one.headers, "webhook-id": "x"}, one.body, one.path).verified(secret)


def test_the_life_of_a_series_is_told_in_the_order_of_what_happened(
    world: World, receiver: Receiver
) -> None:
    nora = world.nurse("nora")
    for days in (0, 7, 14, 21):
        world.shift(nora, TOMORROW + timedelta(days=days))
    _, secret = listen(world, receiver, *(one for one in SUBSCRIBABLE if "series" in one))
    series_id = hold_series(
        location_id=world.home(world.alice).id, protocol_code=WEEKLY, wish=Wish(count=3),
        by=world.alice, now=NOW,
    )  # fmt: skip
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    record_screening(
        patient_id=None, protocol_code=WEEKLY, answers=CLEARED, by=world.alice, now=NOW
    )
    Series.objects.filter(id=series_id).update(state="paused")
    resume_series(series_id, by=world.dora, now=NOW + AN_HOUR)
    cancel_series(series_id, reason="", by=world.bob, now=NOW + 2 * AN_HOUR)
    send_webhooks()
    assert told(receiver, secret) == [
        (f"series.{what}", str(series_id)) for what in ("booked", "resumed", "cancelled")
    ]


def test_only_the_types_that_were_asked_for_are_told(world: World, receiver: Receiver) -> None:
    _, secret = listen(world, receiver, "visit.cancelled")
    visit_id = book(world)
    cancel(world, visit_id)
    send_webhooks()
    assert told(receiver, secret) == [("visit.cancelled", str(visit_id))]


def test_what_happens_in_another_market_never_arrives(world: World, receiver: Receiver) -> None:
    listen(world, receiver)
    elsewhere = World("Elsewhere")
    elsewhere.shift(elsewhere.nurse("nora"))
    book(elsewhere)
    assert send_webhooks() == 0
    webhook_id = WebhookEndpoint.objects.get().id
    for verb in (remove_webhook, renew_secret, try_webhook):
        with pytest.raises(NotFound):
            verb(webhook_id, by=elsewhere.anna, now=NOW)
    assert replay_period(webhook_id, NOW, NOW + AN_HOUR, by=world.anna, now=NOW) == 0
    assert receiver.received == []


def test_what_stays_in_the_house_is_told_to_nobody(world: World, receiver: Receiver) -> None:
    listen(world, receiver)
    for event in (ClearanceLost(new_id()), CompanionNamed(new_id()), CustodySettled(new_id())):
        with transaction.atomic():
            outbox.record(event, market_id=world.market.id, now=NOW)
    assert send_webhooks() == 0


def test_what_was_undone_is_told_to_nobody(world: World, receiver: Receiver) -> None:
    listen(world, receiver)
    with transaction.atomic():
        outbox.record(VisitBooked(new_id()), market_id=world.market.id, now=NOW)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_the_old_secret_is_good_for_a_day_and_no_longer(world: World, receiver: Receiver) -> None:
    webhook_id, old = listen(world, receiver)
    new = renew_secret(webhook_id, by=world.anna, now=NOW)
    assert new != old
    try_webhook(webhook_id, by=world.anna, now=NOW)
    send_webhooks()
    (both,) = receiver.received
    assert both.verified(old) == both.verified(new)

    endpoint = WebhookEndpoint.objects.get()
    left = endpoint.old_secret_until - database_now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    WebhookEndpoint.objects.update(old_secret_until=database_now())
    try_webhook(webhook_id, by=world.anna, now=NOW)
    send_webhooks()
    assert receiver.received[1].verified(new)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(old)


def test_secrets_and_addresses_are_encrypted_at_rest(world: World, receiver: Receiver) -> None:
    webhook_id, old = listen(world, receiver)
    new = renew_secret(webhook_id, by=world.anna, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT url || secret || old_secret FROM webhook_endpoint")
        stored = cursor.fetchone()[0]
    assert not any(one in stored for one in (receiver.url, old, new, "whsec_"))


def test_a_receiver_that_was_removed_is_told_nothing_more(world, receiver: Receiver) -> None:
    webhook_id, _ = listen(world, receiver)
    visit_id = book(world)
    remove_webhook(webhook_id, by=world.anna, now=NOW)
    remove_webhook(webhook_id, by=world.anna, now=NOW)
    cancel(world, visit_id)
    assert send_webhooks() == 0
    assert WebhookDelivery.objects.get().state == "dead"
    for verb in (renew_secret, try_webhook):
        with pytest.raises(Conflict, match="switched off"):
            verb(webhook_id, by=world.anna, now=NOW)
    verbs = AuditEntry.objects.filter(subject="webhook").values_list("verb", flat=True)
    assert sorted(verbs) == ["add", "remove"]


def test_a_period_is_told_again_under_the_same_ids_and_what_was_never_told_too(
    world: World, receiver: Receiver
) -> None:
    before = book(world)
    webhook_id, secret = listen(world, receiver, "visit.booked", "visit.cancelled")
    cancel(world, before)
    send_webhooks()
    (first,) = receiver.received

    count = replay_period(webhook_id, NOW, NOW + 2 * AN_HOUR, by=world.anna, now=NOW)
    assert (count, send_webhooks()) == (2, 2)
    assert told(receiver, secret)[1:] == [
        ("visit.booked", str(before)), ("visit.cancelled", str(before)),
    ]  # fmt: skip
    assert receiver.ids[2] == first.id
    assert receiver.received[2].body == first.body
    assert OutboxEvent.objects.filter(name="VisitBooked").count() == 1


def test_a_period_ends_before_its_last_instant(world: World, receiver: Receiver) -> None:
    webhook_id, _ = listen(world, receiver)
    cancel(world, book(world))
    send_webhooks()
    assert replay_period(webhook_id, NOW, NOW + AN_HOUR, by=world.anna, now=NOW) == 1
    for since, until in ((NOW, NOW), (NOW + AN_HOUR, NOW), (NOW, NOW + timedelta(days=32))):
        with pytest.raises(Invalid):
            replay_period(webhook_id, since, until, by=world.anna, now=NOW)


def test_one_message_is_sent_again_under_its_id(world: World, receiver: Receiver) -> None:
    webhook_id, _ = listen(world, receiver)
    book(world)
    send_webhooks()
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state="dead", attempts=10)
    replay_delivery(webhook_id, delivery.id, by=world.anna, now=NOW)
    send_webhooks()
    delivery.refresh_from_db()
    assert receiver.ids == [str(delivery.id)] * 2
    assert (delivery.state, delivery.attempts) == ("sent", 1)
    other, _ = listen(world, receiver)
    with pytest.raises(NotFound):
        replay_delivery(other, delivery.id, by=world.anna, now=NOW)


def test_a_market_has_twenty_receivers_at_most(world: World, receiver: Receiver) -> None:
    ids = [listen(world, receiver)[0] for _ in range(20)]
    with pytest.raises(Conflict, match="at most 20"):
        listen(world, receiver)
    remove_webhook(ids[0], by=world.anna, now=NOW)
    listen(world, receiver)


def test_unknown_types_and_unfit_addresses_are_named(world: World) -> None:
    for url, events, field in (
        ("https://93.184.216.34/", ["visit.flown"], "events"),
        ("https://93.184.216.34/", ["webhook.test"], "events"),
        ("https://10.0.0.1/", [], "url"),
    ):
        with pytest.raises(Invalid) as refusal:
            add_webhook(url, events, to=Customers(), by=world.anna, now=NOW)
        assert set(refusal.value.fields) == {field}
    assert not WebhookEndpoint.objects.exists()
