"""Drives by road: the engine's seconds, remembered; geodesic, and marked so, where it fails."""

from __future__ import annotations

import logging
import math
import random
from itertools import pairwise
from time import monotonic

import pytest
import redis

from dispatch.gateways.calling import Breaker
from dispatch.gateways.engines import NO_ROAD_S
from dispatch.gateways.roads import roads, travel_with
from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.problem import Places, Point
from tests.gateways.stand_in import ISLAND, SEA, StandIn, drive

PARK_S = 240
BUSY_S = 10
"""What takes no time, on a busy machine; twenty who waited would take longer."""
GEODESIC = GeodesicTravel(1.3, 38.0, PARK_S)
FAULTS = [
    "500", "hangs", "trickles", "cut short", "no object", "empty", "another code",
    "too small a table", "ragged", "words", "below zero", "without end", "no waypoints",
]  # fmt: skip


def travel():
    return travel_with(1.3, 38.0, PARK_S)


def town(count, seed=1):
    chance = random.Random(seed)
    return [
        Point(round(chance.uniform(38.8, 39.0), 5), round(chance.uniform(-77.2, -77.0), 5))
        for _ in range(count)
    ]


def by_road(a, b):
    driving = drive((a.lat, a.lng), (b.lat, b.lng))
    return 0 if a == b else PARK_S + math.ceil(NO_ROAD_S if driving is None else driving)


def table(origins, destinations):
    return [[by_road(a, b) for b in destinations] for a in origins]


def wait_over(monkeypatch):
    """The engine has been left alone for long enough."""
    monkeypatch.setattr(Breaker, "rest_s", 0.0, raising=False)
    roads().breaker.rest_s = 0.0


def test_without_an_engine_drives_are_geodesic(settings):
    assert settings.ROUTING_ENGINE == ""
    assert travel() == GEODESIC


def test_matrix_and_legs_are_the_engines_seconds_rounded_up_and_parking(engine: StandIn):
    places = [*town(7), town(7)[2]]
    asked = travel()
    assert asked.matrix(Places(tuple(places)), places[:3]).tolist() == table(places, places[:3])
    assert asked.legs(places).tolist() == [by_road(a, b) for a, b in pairwise(places)]
    assert travel().legs(places).tolist() == asked.legs(places).tolist()
    assert (asked.guesses, roads().guessed) == (0, 0)


def test_a_route_agrees_with_the_table_and_is_one_call(engine: StandIn):
    places = town(8, seed=2)
    assert travel().legs(places).tolist() == [by_road(a, b) for a, b in pairwise(places)]
    (call,) = engine.asked
    assert call.startswith("/route/")


def test_a_large_matrix_is_asked_in_tables_the_engine_accepts(engine: StandIn):
    origins, destinations = town(120, seed=3), town(70, seed=4)
    assert travel().matrix(origins, destinations).tolist() == table(origins, destinations)
    assert len(engine.asked) == 3 * 2


def test_tables_larger_than_the_engine_accepts_are_geodesic_and_not_cached(
    engine: StandIn, settings
):
    settings.ROUTING_TABLE_SIZE = 300
    origins = town(110, seed=5)
    assert (travel().matrix(origins, origins) == GEODESIC.matrix(origins, origins)).all()
    settings.ROUTING_TABLE_SIZE = 100
    assert travel().matrix(origins, origins[:1]).tolist() == table(origins, origins[:1])


def test_what_was_told_is_not_asked_again_not_even_by_another_process(engine: StandIn):
    places = town(6)
    first = travel().matrix(places, places)
    calls = len(engine.asked)
    roads().memory.forget()
    assert (travel().matrix(places, places) == first).all()
    assert len(engine.asked) == calls
    assert roads().memory._own, "and the process knows it again"


def test_keys_and_values_of_the_cache_tell_no_coordinates(engine: StandIn, settings):
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        before = set(server.scan_iter("*road.*"))
        travel().matrix(town(3), town(3))
        ours = set(server.scan_iter("*road.*")) - before
        assert len(ours) >= 6
        assert {len(key.split(b"road.")[1]) for key in ours} == {32}
        assert all(0 < server.ttl(key) <= 7 * 24 * 3600 for key in ours)
        assert all(server.get(key).isdigit() for key in ours)


def test_without_the_cache_the_engine_is_asked(engine: StandIn, settings):
    options = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
    dead = {"BACKEND": "config.cache.WillingCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": dead | {"OPTIONS": options}}
    places = town(5)
    began = monotonic()
    assert travel().matrix(places, places).tolist() == table(places, places)
    roads().memory.forget()
    assert travel().matrix(places, places).tolist() == table(places, places)
    assert monotonic() - began < BUSY_S


def test_where_no_road_leads_the_drive_is_longer_than_any_shift(engine: StandIn):
    here, island = Point(38.9, -77.0), Point(ISLAND + 0.1, -77.0)
    further = Point(38.95, -77.01)
    path = [here, further, island, here]
    expected = [by_road(a, b) for a, b in pairwise(path)]
    assert expected[1] == NO_ROAD_S + PARK_S
    assert travel().legs(path).tolist() == expected
    assert travel().matrix(path, path).tolist() == table(path, path)
    assert roads().guessed == 0


def test_a_place_off_the_map_is_reached_geodesic_and_marked(engine: StandIn):
    here, there, sea = Point(38.9, -77.0), Point(38.95, -77.01), Point(SEA - 0.5, -77.0)
    path = [here, there, sea, there]
    asked = travel()
    told, guess = asked.matrix(path, path), GEODESIC.matrix(path, path)
    assert told[0, 1] == by_road(here, there)
    assert told[2].tolist() == guess[2].tolist()
    assert told[:, 2].tolist() == guess[:, 2].tolist()
    assert asked.legs(path).tolist() == [told[0, 1], guess[1, 2], guess[2, 3]]
    assert asked.guesses == 6 + 2
    calls = len(engine.asked)
    roads().memory.forget()
    assert travel().legs(path).tolist() == [told[0, 1], guess[1, 2], guess[2, 3]]
    assert len(engine.asked) == calls, "that it is off the map is remembered"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("question", ["matrix", "legs"])
def test_an_engine_that_fails_is_replaced_by_the_geodesic_until_it_answers(
    engine: StandIn, fault, question, monkeypatch, settings
):
    engine.fault = fault
    if fault in {"hangs", "trickles"}:
        settings.ROUTING_TIMEOUT_S = 1.0
    places = town(5, seed=6)

    def ask(asked):
        return asked.legs(places) if question == "legs" else asked.matrix(places, places)

    began, early = monotonic(), travel()
    guess = ask(GEODESIC)
    assert (ask(early) == guess).all()
    assert monotonic() - began < BUSY_S
    assert early.guesses == (guess > 0).sum()
    assert roads().breaker.is_open

    engine.fault = ""
    assert (ask(travel()) == guess).all(), "left alone for a while"
    assert len(engine.asked) == 1
    wait_over(monkeypatch)
    late = travel()
    road = [by_road(a, b) for a, b in pairwise(places)]
    assert ask(late).tolist() == (road if question == "legs" else table(places, places))
    assert late.guesses == 0, "no guess was kept"
    assert not roads().breaker.is_open
    assert (ask(early) == guess).all(), "one piece of work keeps the seconds it began with"


def test_an_engine_that_hangs_is_waited_for_once(engine: StandIn, settings):
    engine.fault, settings.ROUTING_TIMEOUT_S = "hangs", 0.6
    began = monotonic()
    for seed in range(20):
        travel().legs(town(4, seed))
    assert monotonic() - began < BUSY_S
    assert len(engine.asked) == 1


def test_without_the_breaker_everybody_waits(engine: StandIn, settings):
    """The control."""
    engine.fault, settings.ROUTING_TIMEOUT_S = "hangs", 0.4
    roads().breaker.rest_s = 0.0
    began = monotonic()
    for seed in range(4):
        travel().legs(town(4, seed))
    assert monotonic() - began > 4 * 0.4
    assert len(engine.asked) == 4


def test_an_engine_that_is_not_there_costs_no_time(settings):
    settings.ROUTING_ENGINE, settings.ROUTING_URL = "osrm", "http://127.0.0.1:1"
    began, places = monotonic(), town(5)
    assert (travel().matrix(places, places) == GEODESIC.matrix(places, places)).all()
    assert monotonic() - began < BUSY_S


def test_what_was_told_before_the_failure_stays_by_road(engine: StandIn):
    engine.fault, engine.well_for = "500", 2
    origins, destinations = town(120, seed=7), town(10, seed=8)
    asked = travel()
    mixed = asked.matrix(origins, destinations)
    assert mixed[:100].tolist() == table(origins[:100], destinations)
    assert (mixed[100:] == GEODESIC.matrix(origins[100:], destinations)).all()
    assert asked.guesses == 20 * 10
    assert (asked.matrix(origins, destinations) == mixed).all()


def test_a_question_that_takes_too_long_is_answered_in_part(engine: StandIn, monkeypatch):
    monkeypatch.setattr("dispatch.gateways.roads.QUESTION_S", -1.0)
    origins = town(60, seed=9)
    asked = travel()
    assert (asked.matrix(origins, origins) == GEODESIC.matrix(origins, origins)).all()
    assert not roads().breaker.is_open, "the engine has done nothing wrong"
    assert asked.guesses == 60 * 59


def test_logs_tell_of_the_failure_and_of_no_place(engine: StandIn, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    engine.fault = "500"
    travel().legs(town(3))
    engine.fault = ""
    wait_over(monkeypatch)
    travel().legs(town(3))
    sentences = [record.getMessage() for record in caplog.records]
    assert [text.split(":")[0] for text in sentences] == [
        "Drives are geodesic", "Drives are by road again"
    ]  # fmt: skip
    assert not any("38." in text or "77." in text for text in sentences)
