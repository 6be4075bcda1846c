"""The gates before treatment: what each is, who can open it, and what it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dispatch.domain.care import Item
from dispatch.domain.charges import CoverageState
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Role
from dispatch.domain.protocol import CompanionRule
from dispatch.domain.visit import Status


class GateName(StrEnum):
    CLEARANCE = "clearance"
    ORDER = "order"
    CONSENT = "consent"
    COMPANION = "companion"
    CREDENTIALS = "credentials"
    CUSTODY = "custody"
    KIT = "kit"
    HOME = "home"
    COVERAGE = "coverage"


class GateState(StrEnum):
    """A closed gate stops the nurse; an overridden one would, had a dispatcher not decided."""

    OPEN = "open"
    CLOSED = "closed"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Terms:
    """Who can open a gate, and whether nobody may pass while it is closed."""

    resolver: Role
    hard: bool


TERMS: Mapping[GateName, Terms] = {
    # Whether the patient may be treated at all, and with what, is a clinician's to say.
    GateName.CLEARANCE: Terms(Role.PRESCRIBER, hard=True),
    GateName.ORDER: Terms(Role.PRESCRIBER, hard=True),
    # Nobody agrees to a treatment for somebody else.
    GateName.CONSENT: Terms(Role.PATIENT, hard=True),
    # A patient who cannot drive or be left alone is not helped by a dispatcher's reason.
    GateName.COMPANION: Terms(Role.PATIENT, hard=True),
    # The law's: who may practise in the state, and that every microgram is accounted for.
    GateName.CREDENTIALS: Terms(Role.DISPATCHER, hard=True),
    GateName.CUSTODY: Terms(Role.NURSE, hard=True),
    # These can be put right on the way or at the door: somebody may answer for going ahead.
    GateName.KIT: Terms(Role.NURSE, hard=False),
    GateName.HOME: Terms(Role.PATIENT, hard=False),
    GateName.COVERAGE: Terms(Role.PATIENT, hard=False),
}
STAND_BEFORE = frozenset({Status.REQUESTED, Status.ASSIGNED, Status.EN_ROUTE, Status.ARRIVED})
"""Statuses in which the nurse has still to pass the gates, at the latest before the infusion."""
SOFT = tuple(name for name, terms in TERMS.items() if not terms.hard)
"""The gates that a dispatcher may override with a reason; the database knows them too."""


@dataclass(frozen=True, slots=True)
class Gate:
    """``open`` says whether what it asks for is there; ``state`` also knows of an override.

    ``overridable`` is a gate that is closed and need not stay so: a dispatcher may override it.
    """

    name: GateName
    state: GateState
    open: bool
    reason: str
    resolver: Role
    hard: bool
    overridable: bool


@dataclass(frozen=True, slots=True)
class Validity:
    """A dated fact: holds from ``since`` up to, but not including, ``until``."""

    since: datetime
    until: datetime

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.since <= start and end <= self.until


@dataclass(frozen=True, slots=True)
class Order:
    validity: Validity
    infusions_left: int
    confirmed: bool = True


class CompanionAnswer(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Checklist:
    """Points to go through, and the codes of those that were confirmed."""

    asked: tuple[Item, ...]
    confirmed: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is left, as people read it."""
        return tuple(item.text for item in self.asked if item.code not in self.confirmed)


@dataclass(frozen=True, slots=True)
class Price:
    """The self-pay price, what the patient's insurance does, and the day it was last shown."""

    cents: int
    coverage: CoverageState
    shown_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the gates look at, read under the visit's lock.

    ``start`` and ``end`` are when the treatment will be, as far as can be told now.
    """

    start: datetime
    end: datetime
    clearances: tuple[Validity, ...]
    orders: tuple[Order, ...]
    consents: tuple[Validity, ...]
    companion_duty: CompanionRule | None
    companion: CompanionAnswer | None
    credential_faults: tuple[str, ...] | None
    """What the nurse lacks until the visit's end; None where no nurse is assigned."""
    vials_open: bool | None
    """Whether vials of an earlier visit are still out in the nurse's name; None likewise."""
    kit: Checklist | None
    """What the nurse has to bring; None likewise."""
    home: Checklist
    price: Price
    overridden: frozenset[GateName] = frozenset()
    """Gates that a dispatcher has overridden and not closed again."""
    questions_due: int = 0
    """Questions of this visit that the patient has not answered yet."""
    answers_outdated: int = 0
    """Answers of the screening that will be too old at the time of the visit."""


def blocking(found: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """Return the gates that keep the nurse from setting out and from beginning the infusion."""
    return tuple(gate for gate in found if gate.state is GateState.CLOSED)


def check_gates_stand(status: Status) -> None:
    """Raise Conflict ``wrong_status`` where no gate will be passed any more."""
    if status not in STAND_BEFORE:
        raise Conflict(
            "wrong_status", "The gates of this visit lie behind it.", visit_status=status.value
        )


def companion_settled(duty: CompanionRule | None, answer: str | None) -> bool:
    """Whether nobody is needed, or somebody has said yes."""
    return duty is None or answer == CompanionAnswer.CONFIRMED
