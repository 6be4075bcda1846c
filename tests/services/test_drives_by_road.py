"""A slot that was offered by road is taken, whatever becomes of the engine and the cache."""

from time import monotonic

import pytest
from django.test import Client

from dispatch.gateways.calling import client
from dispatch.gateways.roads import roads
from dispatch.models import Reservation
from tests.builders import ARLINGTON, BETHESDA, World, at
from tests.gateways.stand_in import drive, standing_in

pytestmark = pytest.mark.django_db

TIME_OUT_S = 2.0


@pytest.fixture
def engine(settings):
    with standing_in() as engine:
        settings.ROUTING_ENGINE, settings.ROUTING_URL = "osrm", engine.url
        settings.ROUTING_TIMEOUT_S = TIME_OUT_S
        yield engine
    client().close()
    client.cache_clear()


@pytest.fixture
def world():
    world = World()
    world.shift(world.nurse("nina", ARLINGTON))
    return world


def test_the_nurse_leaves_as_early_as_the_road_asks(engine, world):
    home = world.home(world.alice, BETHESDA)
    world.book(home, world.alice, at(10))
    taken = Reservation.objects.get()
    park_s = world.market.park_s
    driving = (taken.start_at - taken.leave_at).total_seconds()
    assert driving == pytest.approx(drive(ARLINGTON, BETHESDA) + park_s, abs=1)
    assert roads().guessed == 0


def test_a_slot_offered_by_road_is_taken_from_memory_after_the_engine_has_died(engine, world):
    home = world.home(world.alice, BETHESDA)
    (slot,) = (one for one in world.slots(home) if one.start == at(10))
    engine.fault = "hangs"
    world.hold(slot, home, world.alice)
    taken = Reservation.objects.get()
    driving = (taken.start_at - taken.leave_at).total_seconds()
    assert driving == pytest.approx(drive(ARLINGTON, BETHESDA) + world.market.park_s, abs=1)


def test_with_engine_and_memory_gone_locks_are_not_held_for_long(engine, world):
    amy = world.patient("amy")
    second = world.home(amy)
    world.book(world.home(world.alice, BETHESDA), world.alice, at(10))
    (slot,) = (one for one in world.slots(second) if one.start == at(15))
    engine.fault = "hangs"
    roads().memory.name, began = "another map", monotonic()
    roads().memory.forget()
    world.hold(slot, second, amy)
    assert monotonic() - began < 2 * TIME_OUT_S, "one time-out, then geodesic"
    assert roads().guessed > 0


def test_readiness_and_metrics_tell_of_an_engine_that_is_down(engine, world):
    def told():
        return Client().get("/readyz").json()["roads"]

    assert told() == {"engine": "osrm driving", "state": "ok", "guessed": 0}
    engine.fault = "500"
    assert world.slots(world.home(world.alice, BETHESDA)), "slots are offered all the same"
    assert told()["state"] == "down"
    assert told()["guessed"] > 0
    page = Client().get("/metrics").content
    assert b"dispatch_roads_down 1.0" in page
    assert b"dispatch_drives_guessed" in page


def test_without_an_engine_readiness_says_geodesic():
    assert Client().get("/readyz").json()["roads"] == {"engine": "geodesic"}
