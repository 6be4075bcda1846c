"""A phone that keeps a calendar by the feed, and what PostgreSQL says a nurse has to do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from icalendar import Calendar

Times = tuple[datetime, datetime]


class Phone:
    """Applies one feed after the other, as RFC 5546 has it: a higher sequence wins, cancelled is
    removed, and what a feed does not tell of stays as it is."""

    def __init__(self) -> None:
        self.sequences: dict[str, int] = {}
        self.shown: dict[str, Times] = {}

    def take(self, feed: bytes) -> None:
        for event in Calendar.from_ical(feed).walk("VEVENT"):
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            if sequence <= self.sequences.get(uid, -1):
                continue
            self.sequences[uid] = sequence
            self.shown.pop(uid, None)
            if event["STATUS"] != "CANCELLED":
                self.shown[uid] = (event["DTSTART"].dt, event["DTEND"].dt)

    @property
    def times(self) -> list[Times]:
        return sorted(self.shown.values())


def has_to_do(nurse_id: UUID) -> list[Times]:
    """When a nurse treats, by the tables themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('second', r.start_at), date_trunc('second', r.end_at)"
            " FROM visit v JOIN reservation r ON r.id = v.reservation_id"
            " WHERE r.nurse_id = %s AND v.status IN ('assigned', 'en_route', 'arrived',"
            " 'in_treatment', 'recovering', 'completed')",
            [nurse_id],
        )
        return sorted(cursor.fetchall())
