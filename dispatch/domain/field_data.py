"""What each kind of event carries, checked against the protocol of its visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from dispatch.domain.care import Item, Measure
from dispatch.domain.field_events import LONGEST_ID, Decision, EventType, Severity, Told
from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.protocol import Protocol

LONGEST_NOTE = 2000
LONGEST_NAME = 200
LONGEST_CODE = 64
GREATEST = 10_000_000
"""No measure and no dose is a greater number, in whatever unit."""


def check_data(told: Told, protocol: Protocol, path: str) -> None:
    """Raise FieldError, its field beginning with ``path``, where the data are not what they should.

    Units stand in the names; whole numbers but for degrees.
    """
    fields = Fields(dict(told.data), path)
    _CHECKS.get(told.type, _nothing)(fields, protocol)
    fields.reject_unknown()


def _nothing(fields: Fields, protocol: Protocol) -> None:
    """A step that carries nothing: that it happened, and when, is all there is to know."""


def _arrive(fields: Fields, _: Protocol) -> None:
    """The phone may not know where it is; it knows both degrees or none."""
    if fields.has("lat") or fields.has("lng"):
        _degrees(fields, "lat", 90)
        _degrees(fields, "lng", 180)


def _identity(fields: Fields, _: Protocol) -> None:
    fields.flag("confirmed")


def _companion(fields: Fields, _: Protocol) -> None:
    fields.flag("present")


def _home(fields: Fields, protocol: Protocol) -> None:
    _codes(fields, "items", protocol.readiness)


def _vitals(fields: Fields, _: Protocol) -> None:
    charted = [measure for measure in Measure if _has_number(fields, measure.value)]
    if not charted:
        raise FieldError(fields.path, f"must have some of {', '.join(Measure)}")


def _go_no_go(fields: Fields, _: Protocol) -> None:
    fields.one_of("decision", Decision)
    _words_if_any(fields, "reason")


def _start(fields: Fields, protocol: Protocol) -> None:
    if protocol.drug is not None or fields.has("dose_ug"):
        _number(fields, "dose_ug", 1)
    _has_number(fields, "rate_ug_per_min")


def _rate(fields: Fields, _: Protocol) -> None:
    _number(fields, "ug_per_min")


def _medication(fields: Fields, _: Protocol) -> None:
    _words(fields, "name", LONGEST_NAME)
    _words_if_any(fields, "text")


def _side_effect(fields: Fields, protocol: Protocol) -> None:
    _one_code(fields, "code", [item.code for item in protocol.side_effects])
    _words_if_any(fields, "text")


def _extend(fields: Fields, protocol: Protocol) -> None:
    steps = [one // 60 for one in protocol.recovery.extensions]
    if fields.whole("minutes") not in steps:
        raise FieldError(fields.at("minutes"), f"must be one of {', '.join(map(str, steps))}")


def _discharge(fields: Fields, protocol: Protocol) -> None:
    if fields.has("criteria"):
        _codes(fields, "criteria", protocol.discharge)


def _adverse_event(fields: Fields, _: Protocol) -> None:
    fields.one_of("severity", Severity)
    _words(fields, "text")


def _abort(fields: Fields, protocol: Protocol) -> None:
    _one_code(fields, "reason", [reason.code for reason in protocol.abort_reasons])
    _words_if_any(fields, "text")


def _no_show(fields: Fields, _: Protocol) -> None:
    _words_if_any(fields, "text")


def _note(fields: Fields, _: Protocol) -> None:
    _words(fields, "text")


def _checkout(fields: Fields, _: Protocol) -> None:
    _words(fields, "vial", LONGEST_CODE)


def _give(fields: Fields, protocol: Protocol) -> None:
    _checkout(fields, protocol)
    _number(fields, "ug", 1)


def _waste(fields: Fields, protocol: Protocol) -> None:
    _give(fields, protocol)
    _witness(fields)


def _return(fields: Fields, protocol: Protocol) -> None:
    _checkout(fields, protocol)
    _witness(fields)


def _discrepancy(fields: Fields, _: Protocol) -> None:
    """More or less than there should be: the only amount that may be below zero."""
    _words(fields, "vial", LONGEST_CODE)
    found = fields.value("ug")
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < abs(found) <= GREATEST:
        raise FieldError(fields.at("ug"), "must be a whole number other than 0")
    _words(fields, "reason")


_CHECKS: Mapping[EventType, Callable[[Fields, Protocol], None]] = {
    EventType.ARRIVE: _arrive,
    EventType.IDENTITY: _identity,
    EventType.COMPANION: _companion,
    EventType.HOME: _home,
    EventType.VITALS: _vitals,
    EventType.GO_NO_GO: _go_no_go,
    EventType.CHECKOUT: _checkout,
    EventType.START_INFUSION: _start,
    EventType.GIVE: _give,
    EventType.RATE: _rate,
    EventType.MEDICATION: _medication,
    EventType.SIDE_EFFECT: _side_effect,
    EventType.ADVERSE_EVENT: _adverse_event,
    EventType.EXTEND_RECOVERY: _extend,
    EventType.WASTE: _waste,
    EventType.RETURN: _return,
    EventType.DISCREPANCY: _discrepancy,
    EventType.DISCHARGE: _discharge,
    EventType.NO_SHOW: _no_show,
    EventType.ABORT: _abort,
    EventType.NOTE: _note,
}


def _number(fields: Fields, name: str, least: int = 0) -> None:
    if fields.whole(name, least) > GREATEST:
        raise FieldError(fields.at(name), f"must be a whole number of at most {GREATEST}")


def _has_number(fields: Fields, name: str) -> bool:
    if fields.has(name):
        _number(fields, name)
    return fields.has(name)


def _degrees(fields: Fields, name: str, most: int) -> None:
    found = fields.value(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) <= most:
        raise FieldError(fields.at(name), f"must be degrees from -{most} to {most}")


def _words(fields: Fields, name: str, longest: int = LONGEST_NOTE) -> None:
    text = fields.text(name, longest)
    if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text):
        raise FieldError(fields.at(name), "must be a text without NUL or surrogates")


def _words_if_any(fields: Fields, name: str) -> None:
    if fields.has(name) and fields.value(name) != "":
        _words(fields, name)


def _codes(fields: Fields, name: str, items: Iterable[Item]) -> None:
    known = [item.code for item in items]
    if not set(fields.texts(name)) <= set(known):
        raise FieldError(fields.at(name), f"must be a list of some of {', '.join(known)}")


def _one_code(fields: Fields, name: str, known: list[str]) -> None:
    if fields.text(name, LONGEST_CODE) not in known:
        raise FieldError(fields.at(name), f"must be one of {', '.join(known)}")


def _witness(fields: Fields) -> None:
    """Who saw it, by the account's id; may be named later, when that person signs."""
    if not fields.has("witness"):
        return
    try:
        UUID(fields.text("witness", LONGEST_ID))
    except ValueError as fault:
        raise FieldError(fields.at("witness"), "must be a UUID") from fault
