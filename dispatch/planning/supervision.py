"""When no more infusions can be watched: as many may go on as the clinicians on duty allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Attention:
    """What the clinicians on duty can watch, and what is theirs to watch already: see ``full``."""

    duties: tuple[Duty, ...]
    taken: Mapping[Span, int]

    def too_many(self, infusions: Iterable[Span]) -> list[int]:
        """Which of some more infusions cannot be watched, by their place in the order given: each
        that can takes its share before the next."""
        taken, refused = Counter(self.taken), []
        for at, span in enumerate(infusions):
            if full(self.duties, taken, span):
                refused.append(at)
            else:
                taken[span] += 1
        return refused


def full(
    duties: Iterable[Duty], taken: Mapping[Span, int], within: Span, kept: Iterable[Span] = ()
) -> tuple[Span, ...]:
    """The stretches of ``within`` in which not one more infusion can be watched, ascending.

    ``taken`` are the spans in which the infusions of others may be going on, and how many in each.
    In those ``kept`` the infusion that is asked about has its place already. O(n log n).
    """
    rooms = [(*span, -infusions) for span, infusions in taken.items()]
    rooms += [(*span, MANY) for span in kept]
    rooms += [(duty.begin, duty.end, duty.infusions) for duty in duties]
    changes = [(within[0], 0), (within[1], 0)]
    for begin, end, room in rooms:
        changes += [(begin, room), (end, -room)]
    times, change = np.array(changes, dtype=np.int64).T
    instants, which = np.unique(np.clip(times, *within), return_inverse=True)
    left = np.zeros(len(instants), dtype=np.int64)
    np.add.at(left, which, change)
    none = np.concatenate(([0], np.cumsum(left)[:-1] <= 0, [0]))
    edges = instants[np.flatnonzero(np.diff(none))].reshape(-1, 2)
    return tuple((begin, end) for begin, end in edges.tolist())
