"""One patient from two browsers at once, and a series that changes while it is planned anew."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from dispatch import schedule, visiting
from dispatch.domain.errors import Conflict
from dispatch.domain.series import Wish
from dispatch.models import Hold, Reservation, Series, Visit
from dispatch.services import booking, replanning, series
from dispatch.services.booking import book_hold, book_series
from dispatch.services.cancellation import cancel_visit
from dispatch.services.replanning import replan_series
from dispatch.services.series import hold_series
from dispatch.services.series_changes import cancel_series, look_at_series
from tests.builders import ARLINGTON, NOW, TODAY, World
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

WEEKLY = "ketamine_weekly_then_monthly"


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    for name in ("nina", "nora"):
        nurse = world.nurse(name)
        for day in range(1, 28):
            world.shift(nurse, TODAY + timedelta(days=day))
    return world


def hold(world: World, home, **wish) -> UUID:
    return hold_series(
        location_id=home.id, protocol_code=WEEKLY, wish=Wish(**wish), by=world.alice, now=NOW
    )


def two_series(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Both have seen that there is none before either holds one, unless kept apart."""
    homes = [world.home(world.alice), world.home(world.alice, ARLINGTON)]
    meeting = Meeting()
    monkeypatch.setattr(series, "open_series", meeting.before(series.open_series))
    first, second = TODAY + timedelta(days=1), TODAY + timedelta(days=4)
    return race(
        [
            partial(hold, world, homes[0], first_day=first),
            partial(hold, world, homes[1], first_day=second),
        ]
    )


def test_of_two_series_of_one_patient_one_is_held(world, monkeypatch) -> None:
    outcomes = two_series(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    (refused,) = (one for one in outcomes if isinstance(one, Conflict))
    assert refused.code == "series_open"
    assert Series.objects.count() == 1


def test_without_the_lock_there_are_two(world, monkeypatch) -> None:
    """The control: the race is real."""
    monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)
    outcomes = two_series(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 2}


def two_bookings(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Two holds a day apart, booked at once; each alone would keep the gaps."""
    home = world.home(world.alice)
    holds = []
    for day in (1, 2):
        slot = world.slots(home, TODAY + timedelta(days=day), code=WEEKLY)[0]
        holds.append(world.hold(slot, home, world.alice, code=WEEKLY))
    meeting = Meeting()
    monkeypatch.setattr(booking, "_visit_of", meeting.before(booking._visit_of))
    book = partial(book_hold, companion_id=None, key=None, by=world.alice, now=NOW)
    return race([partial(book, one) for one in holds])


def test_of_two_bookings_too_near_to_each_other_one_is_kept(world, monkeypatch) -> None:
    outcomes = two_bookings(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    (refused,) = (one for one in outcomes if isinstance(one, Conflict))
    assert refused.code == "gap_not_kept"
    assert Visit.objects.count() == 1


def test_without_the_lock_both_are_booked(world, monkeypatch) -> None:
    """The control: the race is real."""
    locked = schedule.lock
    monkeypatch.setattr(
        booking.schedule, "lock",
        lambda ids, *, patients=(), now: (
            None if not list(patients) else locked(ids, patients=patients, now=now)
        ),
    )  # fmt: skip
    outcomes = two_bookings(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 2}


@pytest.fixture
def lost(world: World) -> tuple[UUID, Visit]:
    """A series of three of which the second was called off, and nobody has looked yet."""
    series_id = hold(world, world.home(world.alice))
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    visit = Visit.objects.filter(series_id=series_id).order_by("series_number")[1]
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=NOW)
    look_at_series(visit.id, now=NOW)
    return series_id, visit


def standing() -> int:
    return Visit.objects.exclude(status="cancelled").count()


def all_at_once(series_id: UUID, monkeypatch: pytest.MonkeyPatch) -> int:
    """Three workers have all seen that one is missing before any of them books it; return how many
    reach for a nurse's time."""
    meeting, reached, reserve = Meeting(), [], visiting._reserve

    def counted(*args):
        reached.append(args)
        return reserve(*args)

    monkeypatch.setattr(visiting, "_reserve", counted)
    monkeypatch.setattr(replanning, "_apply", meeting.before(replanning._apply))
    outcomes = race([partial(replan_series, series_id, now=NOW)] * 3)
    assert all(one is None or isinstance(one, Conflict) for one in outcomes), outcomes
    return len(reached)


def test_three_workers_make_up_for_it_once(world, lost, monkeypatch) -> None:
    series_id, _ = lost
    assert all_at_once(series_id, monkeypatch) == 1
    assert (standing(), faults()) == (3, {})
    assert Series.objects.get().replan_due_at is None


def test_without_a_second_look_under_the_lock_all_reach_for_it(world, lost, monkeypatch) -> None:
    """The control: the race is real; that the nurse's route is full then is the second wall."""
    series_id, _ = lost
    monkeypatch.setattr(replanning, "_is_as_seen", lambda *_: True)
    assert all_at_once(series_id, monkeypatch) == 3
    assert faults() == {}


def test_called_off_while_it_is_planned_anew_nothing_is_left(world, lost) -> None:
    series_id, _ = lost
    call_off = partial(cancel_series, series_id, reason="", by=world.alice, now=NOW)
    race([partial(replan_series, series_id, now=NOW), call_off])
    assert (standing(), faults()) == (0, {})
    assert not Reservation.objects.exists()
    assert not Hold.objects.exists()
