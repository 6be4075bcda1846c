"""Beat is absent, doubled, tripled or killed again and again: nothing is missing, nothing doubled.

The texts go to a provider that knows no keys, so that whatever is sent twice is received twice.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from dispatch.models import Assignment, Message, OutboxEvent, Shift, Visit
from tests.builders import NOW, World, at
from tests.databases import Clone
from tests.fakes import ADDRESS, Provider, running_provider
from tests.faults.running import START_S, set_clock, start_worker, within
from tests.launching import Launcher

pytestmark = pytest.mark.journey

KILLS = int(os.environ.get("KILLS", "3"))
VISITS = 6
PATIENCE_S = 40
UNTOLD_S = 5
BEAT = ["celery", "-A", "tests.faults.beating", "beat", "--loglevel=info"]
BLIND = ["celery", "-A", "tests.faults.blind", "worker", "-Q", "default,assign,messages,plan",
         "--concurrency=1"]  # fmt: skip


@pytest.fixture
def provider() -> Iterator[tuple[Provider, str]]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def env(services_env, provider) -> dict[str, str]:
    _, url = provider
    return services_env | {"TEXTS_GATEWAY": "tests.fakes.KeylessTexts", ADDRESS: url}


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    for number in range(VISITS):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    return world


@pytest.mark.parametrize("beats", [0, 2, 3])
def test_however_many_beats_there_are_each_visit_is_told_of_once(
    world: World, launch: Launcher, env, provider, beats: int
) -> None:
    start_worker(launch, env)
    started = [start_beat(launch, env, number) for number in range(beats)]
    visits = [book(world, number) for number in range(VISITS)]
    within(START_S + PATIENCE_S, lambda: all(map(is_told, visits)))
    for beat in started:
        within(START_S + PATIENCE_S, lambda beat=beat: beat.said("Sending due task"))
    assert_once(provider, visits)


def test_a_beat_that_is_killed_again_and_again_costs_nothing(
    world: World, launch: Launcher, env, provider, record_property
) -> None:
    start_worker(launch, env)
    visits = []
    for number in range(max(KILLS, VISITS)):
        if number < VISITS:
            visits.append(book(world, number))
        if number < KILLS:
            beat = start_beat(launch, env, 0)
            within(START_S + PATIENCE_S, lambda beat=beat: beat.said("Sending due task"))
            beat.kill()
    within(START_S + PATIENCE_S, lambda: all(map(is_told, visits)))
    record_property("kills", KILLS)
    assert_once(provider, visits)


def test_without_the_poll_nobody_is_told_where_beat_is_absent(
    world: World, launch: Launcher, env, provider
) -> None:
    """The control: what is booked elsewhere pokes nobody, and nobody looks."""
    worker = launch(BLIND, env)
    within(START_S + PATIENCE_S, lambda: worker.said("ready."))
    visit = book(world, 0)
    time.sleep(UNTOLD_S)
    assert not is_told(visit)
    assert Visit.objects.get(id=visit).status == "requested"


def start_beat(launch: Launcher, env, number: int):
    schedule = launch.folder / f"schedule-{number}"
    return launch([*BEAT, f"--schedule={schedule}"], env)


def book(world: World, number: int):
    """Booked in this process, whose pokes go to another broker."""
    patient = world.patient(f"patient {number}")
    return world.book(world.home(patient), patient, at(10))


def is_told(visit_id) -> bool:
    """And has a nurse: the one does not wait for the other."""
    told = Message.objects.filter(visit_id=visit_id, kind="confirmation", state="sent")
    return told.exists() and Assignment.objects.filter(visit_id=visit_id).exists()


def assert_once(provider, visits) -> None:
    service, _ = provider
    within(PATIENCE_S, lambda: not OutboxEvent.objects.filter(done_at__isnull=True).exists())
    within(PATIENCE_S, lambda: len(service.sent) == Message.objects.filter(state="sent").count())
    assert Message.objects.filter(kind="confirmation", state="sent").count() == len(visits)
    keys = Counter(Assignment.objects.values_list("visit_id", flat=True))
    assert set(keys.values()) == {1}
    assert set(keys) == set(visits)
    assert Shift.objects.count() == VISITS, "no day is rolled twice"
