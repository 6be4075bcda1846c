"""What the stand-in does wrong, and how often: drawn from a seed, or said beforehand."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What becomes of one request."""

    NONE = "none"
    BUSY = "busy"
    """429, nothing accepted."""
    UNAVAILABLE = "unavailable"
    """503, nothing accepted."""
    DROPPED = "dropped"
    """Accepted, and the connection closed without an answer."""
    HUNG = "hung"
    """Accepted, and no answer for ``Plan.hang_s``."""
    LOST = "lost"
    """Not accepted, and no answer for ``Plan.hang_s``."""
    SLOW = "slow"
    """Accepted and answered after up to ``Plan.slow_s``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Shares of requests, from 0 to 1, that meet each fault; and of callbacks."""

    seed: int = 0
    busy: float = 0
    unavailable: float = 0
    dropped: float = 0
    hung: float = 0
    lost: float = 0
    slow: float = 0
    hang_s: float = 6
    slow_s: float = 1.5
    undelivered: float = 0
    """Of accepted messages: the last status is ``undelivered`` with error 30003."""
    doubled: float = 0
    """The last status is told twice."""
    disordered: float = 0
    """The last status is told before ``sent``."""
    forged: float = 0
    """Somebody else tells ``undelivered``, under a signature of their own."""

    def shares(self) -> dict[Fault, float]:
        told = asdict(self)
        return {fault: told[fault.value] for fault in Fault if fault is not Fault.NONE}


class Draws:
    """Draws from a plan; what was said beforehand comes first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = random.Random(plan.seed)
        self.said: dict[str, deque[Fault]] = defaultdict(deque)

    def fault(self, method: str) -> Fault:
        if self.said[method]:
            return self.said[method].popleft()
        mark, shares = self.random.random(), self.plan.shares()
        for fault, share in shares.items():
            if mark < share:
                return fault
            mark -= share
        return Fault.NONE

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def seconds(self, most: float) -> float:
        return self.random.random() * most
