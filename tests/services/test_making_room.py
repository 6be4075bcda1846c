"""Where no route has a gap, room is made: offered, taken under the locks, or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.slot_id import Offered, offered_as, slot_id
from dispatch.domain.errors import Conflict
from dispatch.models import Assignment, OutboxEvent, Reservation, Shift, Visit
from dispatch.planning.making_room import Way
from dispatch.selectors.slots import Slot, Witnessed, find_slots
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import book_hold
from tests.builders import BETHESDA, NOW, WASHINGTON, World, at
from tests.concurrency.oracle import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Nina may treat in Washington and in Maryland, Mary in Maryland alone; both have one visit's
    time."""
    world = World()
    world.shift(world.nurse("nina"), starts=9, ends=13)
    return world


@pytest.fixture
def amy(world: World) -> Visit:
    """A patient in Maryland, with Nina, because there was nobody else when she booked."""
    patient = world.patient("amy")
    home = world.home(patient, BETHESDA, state="MD")
    visit_id = world.book(home, patient, at(10))
    assign_visit(visit_id, now=NOW)
    world.shift(world.nurse("mary", BETHESDA, states=("MD",)), starts=9, ends=13)
    return Visit.objects.get(id=visit_id)


def wanted(world: World) -> tuple[Slot, ...]:
    return world.slots(world.home(world.alice, WASHINGTON))


def through_the_token(world: World, slot: Slot) -> Witnessed:
    home = world.home(world.alice)
    return offered_as(slot_id(Offered(slot, home.id, world.protocol_row().id, None))).slot


def test_a_visit_in_the_way_goes_to_another_nurse_and_its_patient_keeps_the_hour(
    world: World, amy: Visit
) -> None:
    slots = wanted(world)
    assert slots
    assert all(slot.way and slot.way.stop == amy.reservation_id for slot in slots)
    before = amy.reservation.nurse_id

    hold = world.hold(through_the_token(world, slots[0]), world.home(world.alice), world.alice)
    visit = Visit.objects.get(
        id=book_hold(hold, companion_id=None, key=None, by=world.alice, now=NOW)
    )

    moved = Visit.objects.get(id=amy.id)
    assert visit.reservation.nurse_id == before != moved.reservation.nurse_id
    assert (moved.window_start, moved.version) == (amy.window_start, amy.version + 1)
    assert Assignment.objects.get(visit=moved, until=None).nurse_id == moved.reservation.nurse_id
    assert OutboxEvent.objects.filter(name="VisitAssigned").count() == 2
    assert faults() == {}


def test_a_nurse_who_was_asked_for_keeps_her_visit(world: World, amy: Visit) -> None:
    Visit.objects.filter(id=amy.id).update(asked_nurse=amy.reservation.nurse_id)
    assert wanted(world) == ()


def test_an_announced_day_stays_as_it_is(world: World, amy: Visit) -> None:
    Shift.objects.filter(id=amy.reservation.shift_id).update(service_date=NOW.date())
    assert wanted(world) == ()


@pytest.mark.parametrize("meanwhile", ["announced", "asked for", "gone", "taker busy"])
def test_what_has_changed_meanwhile_is_refused_and_nothing_is_written(
    world: World, amy: Visit, meanwhile: str
) -> None:
    slot, mine = wanted(world)[0], Shift.objects.filter(id=amy.reservation.shift_id)
    if meanwhile == "announced":
        mine.update(service_date=NOW.date())
    elif meanwhile == "asked for":
        Visit.objects.filter(id=amy.id).update(asked_nurse=amy.reservation.nurse_id)
    elif meanwhile == "gone":
        Visit.objects.filter(id=amy.id).update(status="cancelled", reservation=None)
    else:
        Shift.objects.exclude(id=amy.reservation.shift_id).update(end_at=at(10))
    before = list(Reservation.objects.order_by("id").values())
    with pytest.raises(Conflict) as refused:
        world.hold(slot, world.home(world.alice), world.alice)
    assert refused.value.code == "slot_taken"
    assert list(Reservation.objects.order_by("id").values()) == before


def test_a_route_is_put_in_another_order_where_that_makes_room(world: World) -> None:
    """Ben can wait until two; so Dan comes at half past eight, Cleo at eleven, and then Ben."""
    Shift.objects.update(start_at=at(8), end_at=at(18))
    ben, cleo, dan = (world.patient(name) for name in ("ben", "cleo", "dan"))
    waits = world.book(world.home(ben), ben, at(8))
    world.book(world.home(cleo), cleo, at(11))
    Visit.objects.filter(id=waits).update(window_end=at(14))
    home = world.home(dan)

    (slot,) = find_slots(home, world.protocol(), at(8, 30), at(8, 31), nurse_id=None, now=NOW)
    assert slot.way == Way()
    with pytest.raises(Conflict):
        world.hold(replace(slot, way=None), home, dan)
    world.hold(through_the_token(world, slot), home, dan)

    order = Reservation.objects.order_by("start_at").values_list("patient_id", flat=True)
    assert list(order) == [one.person_id for one in (dan, cleo, ben)]
    assert faults() == {}


def test_a_route_that_no_order_saves_any_more_is_refused(world: World) -> None:
    Shift.objects.update(start_at=at(8), end_at=at(18))
    ben, dan = world.patient("ben"), world.patient("dan")
    world.book(world.home(ben), ben, at(8))
    home = world.home(dan)
    taken = Witnessed(at(8, 30), at(9), world.market_shifts()[0].id, way=Way())
    with pytest.raises(Conflict) as refused:
        world.hold(taken, home, dan)
    assert refused.value.code == "slot_taken"
