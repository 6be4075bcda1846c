"""A nurse's calendar as an iCalendar file (RFC 5545, RFC 7986): times, nothing of any patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, Timezone
from rest_framework.renderers import BaseRenderer

from dispatch.domain.calendar import REFRESH, CalendarVisit

PRODID = "-//Visiting nurse dispatch//Calendar//EN"
MARGIN = timedelta(days=366)
"""Each zone's rules reach this far beyond the visits, so that both changes of the clocks are in."""


class Ics(BaseRenderer):
    """Lets a door be asked for ``text/calendar``; ``calendar_file`` writes it."""

    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(self, data: Any, *_: Any, **__: Any) -> Any:
        """Refusals are problem documents, which render themselves."""
        return b"" if data is None else data


def calendar_file(visits: Iterable[CalendarVisit]) -> bytes:
    """Return the file; the same bytes for the same visits, so that it has an ETag."""
    rows = list(visits)
    file = Calendar()
    file.add("prodid", PRODID)
    file.add("version", "2.0")
    file.add("name", "Visits")
    file.add("x-wr-calname", "Visits")
    file.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    file.add("x-published-ttl", REFRESH)
    for zone in _zones(rows):
        file.add_component(zone)
    for row in rows:
        file.add_component(_event(row))
    return bytes(file.to_ical())


def _event(row: CalendarVisit) -> Event:
    event, zone = Event(), ZoneInfo(row.zone)
    event.add("uid", str(row.id))
    event.add("sequence", row.sequence)
    event.add("dtstamp", _whole(row.changed_at))
    event.add("last-modified", _whole(row.changed_at))
    event.add("dtstart", _whole(row.starts_at).astimezone(zone))
    event.add("dtend", _whole(row.ends_at).astimezone(zone))
    event.add("summary", "Visit")
    event.add("status", "CANCELLED" if row.cancelled else "CONFIRMED")
    event.add("url", f"{settings.PUBLIC_URL}/route/")
    event.add("class", "PRIVATE")
    return event


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _zones(rows: Iterable[CalendarVisit]) -> Iterator[Timezone]:
    spans: dict[str, tuple[date, date]] = {}
    for row in rows:
        first, last = spans.get(row.zone, (row.starts_at.date(), row.ends_at.date()))
        spans[row.zone] = min(first, row.starts_at.date()), max(last, row.ends_at.date())
    for name, (first, last) in sorted(spans.items()):
        yield _zone(name, (first - MARGIN).year, (last + MARGIN).year)


@lru_cache(maxsize=64)
def _zone(name: str, first_year: int, last_year: int) -> Timezone:
    return Timezone.from_tzid(
        name, first_date=date(first_year, 1, 1), last_date=date(last_year, 12, 31)
    )
