"""The writing operations by which a nurse has her visits in the calendar of her phone."""

from __future__ import annotations

from tests.api.operation import Operation, bare
from tests.api.town import Town


def _her_link(town: Town) -> str:
    path = "nurses/me/calendar-link"
    assert town.as_(town.nina).get_(path).status_code == 200
    return path


KEEPING = [
    bare("MyCalendarLink", "nina", lambda _: "nurses/me/calendar-link"),
    Operation("MyCalendarLink", "DELETE", "nina", _her_link, lambda _: None),
]
