"""Why the planner is asked, how far its answer is, and when a nurse counts as announced."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dispatch.domain.clock import service_date, to_instant

ANNOUNCED_AT = time(18)
"""By the market's clocks, on the evening before: from then on a patient knows who comes."""

REPAIR_S = 6
"""How long repairs are looked for; the dispatcher waits."""


class Cause(StrEnum):
    PLAN = "plan"
    REPAIR = "repair"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    ACCEPTED = "accepted"
    UNDONE = "undone"
    FAILED = "failed"


def announced_from(day: date, zone: str) -> datetime:
    """Return the instant from which a change of the day's nurses is told to the patients."""
    return to_instant(day - timedelta(days=1), ANNOUNCED_AT, zone)


def announced_until(now: datetime, zone: str) -> date:
    """Return the last day whose nurses are announced by ``now``."""
    today = service_date(now, zone)
    tomorrow = today + timedelta(days=1)
    return tomorrow if now >= announced_from(tomorrow, zone) else today


def hours_left(
    start: datetime, end: datetime, away_from: datetime, away_until: datetime
) -> tuple[datetime, datetime]:
    """Return what an absence leaves of a shift: the longer part, or ``start`` twice for nothing."""
    if away_from >= end or away_until <= start:
        return start, end
    before = (start, max(start, away_from))
    after = (min(end, away_until), end)
    longer = max(before, after, key=lambda part: part[1] - part[0])
    return longer if longer[0] < longer[1] else (start, start)
