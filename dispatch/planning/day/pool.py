"""Routes worth remembering: one per shift and set of visits, the cheapest order of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints, Small
from dispatch.planning.day.tours import Floats

Keys = NDArray[np.uint64]


class Pool(NamedTuple):
    """``used[0]`` columns; found again by a hash over shift and visits (Zobrist 1970)."""

    visit_key: Keys  # (n,)
    shift_key: Keys  # (s,)
    slot: Small  # open addressing: the column of a key, or -1
    key: Keys  # (capacity,)
    shift: Small
    length: Small
    stop: Small  # (capacity, width)
    cost: Floats
    hours: Ints
    used: Ints  # (1,)


def empty_pool(a: Arrays, width: int, capacity: int, seed: int) -> Pool:
    """Room for ``capacity`` columns; further ones are dropped."""
    random = np.random.default_rng(seed)
    slots = 1 << (2 * capacity - 1).bit_length()
    return Pool(
        visit_key=random.integers(1, 1 << 63, len(a.place), dtype=np.uint64),
        shift_key=random.integers(1, 1 << 63, len(a.start), dtype=np.uint64),
        slot=np.full(slots, -1, dtype=np.int32),
        key=np.zeros(capacity, dtype=np.uint64),
        shift=np.zeros(capacity, dtype=np.int32),
        length=np.zeros(capacity, dtype=np.int32),
        stop=np.zeros((capacity, width), dtype=np.int32),
        cost=np.zeros(capacity),
        hours=np.zeros(capacity, dtype=np.int64),
        used=np.zeros(1, dtype=np.int64),
    )


@compiled
def _slot(pool: Pool, shift: int, stops: Small, count: int) -> tuple[int, int]:
    """The key of a route, and where it stands or would stand."""
    key = pool.shift_key[shift]
    for i in range(count):
        key ^= pool.visit_key[stops[i]]
    mask = np.uint64(len(pool.slot) - 1)
    at = key & mask
    while pool.slot[at] >= 0 and pool.key[pool.slot[at]] != key:
        at = (at + np.uint64(1)) & mask
    return key, at


@compiled
def find(pool: Pool, shift: int, stops: Small, count: int) -> int:
    """The column of a shift and a set of visits, or -1."""
    return pool.slot[_slot(pool, shift, stops, count)[1]]


@compiled
def remember(pool: Pool, shift: int, stops: Small, count: int, cost: float, hours: int) -> int:
    """Keep a route: its column; -1 where it is known as cheap already, or there is no room."""
    if count == 0:
        return -1
    key, at = _slot(pool, shift, stops, count)
    column = pool.slot[at]
    if column >= 0 and pool.cost[column] <= cost:
        return -1
    if column < 0:
        if pool.used[0] >= len(pool.key):
            return -1
        column = pool.used[0]
        pool.used[0] += 1
        pool.slot[at] = column
    pool.key[column], pool.shift[column], pool.length[column] = key, shift, count
    pool.cost[column], pool.hours[column] = cost, hours
    for i in range(count):
        pool.stop[column, i] = stops[i]
    return column
