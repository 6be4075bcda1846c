"""A new answer takes every visit off its route within five seconds, through real processes."""

import time
from datetime import timedelta

import pytest

from dispatch.domain.people import Actor
from dispatch.models import Message, Reservation, Task, Visit
from dispatch.selectors.day_route import route_on
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TOMORROW, World, at
from tests.concurrency.oracle import faults
from tests.databases import Clone
from tests.faults.running import (
    START_S,
    post,
    set_clock,
    start_api,
    start_worker,
    token_of,
    within,
)
from tests.launching import Launcher
from workers import work

pytestmark = pytest.mark.journey

PROMISED_S = 5.0
DAYS = (TOMORROW, TOMORROW + timedelta(days=3), TOMORROW + timedelta(days=6))


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    nina = world.nurse("nina")
    for day in DAYS:
        world.shift(nina, day)
    set_clock(world.market, NOW)
    return world


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Alice is cleared and has three visits with Nina, the first of them tomorrow."""
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=NOW
    )
    home = world.home(world.alice)
    ids = [world.book(home, world.alice, at(10, day=day)) for day in DAYS]
    other = world.patient("amos")
    world.book(world.home(other), other, at(14))
    work.deliver_events()
    work.assign_visits()
    work.deliver_events()
    Message.objects.all().delete()
    return list(Visit.objects.filter(id__in=ids).order_by("window_start"))


def test_pregnant_takes_every_visit_off_its_route_within_five_seconds(
    world: World, visits, launch: Launcher, services_env, record_property
) -> None:
    nurse = visits[0].reservation.nurse_id
    assert [on_route(nurse, day) for day in DAYS] == [2, 1, 1]
    url = start_api(launch, services_env)
    worker = start_worker(launch, services_env)
    within(START_S, lambda: worker.said("ready."))

    began = time.monotonic()
    assert answer(url, world.alice, "yes") == 201
    within(PROMISED_S, lambda: statuses(visits) == {"suspended"})
    took = time.monotonic() - began
    record_property("suspended after the answer was sent, s", round(took, 2))
    assert took < PROMISED_S
    assert [on_route(nurse, day) for day in DAYS] == [1, 0, 0], "the other patient's stays"
    assert Reservation.objects.exclude(patient_id=world.alice.person_id).count() == 1
    assert Reservation.objects.count() == 1
    assert Task.objects.filter(kind="visit_suspended", done_at__isnull=True).count() == len(DAYS)
    assert faults() == {}

    began = time.monotonic()
    assert answer(url, world.alice, "no") == 201
    within(PROMISED_S + 5, lambda: statuses(visits) == {"assigned"})
    record_property("assigned again, s", round(time.monotonic() - began, 2))
    assert not Task.objects.filter(kind="visit_suspended", done_at__isnull=True).exists()
    assert faults() == {}


def test_without_a_worker_the_visits_stay_where_they_were(
    world: World, visits, launch: Launcher, services_env
) -> None:
    """The control: it is the workers who take them off; the gate is closed by the answer itself."""
    from dispatch.selectors.gates import gates_of

    url = start_api(launch, services_env)
    assert answer(url, world.alice, "yes") == 201
    with pytest.raises(AssertionError, match="not within"):
        within(PROMISED_S, lambda: statuses(visits) == {"suspended"})
    for visit in visits:
        closed = {gate.name.value for gate in gates_of(visit, now=NOW) if not gate.open}
        assert "clearance" in closed


def answer(url: str, patient: Actor, said: str) -> int:
    body = {"protocol": KETAMINE, "answers": {"pregnant": said}}
    return post(url, "screenings/answers", token_of(patient), body).status


def statuses(visits: list[Visit]) -> set[str]:
    found = Visit.objects.filter(id__in=[one.id for one in visits])
    return set(found.values_list("status", flat=True))


def on_route(nurse_id, day) -> int:
    return len(route_on(nurse_id, day, now=NOW).stops)
