"""The broker stops, or hangs: booking answers in time, work goes on, and all has soon caught up."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from uuid import UUID

import pytest
import redis

from config.embedded.valkey import Valkey
from dispatch.models import Assignment, Message, OutboxEvent, Visit
from tests.builders import NOW, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.fakes import ADDRESS, running_provider
from tests.faults.running import (
    START_S,
    Answer,
    locked,
    post,
    set_clock,
    somebody_waits,
    start_api,
    start_worker,
    token_of,
    within,
)
from tests.launching import Launcher

pytestmark = pytest.mark.journey

DOWN_S = float(os.environ.get("BROKER_DOWN_S", "6"))
EVERY_S = 2.0
IN_TIME_S = 2
CAUGHT_UP_S = 10
WARM = 6
"""Bookings before the fault, so that every process has loaded what booking needs."""
LONG_ENOUGH = 6
"""Bookings settled one after the other, for any call to the broker to time out meanwhile."""
TAKEN = "Task workers.tasks.deliver"
ASSIGNING = "Task workers.tasks.assign"


@contextmanager
def stopped(valkey: Valkey) -> Iterator[None]:
    valkey.stop()
    yield
    valkey.start()


@contextmanager
def hung(valkey: Valkey) -> Iterator[None]:
    assert valkey.process is not None
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        valkey.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("broken", [stopped, hung])
def test_a_broker_that_fails_costs_neither_a_booking_nor_a_message(
    launch: Launcher,
    services_env: dict[str, str],
    own_valkey: Valkey,
    fresh_database: Clone,
    broken: Callable[[Valkey], Iterator[None]],
    record_property: Callable[[str, object], None],
) -> None:
    world = World()
    for number in range(3 + WARM):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    env = services_env | {"REDIS_URL": own_valkey.url()}
    url = start_api(launch, env)
    worker = start_worker(launch, env)
    within(START_S, lambda: worker.said("ready."))
    warm_up(world, url)

    with broken(own_valkey):
        first, seconds = book(world, url, "alice")
        record_property("booked without a broker, s", seconds)
        record_property(
            "settled without a broker, s", within(CAUGHT_UP_S, lambda: is_settled(first))
        )
        second, third = (book(world, url, name)[0] for name in ("berta", "clara"))

    caught_up = within(CAUGHT_UP_S, lambda: is_settled(second) and is_settled(third))
    record_property("caught up, s", caught_up)
    within(CAUGHT_UP_S, lambda: not waiting(own_valkey))
    within(CAUGHT_UP_S, all_delivered)
    assert not OutboxEvent.objects.filter(attempts__gt=0).exists()
    assert worker.process.poll() is None


def test_a_broker_that_is_down_for_long_and_has_forgotten_everything_loses_and_doubles_nothing(
    launch: Launcher,
    services_env: dict[str, str],
    own_valkey: Valkey,
    fresh_database: Clone,
    record_property: Callable[[str, object], None],
) -> None:
    """Before the outage, during it, after it, and once more when all its keys are gone."""
    count = 4 + int(DOWN_S // EVERY_S)
    world = World()
    for number in range(count):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    with running_provider() as (provider, address):
        env = services_env | {"REDIS_URL": own_valkey.url()}
        env |= {"TEXTS_GATEWAY": "tests.fakes.KeylessTexts", ADDRESS: address}
        url = start_api(launch, env)
        worker = start_worker(launch, env)
        within(START_S + 30, lambda: worker.said("ready."))
        visits = [book_patiently(world, url, 0)]
        remember(own_valkey)
        with stopped(own_valkey):
            ends = time.monotonic() + DOWN_S
            while len(visits) < count - 3:
                visits.append(book_patiently(world, url, len(visits)))
                time.sleep(min(EVERY_S, max(0.0, ends - time.monotonic())))
            time.sleep(max(0.0, ends - time.monotonic()))
        assert not remembers(own_valkey)
        for _ in range(3):
            visits.append(book_patiently(world, url, len(visits)))
            with redis.Redis.from_url(own_valkey.url()) as broker:
                broker.flushall()
        within(START_S + 60, lambda: all(map(is_settled, visits)))
        within(CAUGHT_UP_S, all_delivered)
        record_property("broker down, s", DOWN_S)
        record_property("booked", len(visits))
        within(CAUGHT_UP_S, lambda: len(provider.sent) == sent_messages())
        assert sent_messages() >= count
        assert Assignment.objects.count() == len(visits) == Visit.objects.count() == count


def book_patiently(world: World, url: str, number: int) -> UUID:
    answer = held(world, url, f"patient {number}")()
    assert answer.status == 201
    return UUID(answer.body["id"])


def test_a_worker_whose_broker_hung_at_the_end_of_a_task_takes_tasks_again(
    launch: Launcher, services_env: dict[str, str], own_valkey: Valkey, fresh_database: Clone
) -> None:
    world = World()
    for number in range(2 + LONG_ENOUGH):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    booked_without_api(world, "alice")
    with ExitStack() as until_settled:
        with locked(fresh_database, "SELECT id FROM shift FOR UPDATE"):
            worker = start_worker(launch, services_env | {"REDIS_URL": own_valkey.url()})
            within(START_S, lambda: worker.said(ASSIGNING) and somebody_waits(fresh_database))
            until_settled.enter_context(hung(own_valkey))
        for number in range(LONG_ENOUGH):
            visit_id = booked_without_api(world, f"patient {number}")
            within(CAUGHT_UP_S, lambda visit_id=visit_id: is_settled(visit_id))

    taken = worker.log.read_text().count(TAKEN)
    booked_without_api(world, "emma")
    within(CAUGHT_UP_S, lambda: worker.log.read_text().count(TAKEN) > taken)


def book(world: World, url: str, name: str) -> tuple[UUID, float]:
    """Books over HTTP, and is answered in time: the visit, and the seconds it took."""
    answer = held(world, url, name)()
    assert answer.status == 201
    assert answer.seconds < IN_TIME_S
    return UUID(answer.body["id"]), answer.seconds


def warm_up(world: World, url: str) -> None:
    answers = race([held(world, url, f"early patient {number}") for number in range(WARM)])
    assert {answer.status for answer in answers} == {201}


def held(world: World, url: str, name: str) -> Callable[[], Answer]:
    """A new patient's hold; called, it is booked over HTTP."""
    patient = world.patient(name)
    home = world.home(patient)
    slot = next(one for one in world.slots(home) if one.start == at(10))
    hold = str(world.hold(slot, home, patient))
    return partial(post, url, "visits", token_of(patient), {"hold": hold})


def booked_without_api(world: World, name: str) -> UUID:
    """Booked in this process, which speaks to another broker: the poll has to find it."""
    patient = world.patient(name)
    return world.book(world.home(patient), patient, at(10))


def all_delivered() -> bool:
    return not OutboxEvent.objects.filter(done_at__isnull=True).exists()


def sent_messages() -> int:
    return Message.objects.filter(state="sent").count()


def is_settled(visit_id: UUID) -> bool:
    """Assigned, and the patient told."""
    told = Message.objects.filter(visit_id=visit_id, kind="confirmation", state="sent")
    return Visit.objects.get(id=visit_id).status == "assigned" and told.exists()


def remember(valkey: Valkey) -> None:
    """Tell the broker something, to be asked for after an outage."""
    with redis.Redis.from_url(valkey.url()) as broker:
        broker.set("before", "the outage")


def remembers(valkey: Valkey) -> bool:
    with redis.Redis.from_url(valkey.url()) as broker:
        return bool(broker.exists("before"))


def waiting(valkey: Valkey) -> int:
    """Tasks nobody has taken yet."""
    with redis.Redis.from_url(valkey.url()) as broker:
        return sum(broker.llen(queue) for queue in ("default", "assign", "messages", "plan"))
