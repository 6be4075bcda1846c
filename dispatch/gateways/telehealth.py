"""Rooms for consults by video: a provider opens them; the stand-in leads to a page of our own."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.conf import settings

PATIENCE_S = 5.0


class Telehealth(Protocol):
    """Opens a room and returns the link that leads into it; the same ``key`` twice is one room.

    Gives up with a TimeoutError after ``PATIENCE_S``: a lease outlasts the call. Whatever it
    raises means: perhaps, try again.
    """

    def open_room(self, *, key: str, starts_at: datetime) -> str: ...


class LocalRooms:
    """Leads to a page that says that no video provider is set up."""

    def open_room(self, *, key: str, starts_at: datetime) -> str:  # noqa: ARG002 - the protocol's
        return f"{settings.PUBLIC_URL}/rooms/{key}"
