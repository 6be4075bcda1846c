"""Series that want the same days of the same nurse: each is held whole or not at all."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID

import psycopg
import pytest

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.domain.series import Wish
from dispatch.models import Hold, Location, Series, Visit
from dispatch.services.booking import book_series
from dispatch.services.series import give_back_series, hold_series
from tests.builders import NOW, TODAY, World
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

WEEKLY = "ketamine_weekly_then_monthly"


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


def hold(patient: Actor, home: Location, **wish: object) -> UUID:
    return hold_series(
        location_id=home.id, protocol_code=WEEKLY, wish=Wish(**wish), by=patient, now=NOW
    )


def race_for_the_last_day(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each begins on a day of the own, and both end on one on which Nina has time for one visit.

    Both have seen that it is free before either takes it, unless a wall keeps them apart.
    """
    nina = world.nurse("nina")
    for day in (1, 3, 9):
        world.shift(nina, TODAY + timedelta(days=day), starts=8, ends=11)
    contestants = []
    for name, first in (("alba", 1), ("amos", 3)):
        patient, day = world.patient(name), TODAY + timedelta(days=first)
        home = world.home(patient)
        contestants.append(partial(hold, patient, home, count=2, first_day=day))
    meeting = Meeting()
    monkeypatch.setattr(schedule, "retime", meeting.before(schedule.retime))
    return race(contestants)


def halves() -> list[UUID]:
    """Series of which some infusions are held or booked, and not all."""
    return [
        one.id
        for one in Series.objects.all()
        if {Hold.objects.filter(series=one).count(), Visit.objects.filter(series=one).count()}
        != {0, one.planned}
    ]


def test_of_two_who_want_the_last_day_one_has_a_whole_series_and_the_other_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = race_for_the_last_day(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    (refused,) = (one for one in outcomes if isinstance(one, Conflict))
    assert refused.code == "no_series"
    assert (faults(), halves(), Hold.objects.count()) == ({}, [], 2)


def test_without_lock_and_constraint_both_have_the_same_day(
    world: World, fresh_database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is real."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE reservation DROP CONSTRAINT nurse_in_one_place")
    monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)
    outcomes = race_for_the_last_day(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 2}
    assert "a nurse in two places" in faults()


def test_of_eight_who_want_four_weeks_of_two_nurses_each_is_held_whole_or_not_at_all(
    world: World,
) -> None:
    for name in ("nina", "nora"):
        nurse = world.nurse(name)
        for day in range(1, 24, 2):
            world.shift(nurse, TODAY + timedelta(days=day), starts=8, ends=14)
    patients = [world.patient(f"patient {number}") for number in range(8)]
    homes = [world.home(patient) for patient in patients]
    outcomes = race([partial(hold, who, home) for who, home in zip(patients, homes, strict=True)])
    held = [one for one in outcomes if isinstance(one, UUID)]
    assert all(isinstance(one, UUID | Conflict) for one in outcomes), outcomes
    assert len(held) >= 2
    assert (faults(), halves()) == ({}, [])
    assert {one.id for one in Series.objects.all()} == set(held)


def test_what_is_booked_and_given_back_at_once_is_one_of_both(world: World) -> None:
    nina = world.nurse("nina")
    for day in (1, 8, 15):
        world.shift(nina, TODAY + timedelta(days=day))
    series_id = hold(world.alice, world.home(world.alice))
    booked, given_back = (
        partial(book_series, series_id, companion_id=None),
        partial(give_back_series, series_id),
    )
    outcomes = race([partial(verb, by=world.alice, now=NOW) for verb in (booked, given_back) * 2])
    assert Counter(map(type, outcomes)).keys() <= {type(None), Conflict}
    series = Series.objects.get()
    visits = {"booked": 3, "given_back": 0}[series.state]
    assert (Visit.objects.count(), Hold.objects.count()) == (visits, 0)
    assert faults() == {}
