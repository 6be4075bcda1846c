"""Reads what a form sends; what cannot be read is refused by the name of its field."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from dispatch.domain.errors import Invalid

LONGEST_LINE, LONGEST_TEXT = 200, 2000
YEARS = range(2000, 3000)
"""What is reckoned from a day stays within the calendar."""


def text(
    request: HttpRequest, name: str, most: int = LONGEST_LINE, *, may_lack: bool = False
) -> str:
    """Return a text without the space around it."""
    said = request.POST.get(name, "").strip()
    if len(said) > most or "\0" in said or not (said or may_lack):
        raise Invalid({name: f"Write something, in at most {most} characters."})
    return said


def whole(request: HttpRequest, name: str, most: int) -> int:
    """Return a number from one on."""
    said = request.POST.get(name, "").strip()
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= most):
        raise Invalid({name: f"Write a whole number from 1 to {most}."})
    return int(said)


def day(request: HttpRequest, name: str) -> date:
    """Return a day."""
    try:
        found = date.fromisoformat(request.POST.get(name, "").strip())
    except ValueError as fault:
        raise Invalid({name: "Write a day as 2027-03-01."}) from fault
    if found.year not in YEARS:
        raise Invalid({name: f"Years run from {YEARS.start} to {YEARS.stop - 1}."})
    return found
