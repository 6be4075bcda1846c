"""A nurse's calendar as other programs keep it: what it was told of each visit, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

BEHIND = timedelta(days=30)
AHEAD = timedelta(days=90)
"""A calendar shows this much of what was, and of what is to come."""

REFRESH = timedelta(minutes=15)
"""How often a phone is asked to look again."""


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """One visit in one nurse's calendar; ``id`` is the same for as long as the two belong together.

    ``sequence`` grows with every change that was told. A visit that is no longer hers stays as
    cancelled, because a phone keeps what nobody takes back. ``zone`` is that of the place.
    """

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    cancelled: bool
    changed_at: datetime
