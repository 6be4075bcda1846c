"""The elements by which a visit is verified, and how corrections change what counts.

The six are those of electronic visit verification (21st Century Cures Act, section 12006): type of
service, recipient, date, place, provider, begin and end. The date follows from the begin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from dispatch.domain.clock import instant_from

LONGEST_VALUE = 200
MOST_LATITUDE, MOST_LONGITUDE = 90, 180
Point = tuple[float, float]


class Element(StrEnum):
    """What a correction may be about, by the names of the fields of ``Elements``."""

    SERVICE = "service"
    BILLING = "billing"
    RECIPIENT = "recipient"
    ADDRESS = "address"
    ARRIVED_AT_POINT = "arrived_at_point"
    PROVIDER = "provider"
    BEGUN_AT = "begun_at"
    ENDED_AT = "ended_at"


class CorrectionReason(StrEnum):
    """Why an element is corrected; the first is for what a phone told later, and for nobody."""

    LATE_DEVICE_RECORD = "late_device_record"
    DEVICE_FAILED = "device_failed"
    STEP_FORGOTTEN = "step_forgotten"
    WRONG_ENTRY = "wrong_entry"
    OTHER_PLACE = "other_place"
    OTHER_PROVIDER = "other_provider"


BY_HAND = tuple(one for one in CorrectionReason if one is not CorrectionReason.LATE_DEVICE_RECORD)
"""The reasons that people give."""

BY_DEVICE = (Element.ARRIVED_AT_POINT, Element.BEGUN_AT, Element.ENDED_AT)
"""What the nurse's phone tells; the rest is as it was booked."""


@dataclass(frozen=True, slots=True)
class Elements:
    """What is verified. ``billing`` lists codes as in ``CPT 96365; HCPCS J3490``; times are UTC.

    ``arrived_at_point`` is where the nurse's phone was on arrival, in WGS 84 degrees (latitude,
    longitude), where it told so.
    """

    service: str
    billing: str
    recipient: str
    address: str
    arrived_at_point: Point | None
    provider: str
    begun_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The text that an element is to have."""

    element: Element
    value: str


def corrected(first: Elements, changes: Iterable[Change]) -> Elements:
    """Return what counts after the changes, each laid over those before it."""
    for change in changes:
        value: Any = _read(change.element, change.value)
        first = replace(first, **{change.element.value: value})
    return first


def told_later(known: Elements, told: Elements) -> tuple[Change, ...]:
    """Return what the phone tells otherwise than is known from it so far."""
    return tuple(
        Change(one, written(told, one)) for one in BY_DEVICE if _of(told, one) != _of(known, one)
    )


def written(elements: Elements, element: Element) -> str:
    """Return an element as the text that a correction holds."""
    value = _of(elements, element)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(map(repr, value))
    return "" if value is None else str(value)


def normalised(element: Element, text: str, zone: str) -> str:
    """Return what somebody wrote as the text of a correction; a time may be by the local clock.

    Raises ValueError, with a sentence for people, where it cannot be such an element.
    """
    if element is Element.ARRIVED_AT_POINT:
        return ",".join(map(repr, _point(text)))
    if element not in BY_DEVICE:
        return text
    try:
        return instant_from(text, zone).isoformat()
    except (ValueError, OverflowError) as fault:
        raise ValueError("Write a time as 2027-03-01T09:00, with or without offset.") from fault


def _of(elements: Elements, element: Element) -> str | Point | datetime | None:
    value: str | Point | datetime | None = getattr(elements, element.value)
    return value


def _read(element: Element, text: str) -> str | Point | datetime | None:
    if element is Element.ARRIVED_AT_POINT:
        return _point(text) if text else None
    return datetime.fromisoformat(text) if element in BY_DEVICE else text


def _point(text: str) -> Point:
    try:
        lat, lng = map(float, text.split(","))
    except ValueError as fault:
        raise ValueError("Write a point as 38.9072,-77.0369.") from fault
    if not (abs(lat) <= MOST_LATITUDE and abs(lng) <= MOST_LONGITUDE):
        raise ValueError("Write a point as 38.9072,-77.0369.")
    return lat, lng
