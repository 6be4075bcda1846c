"""Time that is given back, or that has run out, is free again for everybody at once."""

from datetime import timedelta

from dispatch.holding import HELD_FOR
from dispatch.models import Hold, Location, Reservation
from dispatch.selectors.access import hold_for
from dispatch.services.holds import give_back_hold
from tests.builders import NOW, WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.databases import Clone


def test_the_others_come_earlier(fresh_database: Clone) -> None:
    world = World()
    nina = world.nurse("nina")
    world.shift(nina)
    zoe = world.patient("zoe")
    ahead = take(world, world.home(zoe), zoe, nina, 10)
    home = world.home(world.alice, (WASHINGTON[0] + 0.01, WASHINGTON[1]))
    noon = Reservation.objects.get(hold=take(world, home, world.alice, nina, 12))

    give_back_hold(ahead, by=zoe, now=NOW)

    assert noon.start_at > at(12)
    noon.refresh_from_db()
    assert noon.start_at == at(12)
    assert faults() == {}


def test_a_patients_own_hold_that_ran_out_stands_in_no_nurses_way(fresh_database: Clone) -> None:
    world = World()
    nurses = [world.nurse(name) for name in ("nina", "olga")]
    for nurse in nurses:
        world.shift(nurse)
    home = world.home(world.alice)
    take(world, home, world.alice, nurses[0], 10)

    later = NOW + HELD_FOR + timedelta(seconds=1)
    hold = take(world, home, world.alice, nurses[1], 10, now=later)

    assert [one.id for one in Hold.objects.all()] == [hold]
    assert (faults(), Reservation.objects.count()) == ({}, 1)


def test_a_hold_that_goes_in_the_moment_it_is_looked_at_can_still_be_read(
    fresh_database: Clone,
) -> None:
    world = World()
    nina = world.nurse("nina")
    shift = world.shift(nina)
    hold_id = take(world, world.home(world.alice), world.alice, nina, 10)
    seen = hold_for(world.alice, hold_id)
    give_back_hold(hold_id, by=world.alice, now=NOW)
    assert seen.reservation.shift_id == shift.id


def take(world: World, home: Location, patient, nurse, hour: int, now=NOW):
    slots = world.slots(home, nurse=nurse, now=now)
    (slot,) = (one for one in slots if one.start == at(hour))
    return world.hold(slot, home, patient, now=now)
