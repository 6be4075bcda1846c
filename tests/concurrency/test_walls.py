"""Each wall against a double booking alone, both, and – to show that the race is real – neither."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from dispatch import schedule
from dispatch.domain.errors import Conflict
from dispatch.models import Reservation
from tests.builders import WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

CONTESTANTS = 3
CONSTRAINTS = ("nurse_in_one_place", "patient_in_one_visit")


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


@pytest.fixture
def constraints_off(fresh_database: Clone) -> Callable[[], None]:
    def drop() -> None:
        with psycopg.connect(fresh_database.owner_url) as owner:
            for name in CONSTRAINTS:
                owner.execute(f"ALTER TABLE reservation DROP CONSTRAINT {name}")

    return drop


@pytest.fixture
def locks_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def switch_off() -> None:
        monkeypatch.setattr(schedule, "lock", lambda *_shifts, **_named: None)

    return switch_off


def test_without_lock_and_constraint_the_nurse_is_booked_twice(
    world: World, constraints_off, locks_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off()
    locks_off()
    outcomes = patients_race_for_one_nurse(world, monkeypatch)
    assert len(winners(outcomes)) == CONTESTANTS
    assert "a nurse in two places" in faults()


def test_the_lock_alone_leaves_one_winner(
    world: World, constraints_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off()
    outcomes = patients_race_for_one_nurse(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: CONTESTANTS - 1}
    assert (faults(), Reservation.objects.count()) == ({}, 1)


def test_the_constraint_alone_leaves_one_winner(
    world: World, locks_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The losers may have to wait for a deadlock to be broken: that is what the lock is for."""
    locks_off()
    outcomes = patients_race_for_one_nurse(world, monkeypatch)
    assert len(winners(outcomes)) == 1
    assert {type(one) for one in outcomes} <= {UUID, Conflict, OperationalError}
    assert (faults(), Reservation.objects.count()) == ({}, 1)


def test_lock_and_constraint_leave_one_winner(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = patients_race_for_one_nurse(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: CONTESTANTS - 1}
    assert (faults(), Reservation.objects.count()) == ({}, 1)


def test_one_patient_cannot_take_one_hour_of_two_nurses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = one_patient_races_for_two_nurses(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}, "and nobody was deadlocked"
    assert faults() == {}


def test_the_patients_lock_alone_keeps_a_patient_from_two_nurses(
    world: World, constraints_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off()
    outcomes = one_patient_races_for_two_nurses(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {UUID: 1, Conflict: 1}
    assert faults() == {}


def test_the_constraint_alone_keeps_a_patient_from_two_nurses(
    world: World, locks_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks_off()
    outcomes = one_patient_races_for_two_nurses(world, monkeypatch)
    assert len(winners(outcomes)) == 1
    assert {type(one) for one in outcomes} <= {UUID, Conflict, OperationalError}
    assert faults() == {}


def test_without_lock_and_constraint_a_patient_takes_two_nurses_at_once(
    world: World, constraints_off, locks_off, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off()
    locks_off()
    assert len(winners(one_patient_races_for_two_nurses(world, monkeypatch))) == 2
    assert "a patient in two visits" in faults()


def test_two_stops_change_places_in_one_transaction(world: World) -> None:
    with transaction.atomic():
        change_places(*two_stops(world))
    assert faults().keys() <= {"a start outside the promised window"}


def test_stops_cannot_change_places_where_the_constraint_is_checked_at_every_row(
    world: World,
) -> None:
    stops = two_stops(world)
    with pytest.raises(IntegrityError, match="nurse_in_one_place"), transaction.atomic():
        change_places(*stops, checked="IMMEDIATE")


def test_a_route_that_overlaps_is_refused_at_the_commit(world: World) -> None:
    first, second = two_stops(world)
    with pytest.raises(IntegrityError, match="nurse_in_one_place"), transaction.atomic():
        move(first, to=second)


def patients_race_for_one_nurse(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each has read the nurse's day before any writes, unless a wall keeps them apart."""
    world.shift(world.nurse("nina"))
    patients = [world.patient(f"patient {number}") for number in range(CONTESTANTS)]
    homes = [world.home(patient) for patient in patients]
    (slot,) = (one for one in world.slots(homes[0]) if one.start == at(10))
    meeting = Meeting()
    monkeypatch.setattr(schedule, "retime", meeting.before(schedule.retime))
    return race(
        [
            partial(world.hold, slot, home, patient)
            for home, patient in zip(homes, patients, strict=True)
        ]
    )


def one_patient_races_for_two_nurses(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    nurses = [world.nurse(name) for name in ("nina", "olga")]
    for nurse in nurses:
        world.shift(nurse)
    home = world.home(world.alice)
    slots = [
        next(one for one in world.slots(home, nurse=nurse) if one.start == at(10))
        for nurse in nurses
    ]
    meeting = Meeting()
    monkeypatch.setattr(schedule, "settle", meeting.before(schedule.settle))
    return race([partial(world.hold, slot, home, world.alice) for slot in slots])


def winners(outcomes: list[object]) -> list[object]:
    return [one for one in outcomes if isinstance(one, UUID)]


def two_stops(world: World) -> tuple[Reservation, Reservation]:
    world.shift(world.nurse("nina"))
    for number, hour in enumerate((10, 13)):
        patient = world.patient(f"patient {number}")
        home = world.home(patient, (WASHINGTON[0], WASHINGTON[1] + 0.01 * (number + 1)))
        (slot,) = (one for one in world.slots(home) if one.start == at(hour))
        world.hold(slot, home, patient)
    first, second = Reservation.objects.order_by("start_at")
    return first, second


def change_places(first: Reservation, second: Reservation, checked: str = "DEFERRED") -> None:
    connection.cursor().execute(f"SET CONSTRAINTS ALL {checked}")
    move(first, to=second)
    move(second, to=first)


def move(reservation: Reservation, *, to: Reservation) -> None:
    times = ("leave_at", "start_at", "infusion_from", "infusion_until", "end_at")
    Reservation.objects.filter(id=reservation.id).update(
        **{name: getattr(to, name) for name in times}
    )
