"""Consults by video: what they are for, how long they take, and their states."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class ConsultKind(StrEnum):
    BEFORE_FIRST = "before_first"
    FOLLOW_UP = "follow_up"


class ConsultState(StrEnum):
    """Asked for until it has a room; ready from then on."""

    ASKED = "asked"
    READY = "ready"
    CANCELLED = "cancelled"
    DONE = "done"


LENGTH: dict[ConsultKind, timedelta] = {
    ConsultKind.BEFORE_FIRST: timedelta(minutes=30),
    ConsultKind.FOLLOW_UP: timedelta(minutes=20),
}
"""How long a clinician is taken by one."""

STANDING = frozenset({ConsultState.ASKED, ConsultState.READY})
"""States in which it is still to be held."""

MOST_AHEAD = timedelta(days=180)
"""How far ahead one may be asked for."""
