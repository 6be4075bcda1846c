"""Two hundred clients want one slot at once, of a real gunicorn: one gets it, no one else does."""

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from api.slot_id import Offered, slot_id
from dispatch.domain.people import Actor
from dispatch.models import Location, Reservation
from dispatch.selectors.slots import Slot
from tests.builders import NOW, WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import post, set_clock, start_api, token_of
from tests.launching import Launcher

pytestmark = pytest.mark.journey

CLIENTS = 200


@pytest.fixture
def url(launch: Launcher, services_env: dict[str, str]) -> str:
    return start_api(launch, services_env)


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    return world


def test_of_200_patients_who_want_one_hour_of_one_nurse_one_gets_it(
    world: World, url: str, fresh_database: Clone, postgres_log: Path, record_property
) -> None:
    patients = [world.patient(f"patient {number}") for number in range(CLIENTS)]
    homes = [
        world.home(patient, (WASHINGTON[0], WASHINGTON[1] + number / 10_000))
        for number, patient in enumerate(patients)
    ]
    slot = slot_at_ten(world, homes[0])

    answers = race(
        [
            partial(take, url, patient, offered(world, slot, home))
            for patient, home in zip(patients, homes, strict=True)
        ]
    )

    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    assert {answer.body["code"] for answer in answers if answer.status == 409} == {"slot_taken"}
    assert (faults(), Reservation.objects.count()) == ({}, 1)
    assert not deadlocks(postgres_log, fresh_database)

    record_property("slowest answer, s", max(answer.seconds for answer in answers))

    winner = next(n for n, answer in enumerate(answers) if answer.status == 201)
    hold = answers[winner].body["id"]
    assert post(url, "visits", token_of(patients[winner]), {"hold": hold}).status == 201


def test_of_200_posts_of_one_slot_by_one_patient_one_is_taken(
    world: World, url: str, fresh_database: Clone, postgres_log: Path
) -> None:
    home = world.home(world.alice)
    wanted = offered(world, slot_at_ten(world, home), home)

    answers = race([partial(take, url, world.alice, wanted)] * CLIENTS)

    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    assert (faults(), Reservation.objects.count()) == ({}, 1)
    assert not deadlocks(postgres_log, fresh_database)


def test_of_200_bookings_of_one_hold_one_is_a_visit(
    world: World, url: str, fresh_database: Clone, postgres_log: Path
) -> None:
    home = world.home(world.alice)
    hold = str(world.hold(slot_at_ten(world, home), home, world.alice))
    token = token_of(world.alice)

    answers = race([partial(post, url, "visits", token, {"hold": hold})] * CLIENTS)

    outcomes = Counter(answer.status for answer in answers)
    assert outcomes.pop(201) == 1
    assert outcomes.keys() <= {404, 409}, "a hold that was booked is gone"
    assert (faults(), Reservation.objects.count()) == ({}, 1)
    assert not deadlocks(postgres_log, fresh_database)


def take(url: str, patient: Actor, slot: str) -> object:
    return post(url, "holds", token_of(patient), {"slot": slot})


def slot_at_ten(world: World, home: Location) -> Slot:
    (slot,) = (one for one in world.slots(home) if one.start == at(10))
    return slot


def offered(world: World, slot: Slot, home: Location) -> str:
    return slot_id(Offered(slot, home.id, world.protocol_row().id, None))


def deadlocks(log: Path, database: Clone) -> list[str]:
    """Lines about this test's own database, as other tests write to the log at the same time."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if f" {database.name} " in line and "deadlock detected" in line]
