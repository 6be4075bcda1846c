"""What an address of the preview names: a day, what is shown of it, and from where on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.utils.http import urlencode

from dispatch.domain.clock import service_date
from dispatch.domain.errors import Invalid
from dispatch.domain.messages import Kind
from dispatch.selectors.message_day import Place, Progress
from web.languages import words
from web.messages.telling import PAGE

C = TypeVar("C", bound=StrEnum)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DIGITS = 16
YEARS = range(2000, 2201)


@dataclass(frozen=True, slots=True)
class Asked:
    """A day, and the state, the kind and the place in it that are named, if any."""

    day: date
    progress: Progress | None
    kind: Kind | None
    after: Place | None

    def address(self, **other: str | None) -> str:
        """Return where the same is shown with something else in it, from the beginning."""
        named = {
            "date": self.day.isoformat(),
            "state": self.progress and self.progress.value,
            "kind": self.kind and self.kind.value,
        } | other
        return "?" + urlencode({name: value for name, value in named.items() if value})


def asked_in(given: Mapping[str, str], now: datetime, zone: str) -> Asked:
    """Return what is named, today where no day is. Raises Invalid."""
    return Asked(
        day=_day(given.get("date", ""), now, zone),
        progress=_one_of(Progress, given, "state"),
        kind=_one_of(Kind, given, "kind"),
        after=_place(given.get("after", "")),
    )


def named(place: Place) -> str:
    """Return the place as an address names it; nothing in it is anybody's."""
    return f"{(place.at - EPOCH) // MICROSECOND}.{place.id}"


def _day(text: str, now: datetime, zone: str) -> date:
    if not text:
        return service_date(now, zone)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise Invalid({"date": words(PAGE)["date_unreadable"]})
    return day


def _one_of(kind: type[C], given: Mapping[str, str], name: str) -> C | None:
    text = given.get(name, "")
    try:
        return kind(text) if text else None
    except ValueError as fault:
        raise Invalid({name: words(PAGE)["no_such_choice"]}) from fault


def _place(text: str) -> Place | None:
    if not text:
        return None
    at, _, own = text.partition(".")
    if at.isascii() and at.isdigit() and len(at) <= DIGITS:
        with suppress(ValueError):
            return Place(EPOCH + int(at) * MICROSECOND, UUID(own))
    raise Invalid({"after": words(PAGE)["no_such_choice"]})
