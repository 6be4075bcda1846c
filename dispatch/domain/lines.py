"""When a line to a provider is left alone, and how fast it may be spoken on.

A line is one channel by one carrier. It opens, as a fuse does, after some failures in a row: then
nobody calls for a while, and after that one call at a time tries whether the provider is back. The
rate is a bucket of tokens that holds those of one second (Turner, "New directions in
communications", 1986).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_FAILURES = 5
"""So many failures in a row open a line."""
PAUSE = timedelta(seconds=2)
"""How long an open line is left alone each time, unless the provider asks for more."""
LONGEST_PAUSE = timedelta(minutes=1)
PROBE = timedelta(seconds=4)
"""How long the one that tries an open line may take, before another one may."""


@dataclass(frozen=True, slots=True)
class Line:
    """``tokens`` were there at ``filled_at``; nobody calls before ``open_until`` once so many
    ``failures`` in a row have opened the line."""

    failures: int
    open_until: datetime | None
    tokens: float
    filled_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """So many may be handed over now; the next one in ``wait_s``, each further one ``apart_s``
    after the one before."""

    count: int
    wait_s: float = 0.0
    apart_s: float = 0.0


def is_open(line: Line) -> bool:
    """True where the provider did not answer of late."""
    return line.failures >= MOST_FAILURES


def admit(line: Line, wanted: int, per_s: float, now: datetime) -> tuple[Line, Admission]:
    """Return how many of the ``wanted`` may be handed over, and the line afterwards.

    ``per_s`` is the most in a second; 0: any number.
    """
    until = line.open_until
    if is_open(line) and until is not None and now < until:
        return line, Admission(0, (until - now).total_seconds())
    if is_open(line):
        wanted, line = min(wanted, 1), replace(line, open_until=now + PROBE)
    if not per_s:
        return line, Admission(wanted, PROBE.total_seconds() if is_open(line) else 0.0)
    tokens = _filled(line, per_s, now)
    count = min(wanted, int(tokens))
    left = replace(line, tokens=tokens - count, filled_at=now)
    if is_open(line):
        return left, Admission(count, PROBE.total_seconds())
    return left, Admission(count, max(0.0, (1 - left.tokens) / per_s), 1 / per_s)


def after(line: Line, answers: Iterable[bool], wait_s: float, now: datetime) -> Line:
    """Return the line after calls that the provider answered, or not; ``wait_s`` is the longest
    for which it has asked to be left alone."""
    failures = line.failures
    for answered in answers:
        failures = 0 if answered else failures + 1
    pause = min(max(PAUSE, timedelta(seconds=wait_s)), LONGEST_PAUSE)
    opened = failures >= MOST_FAILURES
    return replace(line, failures=failures, open_until=now + pause if opened else None)


def _filled(line: Line, per_s: float, now: datetime) -> float:
    waited = max(0.0, (now - line.filled_at).total_seconds())
    return min(max(per_s, 1.0), line.tokens + waited * per_s)
