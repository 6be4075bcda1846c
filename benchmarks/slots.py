"""Times the slot query, alone and over HTTP, and checks its answers by driving every route."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import TypeVar
from uuid import UUID

import numpy as np

from benchmarks.slot_market.drawing import DAYS, STARTS, TRAVEL, WINDOW, ask, market
from benchmarks.slot_market.judging import cannot_be_made, disagrees
from benchmarks.slot_market.serving import Served, served
from dispatch.planning.insertion import Gaps
from dispatch.planning.making_room import make_room
from dispatch.planning.problem import Request, Shift
from dispatch.planning.slots import offers

T = TypeVar("T")
Took = tuple[float, float]

SIZES = ((40, 1800), (500, 200))
QUERIES = 2000
ROOM_CHECKS = 150
REQUESTS = 400


def main() -> None:
    """Two markets of 75 % load over 14 days, 70 starts a query; the larger one is served, too."""
    rows = {f"{nurses}x{DAYS}": measured(nurses, checks) for nurses, checks in SIZES}
    with served(market(500)[1]) as town:
        rows["served"] = answered(town)
    print(
        json.dumps(
            {
                "benchmark": "slots",
                "checks": sum(checks for _, checks in SIZES),
                "mismatches": sum(rows[f"{nurses}x{DAYS}"]["mismatches"] for nurses, _ in SIZES),
                **rows,
            }
        )
    )


def measured(nurses: int, checks: int) -> dict[str, float]:
    """Milliseconds of build, patch and query, and the starts on which a brute force disagrees."""
    draw, shifts = market(nurses)
    built, gaps = clocked(partial(Gaps.of, shifts, TRAVEL, 0))
    requests = [ask(draw) for _ in range(300)]
    times = [
        clocked(partial(offers, gaps, request, STARTS, WINDOW))[0]
        for request in islice(cycle(requests), QUERIES)
    ]
    patches = [clocked(partial(gaps.with_routes, [shift]))[0] for shift in shifts[:100]]
    wrong = sum(disagrees(gaps, draw.choice(requests), draw.choice(STARTS)) for _ in range(checks))
    return {
        "bookings": sum(len(shift.stops) for shift in shifts),
        "gaps": len(gaps.open.leg),
        "build_ms": milliseconds(built[0]),
        "build_cpu_ms": milliseconds(built[1]),
        **percentiles("patch", patches),
        **percentiles("query", times),
        "offers_mean": float(
            np.mean([len(offers(gaps, r, STARTS, WINDOW)) for r in requests[:50]])
        ),
        "checks": checks,
        "mismatches": wrong,
        **roomed(gaps, draw, requests, shifts),
    }


def roomed(
    gaps: Gaps, draw: random.Random, requests: Sequence[Request], shifts: Sequence[Shift]
) -> dict[str, float]:
    """The second tier, for patients who ask for one start at which no route has a gap."""
    movable = {
        stop.id: Request(
            stop.point, draw.choice(("DC", "MD", "VA")), stop.service, stop.earliest, stop.latest,
            frozenset({"acls"}),
        )
        for shift in shifts
        for stop in shift.stops
    }  # fmt: skip
    by_id: dict[UUID, Shift] = {shift.id: shift for shift in shifts}
    times, found, false = [], 0, 0
    for _ in range(ROOM_CHECKS):
        request, start = draw.choice(requests), draw.choice(STARTS)
        if offers(gaps, request, [start], WINDOW):
            continue
        took, made = clocked(partial(make_room, gaps, request, [start], WINDOW, movable))
        times.append(took)
        found += bool(made)
        false += sum(cannot_be_made(offer, request, by_id, movable) for offer in made)
    shares = {"room_asked": len(times), "room_found": found, "room_false": false}
    return shares | (percentiles("room", times) if times else {})


def answered(town: Served) -> dict[str, float]:
    """GET slots of 14 days through the whole application, every fourth one after a hold."""
    first, _ = clocked(partial(town.slots, 0))
    quiet: list[Took] = []
    changed: list[Took] = []
    for number in range(1, REQUESTS):
        after_a_hold = number % 4 == 0
        if after_a_hold:
            town.hold_one()
        took, _ = clocked(partial(town.slots, number))
        (changed if after_a_hold else quiet).append(took)
    return {
        "visits": town.visits,
        "first_request_ms": milliseconds(first[0]),
        **percentiles("in_process_request", quiet + changed),
        **percentiles("in_process_request_after_a_hold", changed),
        "offers_mean": town.offered / REQUESTS,
    }


def clocked(act: Callable[[], T]) -> tuple[Took, T]:
    """What it took by the clock, and of the processor: on a busy machine they differ."""
    begun, worked = time.perf_counter(), time.thread_time()
    result = act()
    return (time.perf_counter() - begun, time.thread_time() - worked), result


def percentiles(name: str, times: Sequence[Took]) -> dict[str, float]:
    wall, cpu = zip(*times, strict=True)
    return {
        f"{name}_p50_ms": milliseconds(float(np.percentile(wall, 50))),
        f"{name}_p99_ms": milliseconds(float(np.percentile(wall, 99))),
        f"{name}_cpu_p50_ms": milliseconds(float(np.percentile(cpu, 50))),
        f"{name}_cpu_p99_ms": milliseconds(float(np.percentile(cpu, 99))),
    }


def milliseconds(seconds: float) -> float:
    return round(seconds * 1e3, 3)


if __name__ == "__main__":
    main()
