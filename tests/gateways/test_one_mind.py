"""However an engine comes and goes, one piece of work answers each pair with the same seconds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.gateways.calling import Breaker, EngineFailed
from dispatch.gateways.engines import NO_ROAD_S, OFF_MAP, PairRefused
from dispatch.gateways.road_memory import RoadMemory
from dispatch.gateways.roads import Roads, RoadTravel
from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.problem import Point

GEODESIC = GeodesicTravel(1.3, 38.0, 60)
TOWN = [Point(38.8 + row / 50, -77.0 - row / 70) for row in range(8)]
FATES = ["answers", "answers", "answers", "fails", "refuses"]


class Fickle:
    """An engine of at most three places a side that answers by a table, as its fate will have it.

    It refuses only tables of more than one pair, as engines do.
    """

    name, half = "fickle", 3

    def __init__(self, seconds: list[list[int]], fates: Iterator[str]) -> None:
        self.seconds, self.fates = seconds, fates

    def table(self, origins, destinations):
        assert max(len(origins), len(destinations)) <= self.half
        fate = next(self.fates, "answers")
        if fate == "fails":
            raise EngineFailed("fate")
        if fate == "refuses" and len(origins) * len(destinations) > 1:
            raise PairRefused
        return np.array([[self.tell(a, b) for b in destinations] for a in origins])

    def legs(self, path):
        assert len(path) <= self.half + 1
        return np.diagonal(self.table(path[:-1], path[1:]))

    def tell(self, a, b):
        rows = [(round(place.lat, 5), round(place.lng, 5)) for place in TOWN]
        return self.seconds[rows.index(a)][rows.index(b)]


seconds = st.lists(
    st.lists(st.sampled_from([0, 7, 300, 4000, NO_ROAD_S, OFF_MAP]), min_size=8, max_size=8),
    min_size=8,
    max_size=8,
)
paths = st.lists(st.sampled_from(TOWN), min_size=2, max_size=9)


@settings(max_examples=150, deadline=None)
@given(seconds, st.lists(st.sampled_from(FATES), max_size=30), st.lists(paths, max_size=5))
def test_every_answer_is_the_engines_or_the_geodesic_and_stays_what_it_was(table, fates, asked):
    engine = Fickle(table, iter(fates))
    memory = RoadMemory(secrets.token_hex(8))
    works = [RoadTravel(Roads(engine, memory, Breaker(rest_s=0)), GEODESIC) for _ in range(2)]
    answers: list[dict] = [{}, {}]
    for number, path in enumerate(asked):
        work, known = works[number % 2], answers[number % 2]
        legs = work.legs(path).tolist()
        matrix = work.matrix(path, path[:4]).tolist()
        told = [((a, b), leg) for (a, b), leg in zip(pairwise(path), legs, strict=True)]
        told += [((a, b), matrix[i][j]) for i, a in enumerate(path) for j, b in enumerate(path[:4])]
        for (a, b), answer in told:
            assert known.setdefault((a, b), answer) == answer
            assert answer in acceptable(table, a, b)
        if engine_never_failed(fates):
            assert all(answer == acceptable(table, *pair)[0] for pair, answer in told)


def acceptable(table, a, b):
    """By road, and geodesic; the latter alone where the engine does not know the place."""
    if a == b:
        return [0]
    guess, driving = int(GEODESIC.legs([a, b])[0]), table[TOWN.index(a)][TOWN.index(b)]
    return [guess] if driving == OFF_MAP else [driving + 60, guess]


def engine_never_failed(fates):
    return "fails" not in fates
