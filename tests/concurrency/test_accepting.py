"""A plan is accepted while somebody books on one of its routes: exactly one of the two happens."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.jobs import Cause
from dispatch.models import Hold, Market, Visit
from dispatch.models.clock import database_now
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_visit
from dispatch.services.plans import ask_for_plan
from tests.builders import ARLINGTON, BETHESDA, NOW, TOMORROW, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone
from workers import planning

ROUNDS = 4


@pytest.fixture
def world(fresh_database: Clone) -> World:
    """Olga has the visit at Nina's door; the plan gives it to Nina."""
    world = World()
    world.nina, world.olga = world.nurse("nina", BETHESDA), world.nurse("olga", ARLINGTON)
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    world.shift(world.olga)
    amy = world.patient("amy")
    world.visit = world.book(world.home(amy, BETHESDA), amy, at(10))
    assign_visit(world.visit, now=NOW)
    world.hers = world.shift(world.nina)
    return world


def plan(world: World) -> UUID:
    job_id = ask_for_plan(TOMORROW, 1, by=world.bob, now=NOW)
    planning.work_out_plans()
    return job_id


def accept(world: World, job_id: UUID) -> None:
    accept_proposal(job_id, Cause.PLAN, 1, by=world.bob, now=NOW)


def both(world: World, home) -> tuple[Callable[[], object], Callable[[], object]]:
    """Two who want Nina at ten: the plan for Amy, and Alice, who is offered the slot."""
    (slot,) = (one for one in world.slots(home, nurse=world.nina) if one.start == at(10))
    return partial(accept, world, plan(world)), partial(world.hold, slot, home, world.alice)


def test_of_a_plan_and_a_booking_for_the_same_time_one_goes_through(world) -> None:
    home = world.home(world.alice, BETHESDA)
    for _ in range(ROUNDS):
        accepted, held = race(both(world, home))
        refusals = [one for one in (accepted, held) if isinstance(one, Exception)]
        assert [type(one) for one in refusals] == [Conflict], (accepted, held)
        assert faults() == {}
        moved = Visit.objects.get(id=world.visit).reservation.nurse_id == world.nina.person_id
        assert moved is not Hold.objects.exists()
        if moved:
            break
        give_back()


def test_without_locks_and_constraint_the_nurse_is_taken_twice(
    world, fresh_database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either writes."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE reservation DROP CONSTRAINT nurse_in_one_place")
    contestants = both(world, world.home(world.alice, BETHESDA))
    monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)
    monkeypatch.setattr(schedule, "_write", Meeting().before(schedule._write))
    outcomes = race(contestants)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert "a nurse in two places" in faults()


def give_back() -> None:
    hold = Hold.objects.get()
    reservation = hold.reservation
    hold.delete()
    reservation.delete()
