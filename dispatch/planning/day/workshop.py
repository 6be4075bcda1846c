"""What a search needs beside the plan: neighbours, random numbers, room."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints, Small
from dispatch.planning.day.tours import Floats, Tours

TENTH = 10
ROUNDS, ABSENT, TOUCHED = 0, 1, 2
NOW, BEST = 0, 1


class Workshop(NamedTuple):
    """Room and memory of a search: nothing here is part of a plan."""

    near: Small  # (n, n): each visit's neighbours, itself first
    random: NDArray[np.uint64]  # (1,): state of the generator
    absent: Ints  # (n,): who is on no route, though some would fit
    old_absent: Ints
    key: Floats  # (n,)
    touched: Ints  # (s,): the shifts changed in this round
    mark: Ints  # (s,): the round in which a shift was last changed
    ruined: Ints  # (s,): the round in which a shift last lost a string
    old_stop: Small  # (s, width)
    old_count: Ints
    old_cost: Floats
    old_hours: Ints
    tally: Ints  # (3,): rounds done, absent visits, touched shifts
    cost: Floats  # (2,): with losses, of the plan in hand and of the best


def workshop_of(a: Arrays, tours: Tours, near: Small, seed: int) -> Workshop:
    """A workshop for going on from a plan; ``near`` as ``neighbours`` gives it."""
    visits, shifts = len(a.place), len(a.start)
    alone = np.flatnonzero((tours.shift_of < 0) & (np.diff(a.pair_at) > 0))
    absent = np.zeros(visits, dtype=np.int64)
    absent[: len(alone)] = alone
    return Workshop(
        near=near,
        random=np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64),
        absent=absent,
        old_absent=np.zeros(visits, dtype=np.int64),
        key=np.zeros(visits),
        touched=np.zeros(shifts, dtype=np.int64),
        mark=np.zeros(shifts, dtype=np.int64),
        ruined=np.zeros(shifts, dtype=np.int64),
        old_stop=np.zeros_like(tours.stop),
        old_count=np.zeros(shifts, dtype=np.int64),
        old_cost=np.zeros(shifts),
        old_hours=np.zeros(shifts, dtype=np.int64),
        tally=np.array([0, len(alone), 0], dtype=np.int64),
        cost=np.zeros(2),
    )


def neighbours(a: Arrays) -> Small:
    """All visits by the way to them, itself first, shape (n, n)."""
    ways = a.travel[np.ix_(a.place, a.place)].copy()
    np.fill_diagonal(ways, -1)
    return np.argsort(ways, axis=1, kind="stable").astype(np.int32)


def usual_leg(a: Arrays, near: Small) -> float:
    """The mean way to the tenth neighbour, seconds: the scale of what a change costs."""
    tenth = near[:, min(TENTH, near.shape[1] - 1)]
    return max(1.0, float(a.travel[a.place, a.place[tenth]].mean()))


@compiled
def draw(random: NDArray[np.uint64]) -> float:
    """A number in [0, 1): xorshift64* (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0
