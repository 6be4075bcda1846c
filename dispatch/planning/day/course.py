"""The time a solver has: every phase asks it whether to go on, and tells it what was reached."""

from __future__ import annotations

from time import perf_counter

from dispatch.planning.day.problem import Limits, Progress, Watch

TELL_EVERY_S = 0.2


class Course:
    """Runs from its making. ``cost`` is without the loss for what is left out."""

    def __init__(self, limits: Limits, watch: Watch) -> None:
        self.begun, self.limits, self.watch = perf_counter(), limits, watch
        self.stopped = False
        self.unserved, self.cost = 0, 0
        self.lower_bound: int | None = None
        self._told = 0.0

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return perf_counter() - self.begun

    @property
    def left(self) -> float:
        """Seconds until the limit; none are limited where there is none."""
        if self.limits.seconds is None:
            return float("inf")
        return self.limits.seconds - self.seconds

    def goes_on(self, phase: str, *, until: float = 1.0) -> bool:
        """False once stopped, proven best, or past the share ``until`` of the seconds."""
        if not self.stopped and self.seconds - self._told >= TELL_EVERY_S:
            self._told = self.seconds
            self.stopped = self.watch(
                Progress(phase, self.seconds, self.unserved, self.cost, self.lower_bound)
            )
        total = self.limits.seconds
        proven = self.lower_bound is not None and self.cost <= self.lower_bound
        return not (self.stopped or proven) and (total is None or self.seconds < total * until)
