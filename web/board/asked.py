"""What the board's forms and addresses say, read as days, times and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.clock import NoSuchTime, instant_from, service_date
from dispatch.domain.errors import Invalid
from dispatch.selectors.clock import zone_of
from web.guarding import Visitor
from web.refusals import said_of

YEARS = range(2000, 2200)


def day_of(given: Mapping[str, str], visitor: Visitor) -> date:
    """Return the ``date`` that is named, or today in the market. Raises Invalid."""
    text = given.get("date", "")
    if not text:
        return service_date(visitor.now, zone_of(visitor.by.market_id))
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise Invalid({"date": said_of("day")}) from fault
    if day.year not in YEARS:
        raise Invalid({"date": said_of("year")})
    return day


def moment_of(given: Mapping[str, str], name: str, day: date, zone: str) -> datetime:
    """Return the time of day under ``name``, as 09:30, on that day. Raises Invalid."""
    text = given.get(name, "")
    try:
        return instant_from(f"{day.isoformat()}T{text}", zone)
    except NoSuchTime as fault:
        raise Invalid({name: str(fault)}) from fault
    except ValueError as fault:
        raise Invalid({name: said_of("time")}) from fault


def number_of(given: Mapping[str, str], name: str, least: int, most: int) -> int:
    """Return the whole number under ``name``. Raises Invalid where it is none of them."""
    text = given.get(name, "")
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise Invalid({name: said_of("whole", least=least, most=most)})
    return int(text)


def id_of(given: Mapping[str, str], name: str) -> UUID:
    """Return the id under ``name``. Raises Invalid where there is none."""
    try:
        return UUID(given.get(name, ""))
    except ValueError as fault:
        raise Invalid({name: said_of("choose_one")}) from fault
