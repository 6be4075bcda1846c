"""What happened at the door, as the nurse's phone tells it: kinds, order, how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from dispatch.domain.clock import NoSuchTime, instant_from
from dispatch.domain.fields import FieldError, Fields

LONGEST_TIME = 40
LONGEST_ID = 36


class EventType(StrEnum):
    """In the order in which they belong where two bear the same time."""

    DEPART = "depart"
    ARRIVE = "arrive"
    IDENTITY = "identity"
    COMPANION = "companion"
    HOME = "home"
    VITALS = "vitals"
    GO_NO_GO = "go_no_go"
    CHECKOUT = "checkout"
    START_INFUSION = "start-infusion"
    GIVE = "give"
    RATE = "rate"
    MEDICATION = "medication"
    SIDE_EFFECT = "side_effect"
    ADVERSE_EVENT = "adverse_event"
    END_INFUSION = "end-infusion"
    EXTEND_RECOVERY = "extend-recovery"
    WASTE = "waste"
    RETURN = "return"
    DISCREPANCY = "discrepancy"
    DISCHARGE = "discharge"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    ABORT = "abort"
    NOTE = "note"


CUSTODY = frozenset(
    {
        EventType.CHECKOUT,
        EventType.GIVE,
        EventType.WASTE,
        EventType.RETURN,
        EventType.DISCREPANCY,
    }
)
"""What moves a controlled drug, and is entered in its ledger."""

BREAKS_OFF = frozenset({EventType.NO_SHOW, EventType.ABORT})

_RANK = {kind: rank for rank, kind in enumerate(EventType)}


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Decision(StrEnum):
    GO = "go"
    NO_GO = "no_go"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a phone tells: ``id`` and ``at`` are the device's own.

    ``data`` is plain JSON, checked by ``field_data.check_data``.
    """

    id: UUID
    type: EventType
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldEvent(Told):
    """The same as it is kept.

    ``counts`` is false where the visit was not (or is no longer) the nurse's to do.
    ``closed_gates`` are those through which the nurse set out; ``off_m`` is how far from the place
    an arrival was, in metres; ``refused`` means that the ledger could not enter it.
    """

    counts: bool = True
    closed_gates: tuple[str, ...] = ()
    off_m: int | None = None
    refused: bool = False


def in_order(event: Told) -> tuple[datetime, int, UUID]:
    """The key by which events are sorted: no order in which they came in changes it."""
    return event.at, _RANK[event.type], event.id


def read_told(entry: object, path: str, zone: str) -> Told:
    """Read one event but for what its data must hold; FieldError names the field at fault."""
    fields = Fields(entry, path)
    told = Told(
        id=_read_id(fields),
        type=fields.one_of("type", EventType),
        at=_read_time(fields, zone),
        data=_read_data(fields),
    )
    fields.reject_unknown()
    return told


def _read_id(fields: Fields) -> UUID:
    try:
        return UUID(fields.text("id", LONGEST_ID))
    except ValueError as fault:
        raise FieldError(fields.at("id"), "must be a UUID") from fault


def _read_time(fields: Fields, zone: str) -> datetime:
    try:
        return instant_from(fields.text("device_time", LONGEST_TIME), zone)
    except NoSuchTime as fault:
        raise FieldError(fields.at("device_time"), str(fault)) from fault
    except (ValueError, OverflowError) as fault:
        message = "must be a time as 2027-03-01T09:00, with or without offset"
        raise FieldError(fields.at("device_time"), message) from fault


def _read_data(fields: Fields) -> Mapping[str, Any]:
    if not fields.has("data"):
        return {}
    found = fields.value("data")
    if not isinstance(found, dict):
        raise FieldError(fields.at("data"), "must be an object")
    return {name: value for name, value in found.items() if value is not None}
