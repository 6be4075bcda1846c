"""`kill -9` for the worker that calls a customer: the message comes again, under the same id."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from dispatch.gateways.customers import Customers
from dispatch.models import Message, WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import database_now
from dispatch.services.webhooks import add_webhook
from tests.builders import NOW, World, at
from tests.databases import Clone
from tests.faults.running import START_S, set_clock, start_worker, within
from tests.launching import Launcher
from tests.receiver import Receiver, running_receiver

pytestmark = pytest.mark.journey

MANY = 20
SOON_S = 40
"""Shorter than so many customers are waited for, eight at a time, again and again."""
HERE = {"WEBHOOKS_TO_LOOPBACK": "true"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    return world


def listen(world: World, receiver: Receiver) -> str:
    """For bookings alone; the secret."""
    here = Customers(to_loopback=True)
    return add_webhook(receiver.url, ["visit.booked"], to=here, by=world.anna, now=NOW)[1]


def book(world: World) -> UUID:
    return world.book(world.home(world.alice), world.alice, at(10))


def is_sent() -> bool:
    return WebhookDelivery.objects.get().state == "sent"


def test_a_webhook_whose_worker_was_killed_in_mid_call_comes_again_under_its_id(
    world: World, receiver: Receiver, launch: Launcher, services_env
) -> None:
    secret, visit_id = listen(world, receiver), book(world)
    receiver.hangs = True
    worker = start_worker(launch, services_env, **HERE)
    assert receiver.came.acquire(timeout=START_S + 20)
    worker.kill()
    assert (is_sent(), len(receiver.received)) == (False, 1)
    assert WebhookEndpoint.objects.filter(lease_until__gt=database_now()).exists(), "still leased"

    receiver.hangs = False
    receiver.go_on.set()
    WebhookEndpoint.objects.update(lease_until=database_now())
    start_worker(launch, services_env, **HERE)
    within(START_S + 20, is_sent)
    assert receiver.ids == [str(WebhookDelivery.objects.get().id)] * 2
    assert [one["data"]["visit"] for one in receiver.messages(secret)] == [str(visit_id)] * 2


def test_patients_get_their_messages_while_every_customer_hangs(
    world: World, launch: Launcher, services_env, receiver: Receiver, record_property
) -> None:
    """With one Celery process: none of it is a customer's."""
    receiver.hangs = True
    for _ in range(MANY):
        listen(world, receiver)
    worker = start_worker(launch, services_env, **HERE)
    within(START_S + 20, lambda: worker.said("ready."))
    visit_id = book(world)
    assert receiver.came.acquire(timeout=START_S + 20)

    record_property("confirmed, s", within(SOON_S, lambda: confirmed(visit_id)))
    assert WebhookDelivery.objects.filter(state="sent").count() == 0


def confirmed(visit_id: UUID) -> bool:
    sent = Message.objects.filter(visit_id=visit_id, kind="confirmation", state="sent")
    return sent.exists()
