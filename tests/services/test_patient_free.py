"""What is offered to a patient who has another visit, or held a slot before, can be booked."""

import pytest

from dispatch.holding import HELD_FOR
from dispatch.models import Hold, Visit
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import request_visit
from dispatch.services.holds import give_back_hold
from tests.builders import KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    for name in ("nina", "nora"):
        world.shift(world.nurse(name))
    return world


def test_no_slot_is_offered_over_a_visit_of_ones_own(world) -> None:
    home = world.home(world.alice)
    world.book(home, world.alice, at(10))
    offered = {slot.start for slot in world.slots(home)}
    assert not {at(8), at(9, 30), at(10), at(10, 30), at(12, 30)} & offered
    assert {at(13), at(15)} <= offered
    for slot in world.slots(home):
        hold_id = world.hold(slot, home, world.alice)
        give_back_hold(hold_id, by=world.alice, now=NOW)


def test_others_are_still_offered_that_time(world) -> None:
    world.book(world.home(world.alice), world.alice, at(10))
    amos = world.patient("amos")
    assert at(10) in {slot.start for slot in world.slots(world.home(amos))}


def test_a_lapsed_hold_of_ones_own_stands_in_nobodys_way(world) -> None:
    """It stood on one nurse's route; the visit goes to either."""
    home, later = world.home(world.alice), NOW + HELD_FOR
    (slot,) = (one for one in world.slots(home) if one.start == at(10))
    world.hold(slot, home, world.alice)
    visit_id = request_visit(
        location_id=home.id,
        protocol_code=KETAMINE,
        start=at(10),
        end=at(10, 30),
        companion_id=None,
        key=None,
        by=world.bob,
        now=later,
    )
    assign_visit(visit_id, now=later)
    assert Visit.objects.get(id=visit_id).status == "assigned"
    assert not Hold.objects.exists()
