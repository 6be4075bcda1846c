"""A plan is undone while somebody books on one of its routes: exactly one of the two happens."""

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
from dispatch.services import undoing
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_visit
from dispatch.services.plans import ask_for_plan
from dispatch.services.undoing import undo_proposal
from tests.builders import ARLINGTON, BETHESDA, NOW, TOMORROW, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone
from workers import planning


@pytest.fixture
def world(fresh_database: Clone) -> World:
    """Olga had the visit at Nina's door at ten; by the plan in force Nina has it."""
    world = World()
    world.nina, world.olga = world.nurse("nina", BETHESDA), world.nurse("olga", ARLINGTON)
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    world.hers = world.shift(world.olga)
    amy = world.patient("amy")
    world.visit = world.book(world.home(amy, BETHESDA), amy, at(10))
    assign_visit(world.visit, now=NOW)
    world.shift(world.nina)
    world.plan = ask_for_plan(TOMORROW, 1, by=world.bob, now=NOW)
    planning.work_out_plans()
    accept_proposal(world.plan, Cause.PLAN, 1, by=world.bob, now=NOW)
    assert nurse(world) == world.nina.person_id
    return world


def nurse(world: World) -> UUID:
    return Visit.objects.get(id=world.visit).reservation.nurse_id


def both(world: World) -> tuple[Callable[[], object], Callable[[], object]]:
    """Two who want Olga at ten: Amy's former place, and Alice, who is offered the slot."""
    home = world.home(world.alice, BETHESDA)
    (slot,) = (one for one in world.slots(home, nurse=world.olga) if one.start == at(10))
    undo = partial(undo_proposal, world.plan, Cause.PLAN, by=world.bob, now=NOW)
    return undo, partial(world.hold, slot, home, world.alice)


def test_of_an_undoing_and_a_booking_for_the_same_time_one_goes_through(world) -> None:
    undone, held = race(both(world))
    refusals = [one for one in (undone, held) if isinstance(one, Exception)]
    assert [type(one) for one in refusals] == [Conflict], (undone, held)
    assert faults() == {}
    assert (nurse(world) == world.olga.person_id) is not Hold.objects.exists()


def test_of_two_who_undo_the_same_one_does(world) -> None:
    undo, _ = both(world)
    outcomes = race((undo, undo))
    refusals = [one for one in outcomes if isinstance(one, Conflict)]
    assert [one.code for one in refusals] == ["not_in_force"], outcomes
    assert nurse(world) == world.olga.person_id
    assert faults() == {}


def test_without_locks_and_constraint_the_nurse_is_taken_twice(
    world, fresh_database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either writes, and neither looks again."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE reservation DROP CONSTRAINT nurse_in_one_place")
    contestants, write, meeting = both(world), schedule._write, Meeting()

    def met(shift_id, timed) -> None:
        if shift_id == world.hers.id:
            meeting.wait()
        write(shift_id, timed)

    monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)
    monkeypatch.setattr(schedule, "_write", met)
    monkeypatch.setattr(undoing, "_check_rules", lambda *_: None)
    outcomes = race(contestants)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    assert "a nurse in two places" in faults()
