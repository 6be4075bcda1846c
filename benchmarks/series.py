"""Books inductions of six, one patient after the other, into a market that has visits already.

Once with the planner alone, once over HTTP with a key and PostgreSQL, where a hold is timed.
Each is planned over all shifts and its six visits are put on their routes, where the next patient
finds them. Every gap is counted and in the end every route driven by other code than the planner's.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from uuid import UUID

import numpy as np

from benchmarks.slot_market.serving import served
from dispatch.domain.series import Continuity
from dispatch.domain.terms import Range
from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Credential, Nurse, Point, Request, Shift, Stop
from dispatch.planning.series import Calendar, Options, Plan, Terms, alternatives, find
from dispatch.planning.slots import window_at
from dispatch.planning.timing import retime, with_stop
from tests.planning import oracle

HOUR, DAY = 3600, 86_400
NURSES, HOURS = 60, 9
LOAD, TIGHT = 0.4, 0.7
PATIENTS, INFUSIONS, GAP = 200, 6, Range(2, 3, 7)
BEGIN_WITHIN, CALLS_WITHIN = 7, 14
SERVICE, WIDTH = 130 * 60, HOUR // 2
TRAVEL = GeodesicTravel(detour=1.3, speed_kmh=38, park_s=240)
AHEAD = BEGIN_WITHIN + (INFUSIONS - 1) * GAP.max
DAYS = CALLS_WITHIN + AHEAD
TERMS = Terms(INFUSIONS, GAP, 0, BEGIN_WITHIN, None, Continuity.WITH_BACKUP)
SERVED, SERVED_DAYS, DAWN = 100, 28, 5 * HOUR
"""Patients and days over HTTP; the days of the market begin at midnight UTC, its nurses' later."""
LIMITS = Terms(INFUSIONS, GAP, 0, 2 * BEGIN_WITHIN, None, Continuity.ANY_NURSES)


@dataclass
class Market:
    """Routes as they fill up, and what was measured meanwhile."""

    shifts: dict[UUID, Shift]
    plans: list[Plan] = field(default_factory=list)
    refused: int = 0
    seconds: list[float] = field(default_factory=list)

    def book(self, request: Request, calendar: Calendar) -> None:
        """Plan one series over the shifts of its days and insert it, or find what is nearest."""
        begun = time.perf_counter()
        near = [one for one in self.shifts.values() if request.earliest < one.end <= request.latest]
        options = Options.of(Gaps.of(near, TRAVEL, 0), request, calendar, WIDTH)
        plan = find(options, TERMS)
        if plan is None:
            self.refused += not alternatives(options, TERMS, LIMITS)
        else:
            self._insert(request, plan)
            self.plans.append(plan)
        self.seconds.append(time.perf_counter() - begun)

    def _insert(self, request: Request, plan: Plan) -> None:
        for number, pick in enumerate(plan.picks):
            window, shift = window_at(request, pick.start, WIDTH), self.shifts[pick.shift]
            place = Gaps.of([shift], TRAVEL, 0).places(window)[0]
            visit = Stop(
                UUID(int=1 << 100 | len(self.plans) << 8 | number), request.point,
                window.earliest, window.latest, SERVICE, place.start,
            )  # fmt: skip
            longer = with_stop(shift, place.position, visit)
            starts = {timed.id: timed.start for timed in retime(longer, TRAVEL, 0)}
            stops = tuple(replace(stop, start=starts[stop.id]) for stop in longer.stops)
            self.shifts[pick.shift] = replace(longer, stops=stops)


def main() -> None:
    """40 % of the nurses' hours are booked before the first call; and again with 70 %, where not
    everybody finds a series."""
    row = {"benchmark": "series", "nurses": NURSES, **measure(LOAD), **through_the_service()}
    print(json.dumps(row | {f"at_{TIGHT:.0%}": measure(TIGHT)}))


def measure(load: float) -> dict[str, float]:
    """Nurses work five days a week of nine hours; the patients begin within two weeks, and each
    second one prefers the mornings."""
    draw, shifts = rotas(load)
    market = Market({shift.id: shift for shift in shifts})
    for _ in range(PATIENTS):
        market.book(*wish(draw))
    alone = sum(plan.with_main == INFUSIONS for plan in market.plans)
    return {
        "visits_before": sum(len(shift.stops) for shift in shifts),
        "patients": PATIENTS,
        "complete": len(market.plans),
        "single_nurse_share": round(alone / PATIENTS, 3),
        "without_alternative": market.refused,
        "gap_violations": sum(violations(plan) for plan in market.plans),
        "routes_broken": sum(is_broken(shift) for shift in market.shifts.values()),
        "p50_ms": round(float(np.percentile(market.seconds, 50)) * 1e3, 1),
        "p99_ms": round(float(np.percentile(market.seconds, 99)) * 1e3, 1),
    }


def through_the_service() -> dict[str, float]:
    """The same nurses, four weeks of them; each series is held, which is timed, and then booked."""
    _, shifts = rotas(LOAD)
    times: list[float] = []
    complete = 0
    with served([later(one) for one in shifts if one.start < SERVED_DAYS * DAY]) as town:
        town.slots(0)  # a process has read its market before it is asked
        for number in range(SERVED):
            begun = time.perf_counter()
            held = town.hold_series(number)
            times.append(time.perf_counter() - begun)
            if held is not None:
                town.book_series(held)
                complete += 1
    return {
        "service_visits_before": town.visits,
        "service_patients": SERVED,
        "service_complete": complete,
        "service_hold_p50_ms": round(float(np.percentile(times, 50)) * 1e3, 1),
        "service_hold_p99_ms": round(float(np.percentile(times, 99)) * 1e3, 1),
    }


def later(shift: Shift) -> Shift:
    """By the morning hours of its zone, with the one certificate that stands for all."""
    nurse = replace(shift.nurse, certificates=shift.nurse.certificates[:1])
    stops = tuple(
        replace(one, earliest=one.earliest + DAWN, latest=one.latest + DAWN, start=one.start + DAWN)
        for one in shift.stops
    )
    start, end = shift.start + DAWN, shift.end + DAWN
    return replace(shift, nurse=nurse, start=start, end=end, stops=stops)


def rotas(load: float) -> tuple[random.Random, list[Shift]]:
    """The same for the same load, and the chance to go on with."""
    draw = random.Random(7)
    return draw, [shift for number in range(NURSES) for shift in rota(draw, number, load)]


def wish(draw: random.Random) -> tuple[Request, Calendar]:
    """One patient's place and the starts of the protocol's hours from a day of the fortnight on."""
    first, mornings = draw.randrange(CALLS_WITHIN), draw.random() < 0.5
    request = Request(
        place(draw), draw.choice(("DC", "MD", "VA")), SERVICE, first * DAY, (first + AHEAD) * DAY,
        frozenset({"acls", "iv_ketamine"}),
    )  # fmt: skip
    days, clock = np.divmod(np.arange(AHEAD * 19), 19)
    starts = (first + days) * DAY + 8 * HOUR + clock * HOUR // 2
    missed = (clock >= 8).astype(np.int64) * mornings
    return request, Calendar(starts, days, missed, AHEAD)


def rota(draw: random.Random, number: int, load: float) -> Iterator[Shift]:
    """One nurse's shifts: five days a week from the same hour, most with all three licences."""
    states = draw.choice((("DC", "MD", "VA"), ("DC", "MD", "VA"), ("DC", "MD"), ("VA", "DC")))
    forever = {"valid_from": 0, "valid_until": DAYS * DAY * 2}
    nurse = Nurse(
        UUID(int=number + 1),
        tuple(Credential(state, **forever) for state in states),
        tuple(Credential(code, **forever) for code in ("acls", "iv_ketamine")),
    )
    home, begins = place(draw), draw.choice((7, 8, 9, 10)) * HOUR
    off = set(draw.sample(range(7), 2))
    for day in (day for day in range(DAYS) if day % 7 not in off):
        start = day * DAY + begins
        shift = Shift(UUID(int=(number + 1) * 1000 + day), nurse, start, start + HOURS * HOUR, home)
        yield replace(shift, stops=tuple(booked(draw, shift, load)))


def booked(draw: random.Random, shift: Shift, load: float) -> Iterator[Stop]:
    """Visits one after the other, with pauses, until their share of the shift is taken."""
    here, clock, busy = shift.home, shift.start, 0
    while True:
        point, service = place(draw), draw.randrange(30, 151, 15) * 60
        leg, back = TRAVEL.legs([here, point, shift.home]).tolist()
        start = clock + leg + draw.randrange(0, 2 * HOUR)
        busy += leg + service
        if busy > load * HOURS * HOUR or start + service + back > shift.end:
            return
        yield Stop(UUID(int=draw.getrandbits(64)), point, start - 900, start + 900, service, start)
        here, clock = point, start + service


def place(draw: random.Random) -> Point:
    return Point(round(draw.gauss(38.9, 0.12), 6), round(draw.gauss(-77.05, 0.15), 6))


def violations(plan: Plan) -> int:
    """Gaps out of bounds, days counted from the windows themselves."""
    days = [pick.start // DAY for pick in plan.picks]
    gaps = [after - before for before, after in pairwise(days)]
    return sum(not GAP.min <= gap <= GAP.max for gap in gaps) + (len(days) != INFUSIONS)


@cache
def seconds(a: Point, b: Point) -> int:
    return int(TRAVEL.legs([a, b])[0])


def is_broken(shift: Shift) -> bool:
    return oracle.drive(shift, shift.stops, seconds, 0) is None


if __name__ == "__main__":
    main()
