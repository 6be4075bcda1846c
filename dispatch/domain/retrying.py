"""How long to wait before something is tried again: doubled each time, and never in step."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = timedelta(seconds=1)
MOST_DOUBLINGS = 20
"""More would outlast any longest wait, and overflow."""


def wait_after(tries: int, *, longest: timedelta, asked_s: float = 0.0) -> timedelta:
    """Return how long to wait after so many tries, at least one; no longer than ``longest``.

    Half of it is drawn, so that what failed together is not tried together. ``asked_s`` is how
    long whoever refused asked us to wait: it is not tried sooner.
    """
    doubled: timedelta = min(FIRST * 2 ** min(max(tries - 1, 0), MOST_DOUBLINGS), longest)
    jittered = doubled * random.uniform(0.5, 1)  # noqa: S311 - jitter
    return max(jittered, min(timedelta(seconds=asked_s), longest))
