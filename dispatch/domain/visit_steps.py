"""The steps of a visit in the order in which a nurse goes through them, and what each one tells.

They follow from the protocol and from who has to be there. A screen shows them and fills in what
has been told; what is judged of it, the record says (``visit_record``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.care import Item, Limit, Measure, Vitals
from dispatch.domain.door_steps import STEPS
from dispatch.domain.field_events import Decision, EventType, Severity
from dispatch.domain.protocol import CompanionRule, Protocol
from dispatch.domain.visit_record import Flag, FlagCode

UG_IN_MG = 1000
G_IN_KG = 1000


class Kind(StrEnum):
    """How one thing that an event carries is asked for."""

    FLAG = "flag"
    CODES = "codes"
    ONE = "one"
    MINUTES = "minutes"
    NUMBER = "number"
    WORDS = "words"
    VIAL = "vial"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing in an event's data, by its name there.

    A number is asked for in units of which ``per`` of the event's make one; ``least`` and ``most``
    are the limits outside of which no infusion begins, in the event's units.
    """

    name: str
    kind: Kind
    required: bool = True
    choices: tuple[Item, ...] = ()
    per: int = 1
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Open once ``since`` is told, done once ``until`` is.

    ``closes``: from then on it is not told again. ``every_s``: told again and again in between.
    ``aside``: not in the order of a visit, but at hand. ``asks``: before it is told, the service
    says what speaks against it.
    """

    key: str
    type: EventType
    since: EventType | None
    until: EventType | None
    fields: tuple[Field, ...] = ()
    closes: EventType | None = None
    every_s: int | None = None
    aside: bool = False
    asks: bool = False

    @property
    def once(self) -> bool:
        """Whether it leads the visit on: such a step is told once, and nothing takes it back."""
        return self.type in STEPS


def steps_of(protocol: Protocol, duty: CompanionRule | None) -> tuple[Step, ...]:
    """Return the steps in order, then those that are at hand beside them."""
    return (
        Step("depart", EventType.DEPART, None, EventType.DEPART, asks=True),
        Step("arrive", EventType.ARRIVE, EventType.DEPART, EventType.ARRIVE),
        *_at_the_door(protocol, duty),
        *_infusion(protocol),
        *_leaving(protocol),
        *_aside(protocol),
    )


def step_of(flag: Flag) -> EventType | None:
    """Return the kind of step at which a flag is to be read; None where it is of the whole."""
    if flag.code in _AT:
        return _AT[flag.code]
    return EventType(flag.subject) if flag.subject in set(EventType) else None


_AT = {
    FlagCode.DEPARTED_THROUGH_CLOSED_GATE: EventType.DEPART,
    FlagCode.FAR_FROM_THE_PLACE: EventType.ARRIVE,
    FlagCode.BEGUN_WITHOUT: EventType.START_INFUSION,
    FlagCode.GIVEN_ABOVE_DOSE: EventType.GIVE,
    FlagCode.VITALS_MISSED: EventType.VITALS,
    FlagCode.RECOVERY_TOO_SHORT: EventType.DISCHARGE,
    FlagCode.DISCHARGED_WITHOUT: EventType.DISCHARGE,
    FlagCode.CUSTODY_OPEN: EventType.COMPLETE,
}


def _at_the_door(protocol: Protocol, duty: CompanionRule | None) -> Iterator[Step]:
    yield _told("identity", EventType.IDENTITY, Field("confirmed", Kind.FLAG))
    if duty is not None:
        yield _told("companion", EventType.COMPANION, Field("present", Kind.FLAG))
    if protocol.readiness:
        items = Field("items", Kind.CODES, required=False, choices=protocol.readiness)
        yield _told("home", EventType.HOME, items)
    yield _told("baseline", EventType.VITALS, *_measures(protocol.vitals, protocol.vitals.baseline))
    yield _told(
        "go_no_go", EventType.GO_NO_GO, _one("decision", Decision), _words("reason", needed=False)
    )
    if _is_controlled(protocol):
        yield _told("checkout", EventType.CHECKOUT, Field("vial", Kind.VIAL))


def _infusion(protocol: Protocol) -> Iterator[Step]:
    begun, ended = EventType.START_INFUSION, EventType.END_INFUSION
    dose = (_milligrams("dose_ug"),) if protocol.drug is not None else ()
    rate = _milligrams("rate_ug_per_min", needed=False)
    fields = (*dose, rate) if protocol.drug is not None else ()
    yield Step("start", begun, EventType.ARRIVE, begun, fields, asks=True)
    vitals = protocol.vitals
    yield Step(
        "during", EventType.VITALS, begun, ended, _measures(vitals, vitals.throughout),
        every_s=vitals.every_s_infusion,
    )  # fmt: skip
    yield Step("end", ended, begun, ended)


def _leaving(protocol: Protocol) -> Iterator[Step]:
    ended, left = EventType.END_INFUSION, EventType.DISCHARGE
    vitals = protocol.vitals
    yield Step(
        "recovery", EventType.VITALS, ended, left, _measures(vitals, vitals.throughout),
        every_s=vitals.every_s_recovery,
    )  # fmt: skip
    if _is_controlled(protocol):
        vial, witness = Field("vial", Kind.VIAL), Field("witness", Kind.WITNESS, required=False)
        yield Step("give", EventType.GIVE, ended, EventType.GIVE, (vial, _milligrams("ug")))
        yield Step(
            "waste", EventType.WASTE, ended, EventType.WASTE, (vial, _milligrams("ug"), witness)
        )
    criteria = Field("criteria", Kind.CODES, required=False, choices=protocol.discharge)
    yield Step("discharge", left, ended, left, (criteria,), asks=True)
    yield Step("complete", EventType.COMPLETE, left, EventType.COMPLETE)


def _aside(protocol: Protocol) -> Iterator[Step]:
    arrived, begun = EventType.ARRIVE, EventType.START_INFUSION
    left, done = EventType.DISCHARGE, EventType.COMPLETE
    effects = Field("code", Kind.ONE, choices=protocol.side_effects)
    reasons = tuple(Item(one.code, one.text) for one in protocol.abort_reasons)
    vial = Field("vial", Kind.VIAL)
    yield Step(
        "adverse_event", EventType.ADVERSE_EVENT, arrived, None,
        (_one("severity", Severity), _words("text")), aside=True,
    )  # fmt: skip
    if protocol.side_effects:
        yield Step(
            "side_effect", EventType.SIDE_EFFECT, begun, done,
            (effects, _words("text", needed=False)), aside=True,
        )  # fmt: skip
    if protocol.drug is not None:
        rate = (_milligrams("ug_per_min"),)
        yield Step("rate", EventType.RATE, begun, EventType.END_INFUSION, rate, aside=True)
    named = (_words("name"), _words("text", needed=False))
    yield Step("medication", EventType.MEDICATION, begun, left, named, aside=True)
    minutes = tuple(Item(str(one // 60), str(one // 60)) for one in protocol.recovery.extensions)
    if minutes:
        lengthened = (Field("minutes", Kind.MINUTES, choices=minutes),)
        yield Step(
            "extend", EventType.EXTEND_RECOVERY, EventType.END_INFUSION, left, lengthened,
            aside=True,
        )  # fmt: skip
    if _is_controlled(protocol):
        witness = Field("witness", Kind.WITNESS, required=False)
        out = EventType.CHECKOUT
        yield Step("return", EventType.RETURN, out, done, (vial, witness), aside=True)
        lost = (vial, _milligrams("ug"), _words("reason"))
        yield Step("discrepancy", EventType.DISCREPANCY, out, done, lost, aside=True)
    yield Step("note", EventType.NOTE, None, None, (_words("text"),), aside=True)
    yield Step(
        "no_show", EventType.NO_SHOW, arrived, begun, (_words("text", needed=False),), aside=True
    )
    why = (Field("reason", Kind.ONE, choices=reasons), _words("text", needed=False))
    yield Step("abort", EventType.ABORT, arrived, done, why, aside=True)


def _told(key: str, kind: EventType, *fields: Field) -> Step:
    return Step(key, kind, EventType.ARRIVE, kind, fields, closes=EventType.START_INFUSION)


def _is_controlled(protocol: Protocol) -> bool:
    return protocol.drug is not None and protocol.drug.controlled


def _one(name: str, of: type[StrEnum]) -> Field:
    return Field(name, Kind.ONE, choices=tuple(Item(one.value, "") for one in of))


def _words(name: str, *, needed: bool = True) -> Field:
    return Field(name, Kind.WORDS, required=needed)


def _milligrams(name: str, *, needed: bool = True) -> Field:
    return Field(name, Kind.NUMBER, required=needed, per=UG_IN_MG)


def _measures(vitals: Vitals, charted: tuple[Measure, ...]) -> tuple[Field, ...]:
    limits = {limit.measure: limit for limit in vitals.limits}
    return tuple(_measure(one, limits.get(one)) for one in charted)


def _measure(one: Measure, limit: Limit | None) -> Field:
    return Field(
        one.value, Kind.NUMBER,
        per=G_IN_KG if one is Measure.WEIGHT_G else 1,
        least=None if limit is None else limit.least,
        most=None if limit is None else limit.most,
    )  # fmt: skip
