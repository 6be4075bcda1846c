"""An override is taken back while the nurse sets out: nobody departs through a closed gate."""

import threading
from typing import Any

import pytest

from dispatch.domain.gates import GateName
from dispatch.domain.visit import Action
from dispatch.models import GateOverride, Visit
from dispatch.selectors import before_steps
from dispatch.services import fieldwork, overrides
from dispatch.services.assignment import assign_visit
from dispatch.services.readiness import confirm_home
from tests.builders import NOW, World, at
from tests.concurrency.racing import PATIENCE_S, comes_first, race
from tests.databases import Clone
from tests.faults.running import set_clock
from tests.readying import make_ready


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    return world


@pytest.fixture
def let_go(world: World) -> Visit:
    """Ready but for the home, which a dispatcher has let go."""
    world.nina = world.nurse("nina")
    world.shift(world.nina)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    make_ready(world, visit_id)
    confirm_home(visit_id, [], by=world.bob, now=NOW)
    override_home(world, visit_id)
    return Visit.objects.get(id=visit_id)


def override_home(world: World, visit_id: Any) -> None:
    overrides.override_gate(
        visit_id, GateName.HOME, reason="asked", expected_version=None, by=world.bob, now=NOW
    )


def came_between(world: World, visit: Visit, monkeypatch) -> bool:
    """Take the override back after the departure has looked at the gates; was it done by then?"""
    looked, done, between = threading.Event(), threading.Event(), []
    look = before_steps.gates_of

    def look_and_wait(*args: Any, **more: Any) -> Any:
        found = look(*args, **more)
        looked.set()
        between.append(comes_first(done))
        return found

    monkeypatch.setattr(before_steps, "gates_of", look_and_wait)

    def depart() -> None:
        fieldwork.perform(
            visit.id, Action.DEPART, reason="", expected_version=None, by=world.nina, now=at(9, 45)
        )

    def take_back() -> None:
        assert looked.wait(PATIENCE_S)
        overrides.take_override_back(
            visit.id, GateName.HOME, expected_version=None, by=world.bob, now=NOW
        )
        done.set()

    assert race([depart, take_back]) == [None, None]
    visit.refresh_from_db()
    assert visit.status == "en_route"
    assert not GateOverride.objects.filter(visit=visit, end__isnull=True).exists()
    return between == [True]


def test_taking_back_waits_for_the_departure(world, let_go, monkeypatch) -> None:
    """It then counts for the infusion."""
    assert not came_between(world, let_go, monkeypatch)


def test_without_the_lock_the_nurse_departs_through_a_closed_gate(
    world, let_go, monkeypatch
) -> None:
    """The control."""

    class Unlocked:
        @staticmethod
        def lock_visit(visit_id: Any, **_: Any) -> Visit:
            return Visit.objects.get(id=visit_id)

        @staticmethod
        def check_version(*_: Any) -> None:
            """Whatever it is."""

    monkeypatch.setattr(overrides, "schedule", Unlocked)
    monkeypatch.setattr(overrides, "_count_up", lambda _: None)
    assert came_between(world, let_go, monkeypatch)
