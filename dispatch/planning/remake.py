"""What is to come of a series planned anew, over the same programme, with the least moved."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from dispatch.domain.series import Continuity
from dispatch.planning.series import AWAY, LEFT, NONE, Options, Pick, Terms, chain, ends_of


def remake(
    options: Options, terms: Terms, kept: Collection[int], *, lost: Collection[int] = ()
) -> tuple[tuple[int, Pick | None], ...] | None:
    """What is to come of a series, planned anew: its days in order, without a pick where the
    infusion that is booked on one of the days ``kept`` stays as it is.

    As many of those stay as can; nothing is laid on a day ``lost``. The terms' nurse is preferred,
    or the only one. None where nothing keeps the terms.
    """
    row = options.cost.argmin(axis=0)
    cost = options.cost[row, np.arange(options.calendar.length)] + LEFT
    if terms.nurse is not None:
        ids = [nurse.id for nurse in options.gaps.nurses]
        main = ids.index(terms.nurse) if terms.nurse in ids else None
        own = np.full_like(cost, NONE) if main is None else options.cost[main] + LEFT
        other = NONE if terms.continuity is Continuity.ONE_NURSE else AWAY
        row = np.where(own <= cost + other, -1 if main is None else main, row)
        cost = np.minimum(own, cost + other)
    cost[list(lost)] = NONE
    cost[list(kept)] = 0
    if ends_of(cost[np.newaxis], terms)[0] >= NONE:
        return None
    days = chain(cost, terms)
    return tuple((day, None if day in kept else options.pick(int(row[day]), day)) for day in days)
