"""Against a real OSRM and a real Valhalla over a map of Helsinki: tables and legs agree."""

from __future__ import annotations

import json
import math
import random
import secrets
from itertools import pairwise
from urllib.request import Request, urlopen

import pytest

from dispatch.gateways.engines import NO_ROAD_S
from dispatch.gateways.roads import roads, travel_with
from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.problem import Point

PARK_S = 200
GEODESIC = GeodesicTravel(1.3, 38.0, PARK_S)


def helsinki(count, seed=1):
    chance = random.Random(seed)
    return [
        Point(round(chance.uniform(60.16, 60.175), 5), round(chance.uniform(24.93, 24.96), 5))
        for _ in range(count)
    ]


@pytest.fixture
def travel(settings):
    def over(kind, url):
        settings.ROUTING_ENGINE, settings.ROUTING_URL = kind, url
        settings.ROUTING_PROFILE = {"osrm": "driving", "valhalla": "auto"}[kind]
        return travel_with(1.3, 38.0, PARK_S)

    return over


@pytest.fixture(params=["osrm", "valhalla"])
def asked(request, travel):
    """A fresh piece of work over either engine, that remembers nothing."""
    kind, url = request.param, request.getfixturevalue(request.param)

    def anew():
        found = travel(kind, url)
        roads().memory.name = secrets.token_hex(8)
        roads().memory.forget()
        return found

    return anew


def told_by_osrm(url, a, b):
    """The drive as OSRM tells it for this pair alone, or None."""
    path = f"{a.lng},{a.lat};{b.lng},{b.lat}?overview=false"
    try:
        with urlopen(f"{url}/route/v1/driving/{path}") as answer:  # noqa: S310
            return json.load(answer)["routes"][0]["duration"]
    except OSError:
        return None


def told_by_valhalla(url, a, b):
    places = [[{"lat": one.lat, "lon": one.lng}] for one in (a, b)]
    body = {"sources": places[0], "targets": places[1], "costing": "auto", "verbose": False}
    request = Request(f"{url}/sources_to_targets", json.dumps(body).encode())  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        return json.load(answer)["sources_to_targets"]["durations"][0][0]


@pytest.mark.parametrize(("kind", "told"), [("osrm", told_by_osrm), ("valhalla", told_by_valhalla)])
def test_a_matrix_is_what_the_engine_tells_of_each_pair_alone(kind, told, travel, request):
    url, places = request.getfixturevalue(kind), helsinki(12)
    matrix = travel(kind, url).matrix(places, places)
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            alone = told(url, a, b)
            driving = NO_ROAD_S if alone is None else math.ceil(alone)
            assert matrix[i, j] == (0 if i == j else driving + PARK_S)
    assert NO_ROAD_S + PARK_S in matrix, "the map ends in streets that lead nowhere"


def test_legs_and_matrix_agree_on_every_pair_whichever_is_asked_first(asked):
    places = helsinki(60, seed=2)
    matrix, legs = asked().matrix(places, places), asked().legs(places)
    assert legs.tolist() == [int(matrix[i, i + 1]) for i in range(len(places) - 1)]
    assert roads().guessed == 0


def test_a_route_through_connected_places_agrees_with_the_table(asked):
    """Asked in one call, as no leg of it ends nowhere."""
    places = helsinki(60, seed=3)
    matrix = asked().matrix(places, places)
    joined = [n for n in range(60) if (matrix[n] < NO_ROAD_S).sum() > 30]
    joined = [n for n in joined if all(matrix[m, n] < NO_ROAD_S for m in joined)]
    assert len(joined) > 20
    legs = asked().legs([places[n] for n in joined])
    assert legs.tolist() == [int(matrix[m, n]) for m, n in pairwise(joined)]


def test_a_pair_has_the_same_seconds_in_whatever_company_it_is_asked(asked):
    places = helsinki(110, seed=4)
    matrix = asked().matrix(places, places)
    assert matrix.shape == (110, 110)
    chance = random.Random(4)
    for _ in range(20):
        i, j = chance.sample(range(110), 2)
        assert asked().matrix([places[i]], [places[j]])[0, 0] == matrix[i, j]


def test_a_place_off_the_map_is_geodesic_and_spoils_no_other(asked):
    far = Point(60.3, 25.3)
    places = [*helsinki(9, seed=5), far]
    work = asked()
    matrix, guess = work.matrix(places, places), GEODESIC.matrix(places, places)
    assert matrix[9].tolist() == guess[9].tolist()
    assert matrix[:, 9].tolist() == guess[:, 9].tolist()
    assert (matrix[:9, :9] == asked().matrix(places[:9], places[:9])).all()
    assert work.guesses == 18
    assert not roads().breaker.is_open
