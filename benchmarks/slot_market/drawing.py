"""A market of any size, drawn: nurses over a fortnight, booked to three quarters of their time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.problem import Credential, Nurse, Point, Request, Shift, Stop

HOUR, DAY = 3600, 86_400
DAYS, HOURS, LOAD = 14, 9, 0.75
WINDOW = HOUR // 2
STATES = ("DC", "MD", "VA")
TRAVEL = GeodesicTravel(detour=1.3, speed_kmh=40, park_s=180)
STARTS = [day * DAY + (8 + 2 * slot) * HOUR for day in range(DAYS) for slot in range(5)]


def market(nurses: int) -> tuple[random.Random, list[Shift]]:
    """The same for the same number, and the chance to go on with."""
    draw = random.Random(nurses)
    shifts = [shift for number in range(nurses) for shift in fortnight(draw, number)]
    return draw, sorted(shifts, key=lambda shift: shift.id)


def place(draw: random.Random) -> Point:
    return Point(round(draw.gauss(38.9, 0.12), 6), round(draw.gauss(-77.05, 0.15), 6))


def ask(draw: random.Random) -> Request:
    state, service = draw.choice(STATES), draw.randrange(30, 181, 15) * 60
    known = frozenset(UUID(int=draw.randrange(500)) for _ in range(draw.randrange(3)))
    return Request(place(draw), state, service, 0, DAYS * DAY, frozenset({"acls"}), known=known)


def fortnight(draw: random.Random, number: int) -> Iterator[Shift]:
    """One nurse's shifts; now and then a licence or certificate ends within the fortnight."""
    until = draw.choice([DAYS * DAY * 2] * 4 + [draw.randrange(DAYS * DAY)])
    licences = tuple(Credential(s, 0, until) for s in draw.sample(STATES, draw.randint(1, 3)))
    nurse = Nurse(UUID(int=number), licences, (Credential("acls", 0, DAYS * DAY * 2),))
    home = place(draw)
    for day in range(DAYS):
        start = day * DAY + draw.choice((7, 8, 9)) * HOUR
        shift = Shift(
            UUID(int=(1 << 64) + number * 100 + day), nurse, start, start + HOURS * HOUR, home
        )
        yield replace(shift, stops=tuple(booked(draw, shift)))


def booked(draw: random.Random, shift: Shift) -> Iterator[Stop]:
    """Stops one after the other, with pauses, until 75 % of the shift is taken."""
    here, clock, busy = shift.home, shift.start, 0
    while True:
        point, service = place(draw), draw.randrange(30, 151, 15) * 60
        leg, back = TRAVEL.legs([here, point, shift.home]).tolist()
        start = clock + leg + draw.randrange(0, HOUR // 2)
        busy += leg + service
        if busy > LOAD * (shift.end - shift.start) or start + service + back > shift.end:
            return
        yield Stop(UUID(int=draw.getrandbits(64)), point, start - 900, start + 900, service, start)
        here, clock = point, start + service
