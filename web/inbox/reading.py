"""Reads what a form sends; what cannot be read is refused by the name of its field."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from dispatch.domain.errors import Invalid
from web.refusals import said_of

LONGEST_LINE, LONGEST_TEXT = 200, 2000
YEARS = range(2000, 3000)
"""What is reckoned from a day stays within the calendar."""


def text(
    request: HttpRequest, name: str, most: int = LONGEST_LINE, *, may_lack: bool = False
) -> str:
    """Return a text without the space around it."""
    said = request.POST.get(name, "").strip()
    if len(said) > most or "\0" in said or not (said or may_lack):
        raise Invalid({name: said_of("text", most=most)})
    return said


def whole(request: HttpRequest, name: str, most: int) -> int:
    """Return a number from one on."""
    said = request.POST.get(name, "").strip()
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= most):
        raise Invalid({name: said_of("whole", least=1, most=most)})
    return int(said)


def day(request: HttpRequest, name: str) -> date:
    """Return a day."""
    try:
        found = date.fromisoformat(request.POST.get(name, "").strip())
    except ValueError as fault:
        raise Invalid({name: said_of("day")}) from fault
    if found.year not in YEARS:
        raise Invalid({name: said_of("years", first=YEARS.start, last=YEARS.stop - 1)})
    return found
