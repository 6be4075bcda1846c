"""`kill -9` for the worker that plans, and a broker that is down: the plan is worked out all the
same."""

import pytest

from dispatch.domain.jobs import Cause
from dispatch.models import PlanJob
from dispatch.models.clock import database_now
from dispatch.selectors.proposals import job_seen_by
from dispatch.services.plans import ask_for_plan
from tests.builders import NOW, TOMORROW, World, at
from tests.databases import Clone
from tests.faults.running import START_S, locked, set_clock, somebody_waits, start_worker, within
from tests.launching import Launcher

pytestmark = pytest.mark.journey

PATIENCE_S = 20


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    world.book(world.home(world.alice), world.alice, at(10))
    return world


def ask(world: World):
    return ask_for_plan(TOMORROW, 1, by=world.bob, now=NOW)


def is_ready(world: World, job_id) -> bool:
    return job_seen_by(world.bob, job_id, Cause.PLAN).state == "ready"


def test_a_plan_whose_worker_was_killed_is_worked_out_by_the_next(
    world: World, launch: Launcher, services_env, fresh_database: Clone
) -> None:
    job_id = ask(world)
    with locked(fresh_database, "LOCK TABLE licence IN ACCESS EXCLUSIVE MODE"):
        worker = start_worker(launch, services_env)
        within(
            START_S + PATIENCE_S,
            lambda: PlanJob.objects.get().state == "running" and somebody_waits(fresh_database),
        )
        worker.kill()
    assert PlanJob.objects.get().attempts == 1
    assert PlanJob.objects.filter(lease_until__gt=database_now()).exists(), "nobody may take it"

    PlanJob.objects.update(lease_until=database_now())
    start_worker(launch, services_env)
    within(START_S + PATIENCE_S, lambda: is_ready(world, job_id))
    assert PlanJob.objects.get().attempts == 2


def test_a_plan_is_worked_out_though_the_broker_is_down(
    world: World, launch: Launcher, services_env
) -> None:
    job_id = ask(world)
    start_worker(launch, {**services_env, "REDIS_URL": "redis://127.0.0.1:1/0"})
    within(START_S + PATIENCE_S, lambda: is_ready(world, job_id))
