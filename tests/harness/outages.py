"""When what was away: from what lateness is counted, as nobody sends without a database."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable

Span = tuple[float, float]

DATABASE = "database"


class Outages:
    """Spans by the wall clock in which a process did not run; told by whoever stops and starts."""

    def __init__(self, workers: Iterable[str]) -> None:
        self.workers = tuple(workers)
        self.over: dict[str, list[Span]] = defaultdict(list)
        self.since: dict[str, float] = {}
        self.guard = threading.Lock()

    def began(self, what: str) -> None:
        with self.guard:
            self.since.setdefault(what, time.time())

    def ended(self, what: str) -> None:
        with self.guard:
            began = self.since.pop(what, None)
            if began is not None:
                self.over[what].append((began, time.time()))

    def that_count(self) -> list[Span]:
        """Return the outages of the database, and those of all workers at once, by their ends."""
        with self.guard:
            spans = [*self.over[DATABASE], *self._of_all_workers()]
        return sorted(spans, key=lambda span: span[1])

    def _of_all_workers(self) -> list[Span]:
        common = self.over[self.workers[0]]
        for worker in self.workers[1:]:
            common = [
                (max(one[0], other[0]), min(one[1], other[1]))
                for one in common
                for other in self.over[worker]
                if max(one[0], other[0]) < min(one[1], other[1])
            ]
        return common
