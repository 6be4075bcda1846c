"""Driving times agree with the geodesic, round up, and are nothing on the spot."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.gateways.travel import GeodesicTravel, distance_m
from dispatch.planning.problem import Places, Point

METRES = GeodesicTravel(detour=1.0, speed_kmh=0.0036, park_s=0)
"""A millimetre a second: seconds read as millimetres."""

points = st.builds(Point, st.floats(18.0, 71.5), st.floats(-179.0, -65.0))


def millimetres(a, b):
    return geodesic((a.lat, a.lng), (b.lat, b.lng)).m * 1000


def agrees(seconds, a, b):
    return abs(seconds - millimetres(a, b)) <= 0.005 * millimetres(a, b) + 1


@settings(max_examples=400, deadline=None)
@given(st.lists(points, min_size=1, max_size=4), st.lists(points, min_size=1, max_size=4))
def test_every_pair_in_the_united_states_is_within_half_a_percent(origins, destinations):
    seconds = METRES.matrix(origins, destinations)
    assert seconds.shape == (len(origins), len(destinations))
    for i, a in enumerate(origins):
        for j, b in enumerate(destinations):
            assert agrees(seconds[i, j], a, b)


@settings(max_examples=400, deadline=None)
@given(points, st.floats(-0.001, 0.001), st.floats(-0.001, 0.001))
def test_neighbours_are_within_half_a_percent(a, north, east):
    b = Point(a.lat + north, a.lng + east)
    assert agrees(METRES.legs([a, b])[0], a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Point(25.0, -80.0), Point(48.0, -80.0)),
        (Point(38.9, -124.0), Point(38.9, -67.0)),
        (Point(38.9, -77.0), Point(38.9 + 1e-5, -77.0)),
        (Point(38.9, -77.0), Point(38.9, -77.0 + 1e-5)),
        (Point(0.0, -77.0), Point(0.0, -76.0)),
        (Point(52.0, 179.9), Point(52.0, -179.9)),
    ],
    ids=["meridian", "parallel", "a metre north", "a metre east", "equator", "date line"],
)
def test_meridians_parallels_and_a_single_metre(a, b):
    assert agrees(METRES.legs([a, b])[0], a, b)


@settings(max_examples=200, deadline=None)
@given(st.lists(points, max_size=30))
def test_legs_and_matrix_agree_to_the_second(path):
    travel = GeodesicTravel(1.3, 40.0, 180)
    matrix = travel.matrix(Places(tuple(path)), path)
    legs = travel.legs(path)
    assert legs.tolist() == [int(matrix[i, i + 1]) for i in range(len(path) - 1)]
    assert (matrix == matrix.T).all()


@given(points)
def test_the_same_point_costs_nothing_not_even_parking(a):
    assert GeodesicTravel(1.3, 40.0, 180).legs([a, Point(a.lat, a.lng)]).tolist() == [0]


@settings(deadline=None)
@given(points, points)
def test_seconds_are_metres_by_detour_and_speed_plus_parking_rounded_up(a, b):
    seconds = GeodesicTravel(1.3, 40.0, 180).matrix([a], [b])[0, 0]
    exact = distance_m(a, b) * 1.3 / (40 / 3.6) + (180 if a != b else 0)
    assert seconds == pytest.approx(exact, rel=0.005, abs=1)
    assert seconds.dtype == np.int64


def test_a_metre_still_needs_parking_and_a_whole_second():
    travel = GeodesicTravel(1.0, 3.6, 60)
    a, b = Point(38.9, -77.0), Point(38.90001, -77.0)
    assert travel.legs([a, b])[0] == 60 + math.ceil(distance_m(a, b))


def test_no_points_no_legs():
    assert METRES.legs([]).shape == (0,)
    assert METRES.matrix([], [Point(1, 1)]).shape == (0, 1)


def test_places_read_like_the_points_they_hold():
    path = (Point(1.0, 2.0), Point(3.0, 4.0), Point(5.0, 6.0))
    places = Places(path)
    assert (len(places), places[1], places[1:]) == (3, path[1], path[1:])
    assert list(pairwise(places)) == list(pairwise(path))


@pytest.mark.parametrize("bad", [(0.9, 40, 0), (1.3, 0, 0), (1.3, -1, 0), (1.3, 40, -1)])
def test_nonsense_is_refused(bad):
    with pytest.raises(ValueError, match="detour must be at least 1"):
        GeodesicTravel(*bad)
