"""When no more infusions can be watched: as many may go on as the clinicians on duty allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dispatch.planning.rules import Span

MANY = 1 << 40


@dataclass(frozen=True, slots=True)
class Duty:
    """A clinician watches at most ``infusions`` at a time, from ``begin`` up to ``end``."""

    begin: int
    end: int
    infusions: int


def full(
    duties: Iterable[Duty], taken: Iterable[Span], within: Span, kept: Iterable[Span] = ()
) -> tuple[Span, ...]:
    """The stretches of ``within`` in which not one more infusion can be watched, ascending.

    ``taken`` are the spans in which the infusions of others may be going on. In those ``kept`` the
    infusion that is asked about has its place already, whatever others do. O(n log n).
    """
    changes = [(within[0], 0), (within[1], 0)]
    for spans, room in ((taken, -1), (kept, MANY)):
        for begin, end in spans:
            changes += [(begin, room), (end, -room)]
    for duty in duties:
        changes += [(duty.begin, duty.infusions), (duty.end, -duty.infusions)]
    times, rooms = np.array(changes, dtype=np.int64).T
    instants, which = np.unique(np.clip(times, *within), return_inverse=True)
    left = np.zeros(len(instants), dtype=np.int64)
    np.add.at(left, which, rooms)
    none = np.concatenate(([0], np.cumsum(left)[:-1] <= 0, [0]))
    edges = instants[np.flatnonzero(np.diff(none))].reshape(-1, 2)
    return tuple((begin, end) for begin, end in edges.tolist())
