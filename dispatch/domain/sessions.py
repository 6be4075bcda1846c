"""How long a sign-in at the screens lasts: by how long nobody touched it, and in all."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.domain.people import Role

IDLE_STAFF = timedelta(minutes=15)
IDLE_PATIENT = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
LONGEST_OF_TOKENS = {Role.PATIENT: timedelta(days=30)}
"""Of sign-ins at the API, however often they are renewed; of everybody else's, LONGEST."""
SEEN_EVERY = timedelta(seconds=30)
"""A touch is written down this often at most: staff are signed out after 14:30 to 15:00 minutes."""


def idle_limit(role: Role | None) -> timedelta:
    """Return how long nothing may happen; ``role`` is None while somebody is signing in."""
    return IDLE_PATIENT if role is Role.PATIENT else IDLE_STAFF


def is_over(role: Role | None, begun_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether the session has ended by itself; all instants are by the database's own clock."""
    return now - seen_at >= idle_limit(role) or now - begun_at >= LONGEST
