"""Many patients take many nurses at once; the clinicians' attention is given away once."""

from collections import Counter
from datetime import datetime
from functools import partial
from uuid import UUID

import pytest

from dispatch import schedule, supervising
from dispatch.domain.errors import Conflict
from tests.builders import WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

NURSES = 8
LIMIT = 3
TEN = at(10)

TOO_MANY = "more infusions at once than clinicians watch"


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


def test_of_eight_patients_with_a_nurse_each_as_many_win_as_can_be_watched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.supervise(LIMIT - 1)
    world.supervise(1)
    outcomes = everybody_takes_a_nurse(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: LIMIT, Conflict: NURSES - LIMIT}
    assert faults() == {}


def test_windows_that_only_touch_in_part_share_the_attention_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.supervise(LIMIT)
    outcomes = everybody_takes_a_nurse(world, monkeypatch, starts=(TEN, at(10, 30)))
    assert Counter(map(type, outcomes)) == {UUID: LIMIT, Conflict: NURSES - LIMIT}
    assert faults() == {}


def test_without_the_lock_more_are_let_in_than_can_be_watched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    world.supervise(LIMIT)
    monkeypatch.setattr(supervising, "lock", lambda _market_id: None)
    outcomes = everybody_takes_a_nurse(world, monkeypatch)
    assert sum(isinstance(one, UUID) for one in outcomes) == NURSES
    assert len(faults()[TOO_MANY]) == NURSES


def test_a_market_without_clinicians_has_no_limit_and_no_lock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = everybody_takes_a_nurse(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: NURSES}


def everybody_takes_a_nurse(
    world: World, monkeypatch: pytest.MonkeyPatch, starts: tuple[datetime, ...] = (TEN,)
) -> list[object]:
    """Each has counted the infusions before any reserves, unless a wall keeps them apart."""
    nurses = [world.nurse(f"nurse {number}") for number in range(NURSES)]
    for nurse in nurses:
        world.shift(nurse)
    contestants = []
    for number, nurse in enumerate(nurses):
        patient = world.patient(f"patient {number}")
        home = world.home(patient, (WASHINGTON[0], WASHINGTON[1] + number / 1000))
        start = starts[number % len(starts)]
        slot = next(one for one in world.slots(home, nurse=nurse) if one.start == start)
        contestants.append(partial(world.hold, slot, home, patient))
    meeting = Meeting()
    monkeypatch.setattr(schedule, "retime", meeting.before(schedule.retime))
    return race(contestants)
