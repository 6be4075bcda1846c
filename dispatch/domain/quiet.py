"""Quiet hours: nobody is written to at night by their own clocks, but for what cannot wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dispatch.domain.clock import local, to_instant
from dispatch.domain.messages import AFTER_THE_VISIT, Kind

NIGHT_FROM, NIGHT_UNTIL = time(21), time(8)
LAST_CALL = time(20, 30)
"""When a reminder goes that the morning is too late for: early enough to come before the night."""
ENOUGH = timedelta(hours=2)
"""How long before its visit a message must come at the least to be of use."""
STILL_NEWS = timedelta(hours=4)
"""How long after the start of its visit a message may still find somebody who waits."""

AT_ANY_HOUR = frozenset(
    {Kind.ON_THE_WAY, Kind.RUNNING_LATE, Kind.EARLIER_AGAIN, Kind.AFTERCARE, Kind.TASK}
)
"""Kinds that go at night, too: when the nurse comes, how to be safe until tomorrow, and what is
put on a list of ours, by which nobody is woken."""


def allowed_from(kind: Kind, moment: datetime, zone: str, *, before: datetime | None) -> datetime:
    """Return from when the message may go: ``moment`` itself, or the morning after it.

    What would come less than ENOUGH ahead of ``before`` goes at once, up to STILL_NEWS after it;
    what follows after a visit has time whatever ``before`` says. ``zone`` is whose clocks the
    reader lives by; all instants are aware.
    """
    morning = None if kind in AT_ANY_HOUR else end_of_night(moment, zone)
    if morning is None:
        return moment
    if before is None or kind in AFTER_THE_VISIT:
        return morning
    return moment if moment - STILL_NEWS < before < morning + ENOUGH else morning


def planned_for(kind: Kind, moment: datetime, zone: str, *, before: datetime) -> datetime:
    """Return when a reminder goes that is planned for ``moment``, which lies before ``before``.

    By night it waits for the morning where that leaves at least half of the time it was to give,
    and goes in the evening else.
    """
    morning = None if kind in AT_ANY_HOUR else end_of_night(moment, zone)
    if morning is None:
        return moment
    if (before - morning) * 2 >= before - moment:
        return morning
    wall = local(moment, zone)
    eve = wall.date() if wall.time() >= NIGHT_FROM else wall.date() - timedelta(days=1)
    return to_instant(eve, LAST_CALL, zone)


def end_of_night(moment: datetime, zone: str) -> datetime | None:
    """Return when the night ends that it is by these clocks; None by day."""
    wall = local(moment, zone)
    if NIGHT_UNTIL <= wall.time() < NIGHT_FROM:
        return None
    day = wall.date() if wall.time() < NIGHT_UNTIL else wall.date() + timedelta(days=1)
    return to_instant(day, NIGHT_UNTIL, zone)
