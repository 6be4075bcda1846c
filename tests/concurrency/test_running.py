"""A day is re-timed while somebody takes the time into which it moves: nobody is in two places."""

from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.models import Hold, Reservation, Visit
from dispatch.services.running import retime_day
from tests.builders import World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone
from tests.services.running import NEAR, booked, happened, heard, resting

ROUNDS = 4
EARLY = at(7)
LATE = "a start outside the promised window"


@pytest.fixture
def world(fresh_database: Clone) -> World:
    """Amy is resting; the slot behind her visit is open as long as nobody adds to her rest."""
    world = World()
    world.shift(world.nurse("nina", NEAR[0]))
    world.amy = booked(world, "amy", at(9), 1)
    heard(world.amy, EARLY, **resting(world.amy, at(9)))
    world.place = world.home(world.alice, NEAR[2])
    return world


def both(world: World) -> tuple[Callable[[], object], Callable[[], object]]:
    (slot,) = (one for one in world.slots(world.place, now=EARLY) if one.start == at(11, 30))
    happened(world.amy, extended=45)
    return (
        partial(retime_day, world.amy.id, now=EARLY),
        partial(world.hold, slot, world.place, world.alice, now=EARLY),
    )


def test_a_slot_is_refused_or_moves_on_with_the_day(world: World) -> None:
    for _ in range(ROUNDS):
        timed, held = race(both(world))
        assert not isinstance(timed, Exception), timed
        assert set(faults()) <= {LATE}
        end = Visit.objects.select_related("reservation").get(id=world.amy.id).reservation.end_at
        if isinstance(held, Exception):
            assert isinstance(held, Conflict), held
            assert (held.code, Reservation.objects.count()) == ("slot_taken", 1)
        else:
            assert Hold.objects.get().reservation.leave_at >= end > at(11, 30)
        begin_again(world)


def test_without_lock_and_constraint_the_nurse_is_in_two_places(
    world: World, fresh_database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either writes."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE reservation DROP CONSTRAINT nurse_in_one_place")
    contestants, meeting = both(world), Meeting()
    monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)
    for writer in ("_write", "keep_time"):
        monkeypatch.setattr(schedule, writer, meeting.before(getattr(schedule, writer)))
    outcomes = race(contestants)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    assert "a nurse in two places" in faults()


def test_two_who_re_time_the_same_day_wait_for_each_other(world: World) -> None:
    happened(world.amy, extended=45)
    again = partial(retime_day, world.amy.id, now=EARLY)
    assert race([again] * 4) == [None] * 4
    assert set(faults()) <= {LATE}


def begin_again(world: World) -> None:
    for hold in Hold.objects.all():
        reservation = hold.reservation
        hold.delete()
        reservation.delete()
    heard(world.amy, EARLY, extended=0)
