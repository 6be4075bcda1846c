"""When a visit under way may be expected where in its course, and when its patient is told anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.domain.protocol import Protocol

FURTHER = timedelta(minutes=15)
"""By how much the expected start differs from what a person was told before it is told again."""
LEAST = timedelta(seconds=1)
"""An infusion takes some time, whatever the clocks of phones say."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened at the door so far; the nurse has added ``recovery_extended_s``."""

    arrived_at: datetime | None = None
    infusion_started_at: datetime | None = None
    infusion_ended_at: datetime | None = None
    discharged_at: datetime | None = None
    completed_at: datetime | None = None
    recovery_extended_s: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A visit from the nurse's arrival to its end, and the infusion in it; the times ascend."""

    start: datetime
    infusion_from: datetime
    infusion_until: datetime
    end: datetime


def expected_span(protocol: Protocol, planned: datetime, facts: Facts, now: datetime) -> Span:
    """Return the visit's course: what has happened, and the rest at the protocol's pace.

    ``planned`` is the arrival expected while there is none. What is still to come does not lie
    before ``now``; what has come late or out of order, by a phone's clock, does not overtake what
    goes before it.
    """
    phases, recovery = protocol.phases, protocol.recovery
    start = facts.arrived_at or max(planned, now)
    begun = facts.infusion_started_at or max(start + _s(phases.setup_s), now)
    begun = max(begun, start)
    done = facts.infusion_ended_at or max(begun + _s(phases.infusion_s), now)
    done = max(done, begun + LEAST)
    rested = done + _s(recovery.planned + facts.recovery_extended_s)
    leaves = (facts.discharged_at or rested) + _s(phases.wrap_up_s)
    end = facts.completed_at or max(leaves, now)
    return Span(start, begun, done, max(end, done))


def is_late(expected: datetime, window_end: datetime, told: datetime | None) -> bool:
    """Whether a person is to hear that the nurse comes later than the window, or than was told."""
    return expected > (window_end if told is None else told + FURTHER)


def is_earlier_again(expected: datetime, told: datetime | None) -> bool:
    """Whether one who was told of a delay is to hear that the nurse comes sooner after all."""
    return told is not None and expected < told - FURTHER


def _s(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)
