"""`kill -9` for the worker and its poll, at the worst moments: nothing is lost, nothing doubled."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from dispatch.models import Assignment, Message, MessageAttempt, Visit
from tests.builders import NOW, World, at
from tests.concurrency.oracle import faults
from tests.databases import Clone
from tests.fakes import ADDRESS, Hang, Provider, running_provider
from tests.faults.running import (
    LEASE_S,
    START_S,
    kill_in_mid_call,
    locked,
    set_clock,
    somebody_waits,
    start_worker,
    within,
    without_looks_at_all_visits,
)
from tests.launching import Launcher
from workers import work

pytestmark = pytest.mark.journey


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    without_looks_at_all_visits()
    return world


@pytest.fixture
def provider() -> Iterator[tuple[Provider, str]]:
    with running_provider() as provider:
        yield provider


def test_a_visit_booked_before_the_worker_was_killed_is_assigned_by_the_next(
    world: World, launch: Launcher, services_env, fresh_database: Clone, record_property
) -> None:
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    with locked(fresh_database, "SELECT id FROM shift FOR UPDATE"):
        worker = start_worker(launch, services_env)
        within(START_S + 10, lambda: somebody_waits(fresh_database))
        worker.kill()
    assert Visit.objects.get(id=visit_id).status == "requested"

    start_worker(launch, services_env)
    assigned = within(START_S, lambda: Visit.objects.get(id=visit_id).status == "assigned")
    record_property("assigned after the start, s", assigned)
    within(START_S, lambda: sent_kinds(visit_id) >= {"confirmation", "companion_missing"})
    assert Assignment.objects.filter(visit_id=visit_id).count() == 1
    assert faults() == {}


def test_a_visit_booked_while_no_worker_runs_is_assigned_by_the_next(
    world: World, launch: Launcher, services_env: dict[str, str]
) -> None:
    worker = start_worker(launch, services_env)
    within(START_S + 10, lambda: worker.said("ready."))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    worker.kill()

    start_worker(launch, services_env)
    within(START_S, lambda: Visit.objects.get(id=visit_id).status == "assigned")
    assert Assignment.objects.filter(visit_id=visit_id).count() == 1
    assert faults() == {}


def test_a_message_claimed_by_a_worker_that_was_killed_is_sent_once_by_the_next(
    world: World, launch: Launcher, services_env, provider, fresh_database: Clone
) -> None:
    service, url = provider
    message = due_confirmation(world)
    with locked(fresh_database, "LOCK TABLE message_attempt IN SHARE MODE"):
        worker = start_worker(launch, services_env, **texts("HttpTexts", url))
        within(START_S + 10, lambda: leased(message) and somebody_waits(fresh_database))
        worker.kill()
    assert (MessageAttempt.objects.count(), service.calls) == (0, [])

    start_worker(launch, services_env, **texts("HttpTexts", url))
    within(START_S + LEASE_S + 4, lambda: is_sent(message))
    assert service.calls == [str(message)]
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    ("hang", "received"), [(Hang.BEFORE_ACCEPTING, 0), (Hang.AFTER_ACCEPTING, 1)]
)
def test_a_message_whose_worker_was_killed_while_the_provider_had_it_arrives_once(
    world: World, launch: Launcher, services_env, provider, hang: Hang, received: int
) -> None:
    service, url = provider
    message = due_confirmation(world)
    kill_in_mid_call(launch, services_env, service, hang, **texts("HttpTexts", url))
    assert (is_sent(message), len(service.sent)) == (False, received)

    start_worker(launch, services_env, **texts("HttpTexts", url))
    within(START_S + LEASE_S + 4, lambda: is_sent(message))
    assert service.calls == [str(message)] * 2
    assert len(service.sent) == 1
    assert MessageAttempt.objects.filter(message_id=message).count() == 2


def test_without_the_key_the_message_arrives_twice(
    world: World, launch: Launcher, services_env, provider
) -> None:
    service, url = provider
    message = due_confirmation(world)
    keyless = texts("KeylessTexts", url)
    kill_in_mid_call(launch, services_env, service, Hang.AFTER_ACCEPTING, **keyless)

    start_worker(launch, services_env, **texts("KeylessTexts", url))
    within(START_S + LEASE_S + 4, lambda: is_sent(message))
    assert len(service.sent) == 2


def due_confirmation(world: World) -> UUID:
    """One message that is due: of a visit booked and assigned while its provider was not asked."""
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    work.deliver_events()
    work.assign_visits()
    work.deliver_events()
    Message.objects.filter(visit_id=visit_id).exclude(kind="confirmation").delete()
    return Message.objects.get(visit_id=visit_id).id


def texts(gateway: str, url: str) -> dict[str, str]:
    return {"TEXTS_GATEWAY": f"tests.fakes.{gateway}", ADDRESS: url}


def leased(message_id: UUID) -> bool:
    return Message.objects.filter(id=message_id, lease_token__isnull=False).exists()


def is_sent(message_id: UUID) -> bool:
    return Message.objects.get(id=message_id).state == "sent"


def sent_kinds(visit_id: UUID) -> set[str]:
    sent = Message.objects.filter(visit_id=visit_id, state="sent")
    return set(sent.values_list("kind", flat=True))
