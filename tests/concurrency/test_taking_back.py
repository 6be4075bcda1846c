"""Two dispatchers at one visit: what the other one did meanwhile is never undone unseen."""

import threading
from typing import Any

import pytest

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor, Role
from dispatch.models import Visit
from dispatch.services import taking_back
from dispatch.services.assignment import assign_by_hand
from tests.builders import NOW, World, at
from tests.concurrency.racing import PATIENCE_S, race
from tests.databases import Clone


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    world.beth = Actor(world.user("beth", Role.DISPATCHER).id, Role.DISPATCHER, world.market.id)
    world.nurses = [world.nurse(name) for name in ("nina", "ana", "fay")]
    for nurse in world.nurses:
        world.shift(nurse)
    return world


@pytest.fixture
def given(world: World) -> Visit:
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    give(world, visit_id, world.nurses[1], world.bob)
    return Visit.objects.get(id=visit_id)


def give(world: World, visit_id: Any, nurse: Actor, by: Actor) -> None:
    assign_by_hand(visit_id, nurse.person_id, reason="", expected_version=None, by=by, now=NOW)


def undone_over(world: World, visit: Visit, monkeypatch) -> list[Any]:
    """Bob undoes while Beth gives the visit to Fay, after he has looked and before he locks."""
    looked, done, lock = threading.Event(), threading.Event(), schedule.lock_visit

    class Slow:
        """The schedule, as Bob meets it."""

        check_version, settle = staticmethod(schedule.check_version), staticmethod(schedule.settle)
        insert, remove = staticmethod(schedule.insert), staticmethod(schedule.remove)

        @staticmethod
        def lock_visit(*args: Any, **more: Any) -> Visit:
            looked.set()
            assert done.wait(PATIENCE_S)
            return lock(*args, **more)

    monkeypatch.setattr(taking_back, "schedule", Slow)

    def undo() -> None:
        taking_back.undo_assignment(visit.id, expected_version=visit.version, by=world.bob, now=NOW)

    def change() -> None:
        assert looked.wait(PATIENCE_S)
        give(world, visit.id, world.nurses[2], world.beth)
        done.set()

    return race([undo, change])


def nurse_of(visit: Visit) -> str:
    return Visit.objects.get(id=visit.id).reservation.nurse.name


def test_what_another_did_meanwhile_stands(world, given, monkeypatch) -> None:
    refused, none = undone_over(world, given, monkeypatch)
    assert (type(refused), none) == (Conflict, None)
    assert nurse_of(given) == "fay"


def test_without_looking_again_under_the_lock_it_would_be_undone(world, given, monkeypatch) -> None:
    """The control."""
    first = taking_back._given_by(world.bob, given.id)
    monkeypatch.setattr(taking_back, "_given_by", lambda *_: first)
    monkeypatch.setattr(schedule, "check_version", lambda *_: None)
    first.before["version"] = given.version + 1
    assert undone_over(world, given, monkeypatch) == [None, None]
    assert nurse_of(given) != "fay"
