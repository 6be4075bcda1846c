"""Looking at a patient's record beyond one's role's reach, when it cannot wait for leave."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_GRANT = timedelta(minutes=60)
SHORTEST_REASON = 10
"""Characters, spaces at the ends not counted."""


def holds(opened_at: datetime, until: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a grant opens anything at ``now``: from its opening up to, not including, its end."""
    return opened_at <= now < min(until, ended_at or until)
