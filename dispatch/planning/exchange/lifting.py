"""A visit tried on every route with one limit lifted at a time: which stands in the way, how far.

Compiled; limits are lifted in the arrays themselves and set again before anything returns.
"""

from __future__ import annotations

from typing import NamedTuple

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints
from dispatch.planning.day.driving import LATE, drive

FITS, SKILLS, TASKS, DRIVING, HOURS, WINDOW, NEXT = range(-1, 6)
"""What a shift falls to; the codes count from 0 in the order of ``reasons.RULES``."""

NOT_OF_TIME_S = 4 * 3600
"""What a skill that is missing, or one visit more, counts against seconds."""


class Scratch(NamedTuple):
    """What ``driving.drive`` writes to, shape (longest route + 2, most breaks + 1) each."""

    soonest: Ints
    before: Ints


class Tried(NamedTuple):
    """The rule a shift falls to, and a change that lets the visit in: of which rule, by how much,
    and what that counts; LATE where there is none."""

    rule: int
    changed: int
    amount: int
    counts: int


@compiled
def try_shift(
    a: Arrays, shift: int, tour: Ints, missing: int, least: int, scratch: Scratch
) -> Tried:
    """Try the visit that heads a tour at every position of it; ``missing`` are its skills."""
    full = len(tour) > a.most_visits[shift]
    home, _ = cheapest(a, shift, tour, scratch)
    if missing > 0 or full:
        rule, amount = (SKILLS, missing) if missing > 0 else (TASKS, 1)
        alone = home < LATE and not (missing > 0 and full)
        return Tried(rule, rule, amount, amount * NOT_OF_TIME_S if alone else LATE)
    if home < LATE:
        return Tried(FITS, FITS, 0, LATE)
    rule = NEXT if len(tour) > 1 else HOURS
    changed, amount, counts = NEXT, 0, LATE
    if _within(a, shift, tour, -LATE, LATE, scratch):
        rule = WINDOW
        away, start = nearest_start(a, shift, tour, least, scratch)
        if away < least:
            changed, amount, counts = WINDOW, start, away
    home = _at_any_hour(a, shift, tour, scratch)
    if home < LATE:
        rule = HOURS
        if home - a.closes[shift] < counts:
            changed, amount, counts = HOURS, home - a.closes[shift], home - a.closes[shift]
    travelled = _however_far(a, shift, tour, scratch)
    if travelled < LATE:
        rule = DRIVING
        over = travelled - a.most_travel[shift]
        if over < counts:
            changed, amount, counts = DRIVING, over, over
    return Tried(rule, changed, amount, counts)


@compiled
def cheapest(a: Arrays, shift: int, tour: Ints, scratch: Scratch) -> tuple[int, int]:
    """The earliest arrival home and the least driving over all positions of the visit that heads
    the tour; LATE where no position is kept."""
    home, travelled, last = LATE, LATE, len(tour) - 1
    for position in range(len(tour)):
        if position > 0:
            tour[position - 1], tour[position] = tour[position], tour[position - 1]
        way, _, arrival = drive(a, shift, tour, len(tour), scratch.soonest, scratch.before)
        if arrival < LATE:
            home, travelled = min(home, arrival), min(travelled, way)
    visit = tour[last]
    tour[1:] = tour[:last].copy()
    tour[0] = visit
    return home, travelled


@compiled
def nearest_start(
    a: Arrays, shift: int, tour: Ints, least: int, scratch: Scratch
) -> tuple[int, int]:
    """By how many seconds a start has to leave its windows to be kept, and that start; ``least``
    where none is nearer. Every gap between windows is searched from both sides:
    whether some start within [low, high] is kept grows with either end."""
    best = 0
    begin, end = a.window_at[tour[0]], a.window_at[tour[0] + 1]
    for gap in range(begin, end + 1):
        low, high = a.opens[shift], a.closes[shift]
        if gap > begin:
            low = max(low, a.window_until[gap - 1] + 1)
        if gap < end:
            high = min(high, a.window_from[gap] - 1)
        if gap > begin:
            nearest = min(high, a.window_until[gap - 1] + least - 1)
            start = _first(a, shift, tour, low, nearest, scratch)
            if start < LATE:
                least, best = start - a.window_until[gap - 1], start
        if gap < end:
            nearest = max(low, a.window_from[gap] - least + 1)
            start = _last(a, shift, tour, nearest, high, scratch)
            if start < LATE:
                least, best = a.window_from[gap] - start, start
    return least, best


@compiled
def _first(a: Arrays, shift: int, tour: Ints, low: int, high: int, scratch: Scratch) -> int:
    """The first start within [low, high] that is kept, or LATE."""
    if not _within(a, shift, tour, low, high, scratch):
        return LATE
    first = low
    while first < high:
        middle = (first + high) // 2
        if _within(a, shift, tour, low, middle, scratch):
            high = middle
        else:
            first = middle + 1
    return first


@compiled
def _last(a: Arrays, shift: int, tour: Ints, low: int, high: int, scratch: Scratch) -> int:
    """The last start within [low, high] that is kept, or LATE."""
    if not _within(a, shift, tour, low, high, scratch):
        return LATE
    last = high
    while low < last:
        middle = (low + last + 1) // 2
        if _within(a, shift, tour, middle, high, scratch):
            low = middle
        else:
            last = middle - 1
    return low


@compiled
def _within(a: Arrays, shift: int, tour: Ints, low: int, high: int, scratch: Scratch) -> bool:
    """Whether the visit that heads the tour is kept at some start within [low, high]."""
    if low > high:
        return False
    begin, end = a.window_at[tour[0]], a.window_at[tour[0] + 1]
    opened, closed = a.window_from[begin:end].copy(), a.window_until[begin:end].copy()
    a.window_from[begin:end], a.window_until[begin:end] = low, high
    home, _ = cheapest(a, shift, tour, scratch)
    a.window_from[begin:end], a.window_until[begin:end] = opened, closed
    return home < LATE


@compiled
def _at_any_hour(a: Arrays, shift: int, tour: Ints, scratch: Scratch) -> int:
    """The earliest arrival home of a shift that ends whenever it may."""
    closes = a.closes[shift]
    a.closes[shift] = LATE
    home, _ = cheapest(a, shift, tour, scratch)
    a.closes[shift] = closes
    return home


@compiled
def _however_far(a: Arrays, shift: int, tour: Ints, scratch: Scratch) -> int:
    """The least driving of a shift that may drive as long as it likes."""
    most = a.most_travel[shift]
    a.most_travel[shift] = LATE
    _, travelled = cheapest(a, shift, tour, scratch)
    a.most_travel[shift] = most
    return travelled
