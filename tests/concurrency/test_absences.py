"""A nurse drops out while somebody gives her a shift: it is closed, whoever comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import time
from functools import partial
from typing import Any

import pytest

from dispatch.models import Shift, ShiftRule
from dispatch.services import absences, shifts, staffing
from tests.builders import NOW, TOMORROW, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import set_clock

NOT_LONG = 0.5
LONG = 20.0


@pytest.fixture
def world(fresh_database: Clone) -> World:
    """Nina works tomorrow by her week, and has no shift yet."""
    world = World()
    set_clock(world.market, NOW)
    world.nina = world.nurse("nina")
    ShiftRule.objects.create(
        market=world.market, nurse_id=world.nina.person_id, weekday=TOMORROW.weekday(),
        starts=time(8), ends=time(18), first_day=TOMORROW,
    )  # fmt: skip
    return world


def by_hand(world: World) -> Callable[[], object]:
    hours = (time(8), time(18))
    return partial(
        staffing.add_shift, world.nina.person_id, TOMORROW, *hours, by=world.anna, now=NOW
    )


def by_her_week(world: World) -> Callable[[], object]:
    return partial(shifts.roll_shifts, world.market.id, days=2, now=NOW)


WAYS = pytest.mark.parametrize(
    ("give", "room", "step"), [(by_hand, staffing, "_except"), (by_her_week, shifts, "_hours")]
)
"""How she is given the shift, and what is done between the look at absences and the commit."""


def is_closed(
    world: World, give: Any, room: Any, step: str, patience: float, monkeypatch: Any
) -> bool:
    """Record the absence after the giver has looked at absences; is the shift closed then?"""
    looked, done, do = threading.Event(), threading.Event(), getattr(room, step)

    def do_and_wait(*how: Any) -> Any:
        looked.set()
        done.wait(patience)
        return do(*how)

    monkeypatch.setattr(room, step, do_and_wait)

    def drop_out() -> None:
        assert looked.wait(LONG)
        absences.record_absence(
            world.nina.person_id, at(0), at(23), reason="ill", by=world.bob, now=NOW
        )
        done.set()

    outcomes = race([give(world), drop_out])
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    shift = Shift.objects.get(nurse_id=world.nina.person_id, service_date=TOMORROW)
    return shift.start_at == shift.end_at


@WAYS
def test_a_shift_that_comes_at_the_same_time_is_closed_too(
    world, give, room, step, monkeypatch
) -> None:
    assert is_closed(world, give, room, step, NOT_LONG, monkeypatch)


@WAYS
def test_without_the_nurses_lock_she_is_offered_though_she_is_away(
    world, give, room, step, monkeypatch
) -> None:
    """The control."""
    monkeypatch.setattr(absences, "_hold", lambda _: None)
    assert not is_closed(world, give, room, step, LONG, monkeypatch)
