"""Small worlds for the planner's tests: drives in a table, nurses and routes, drawn or spelled."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from dispatch.planning.draft import Wish
from dispatch.planning.problem import Credential, Nurse, Point, Request, Shift, Stop

ALWAYS = (0, 10**9)
CERTIFICATES = frozenset({"acls"})


@dataclass(frozen=True)
class TableTravel:
    """Drives looked up in a table: a point's latitude is its row."""

    table: tuple[tuple[int, ...], ...]

    def seconds(self, a, b):
        return 0 if a == b else self.table[int(a.lat)][int(b.lat)]

    def matrix(self, origins, destinations):
        rows = [[self.seconds(a, b) for b in destinations] for a in origins]
        return np.array(rows, dtype=np.int64).reshape(len(origins), len(destinations))

    def legs(self, path):
        return np.array([self.seconds(a, b) for a, b in pairwise(path)], dtype=np.int64)


def at(row):
    return Point(float(row), 0.0)


def nurse(number=1, licence=ALWAYS, certificate=ALWAYS, state="VA"):
    return Nurse(
        UUID(int=number), (Credential(state, *licence),), (Credential("acls", *certificate),)
    )


def stop(number=100, row=1, earliest=0, latest=1000, service=10, start=0, *, fixed=False):
    return Stop(UUID(int=number), at(row), earliest, latest, service, start, fixed)


def shift(*stops, number=1, start=0, end=1000, who=None):
    return Shift(UUID(int=number + 1000), who or nurse(number), start, end, at(0), tuple(stops))


def request(row=2, earliest=0, latest=1000, service=10, *, state="VA", asked=None):
    return Request(at(row), state, service, earliest, latest, CERTIFICATES, asked)


PLACES = 5
rows = st.integers(0, PLACES - 1)
tables = st.lists(
    st.lists(st.integers(0, 12), min_size=PLACES, max_size=PLACES).map(tuple),
    min_size=PLACES,
    max_size=PLACES,
).map(lambda table: TableTravel(tuple(table)))
spans = st.one_of(
    st.just(ALWAYS), st.tuples(st.integers(-5, 60), st.integers(0, 90)), st.just((0, 40))
)


@st.composite
def credentials(draw, code):
    return tuple(
        Credential(draw(st.sampled_from([code, code, code, "MD"])), *draw(spans))
        for _ in range(draw(st.integers(0, 3)))
    )


@st.composite
def nurses(draw, number):
    if draw(st.booleans()):
        return nurse(number)
    return Nurse(UUID(int=number), draw(credentials("VA")), draw(credentials("acls")))


@st.composite
def stops(draw, number):
    earliest = draw(st.integers(0, 70))
    return Stop(
        UUID(int=number),
        at(draw(rows)),
        earliest,
        earliest + draw(st.integers(0, 40)),
        draw(st.integers(0, 15)),
        draw(st.integers(0, 90)),
        draw(st.integers(0, 5)) == 0,
    )


@st.composite
def shifts(draw, number):
    start = draw(st.integers(0, 30))
    return Shift(
        UUID(int=1000 + number),
        draw(nurses(number)),
        start,
        start + draw(st.integers(0, 90)),
        at(draw(rows)),
        tuple(draw(stops(number * 10 + k)) for k in range(draw(st.integers(0, 4)))),
    )


@st.composite
def markets(draw):
    return tuple(draw(shifts(number)) for number in range(1, draw(st.integers(1, 4)) + 1))


@st.composite
def requests(draw):
    earliest = draw(st.integers(0, 70))
    return Request(
        at(draw(rows)),
        draw(st.sampled_from(["VA", "VA", "VA", "MD"])),
        draw(st.integers(0, 15)),
        earliest,
        earliest + draw(st.integers(0, 30)),
        draw(st.sampled_from([CERTIFICATES, frozenset()])),
        draw(st.sampled_from([None, None, None, UUID(int=1)])),
        known=draw(st.frozensets(st.sampled_from([UUID(int=1), UUID(int=2)]))),
    )


nows = st.sampled_from([0, 0, 10, 40])


def wish_for(one: Stop, **more) -> Wish:
    asked = Request(one.point, "VA", one.service, one.earliest, one.latest, CERTIFICATES)
    return Wish(one.id, asked, (asked,), **more)


def drives(*pairs):
    """Drives of five seconds, but for the pairs given."""
    table = [[5 if a != b else 0 for b in range(PLACES)] for a in range(PLACES)]
    for a, b, s in pairs:
        table[a][b] = table[b][a] = s
    return TableTravel(tuple(map(tuple, table)))
