"""Times the pure slot query over whole markets and checks its answers by driving every route."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from uuid import UUID

import numpy as np

from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Credential, Nurse, Point, Request, Shift, Stop
from dispatch.planning.slots import offers
from tests.planning import oracle

HOUR, DAY = 3600, 86_400
DAYS, HOURS, LOAD = 14, 9, 0.75
WINDOW = HOUR // 2
STATES = ("DC", "MD", "VA")
TRAVEL = GeodesicTravel(detour=1.3, speed_kmh=40, park_s=180)
STARTS = [day * DAY + (8 + 2 * slot) * HOUR for day in range(DAYS) for slot in range(5)]


def main() -> None:
    """Two markets of 75 % load over 14 days; 70 starts a query, one request in three states."""
    rows = {
        f"{nurses}x{DAYS}": measure(nurses, checks) for nurses, checks in ((40, 500), (500, 50))
    }
    print(json.dumps({"benchmark": "slots", **rows}))


def measure(nurses: int, checks: int) -> dict[str, float]:
    """Milliseconds of build and query, and the starts on which a brute force disagrees."""
    draw = random.Random(nurses)
    shifts = [shift for number in range(nurses) for shift in fortnight(draw, number)]
    begun = time.perf_counter()
    gaps = Gaps.of(shifts, TRAVEL, 0)
    built = time.perf_counter() - begun
    requests = [ask(draw) for _ in range(300)]
    offers(gaps, requests[0], STARTS, WINDOW)
    times = [clocked(gaps, request) for request in requests]
    wrong = sum(disagrees(gaps, draw.choice(requests), draw.choice(STARTS)) for _ in range(checks))
    return {
        "bookings": sum(len(shift.stops) for shift in shifts),
        "gaps": len(gaps.open.leg),
        "build_ms": round(built * 1e3, 1),
        "p50_ms": round(float(np.percentile(times, 50)) * 1e3, 3),
        "p99_ms": round(float(np.percentile(times, 99)) * 1e3, 3),
        "offers_mean": round(
            float(np.mean([len(offers(gaps, r, STARTS, WINDOW)) for r in requests[:50]])), 1
        ),
        "checks": checks,
        "mismatches": wrong,
    }


def clocked(gaps: Gaps, request: Request) -> float:
    begun = time.perf_counter()
    offers(gaps, request, STARTS, WINDOW)
    return time.perf_counter() - begun


def place(draw: random.Random) -> Point:
    return Point(round(draw.gauss(38.9, 0.12), 6), round(draw.gauss(-77.05, 0.15), 6))


def ask(draw: random.Random) -> Request:
    state, service = draw.choice(STATES), draw.randrange(30, 181, 15) * 60
    return Request(place(draw), state, service, 0, DAYS * DAY, frozenset({"acls"}))


def fortnight(draw: random.Random, number: int) -> Iterator[Shift]:
    """One nurse's shifts; now and then a licence or certificate ends within the fortnight."""
    until = draw.choice([DAYS * DAY * 2] * 4 + [draw.randrange(DAYS * DAY)])
    licences = tuple(Credential(s, 0, until) for s in draw.sample(STATES, draw.randint(1, 3)))
    nurse = Nurse(UUID(int=number), licences, (Credential("acls", 0, DAYS * DAY * 2),))
    home = place(draw)
    for day in range(DAYS):
        start = day * DAY + draw.choice((7, 8, 9)) * HOUR
        shift = Shift(UUID(int=number * 100 + day), nurse, start, start + HOURS * HOUR, home)
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


@cache
def seconds(a: Point, b: Point) -> int:
    return int(TRAVEL.legs([a, b])[0])


def disagrees(gaps: Gaps, request: Request, start: int) -> bool:
    """Whether the least detour at one start is not what driving every route finds."""
    stop = Stop(UUID(int=0), request.point, start, start + WINDOW, request.service, start)
    near = (s for s in gaps.shifts if s.start <= stop.latest and start <= s.end)
    found = [oracle.insertions(shift, request, stop, seconds, gaps.now) for shift in near]
    least = min((each[0] for places in found for each in places), default=None)
    offered = offers(gaps, request, [start], WINDOW)
    return (offered[0].detour_s if offered else None) != least


if __name__ == "__main__":
    main()
