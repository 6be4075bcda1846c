"""The gates before treatment: each says whether it is open, why not, and who can open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.domain.people import Role
from dispatch.domain.protocol import CompanionRule


class GateName(StrEnum):
    CLEARANCE = "clearance"
    ORDER = "order"
    CONSENT = "consent"
    COMPANION = "companion"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Gate:
    name: GateName
    open: bool
    reason: str
    resolver: Role
    hard: bool = True


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


class CompanionAnswer(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


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
    questions_due: int = 0
    """Questions of this visit that the patient has not answered yet."""
    answers_outdated: int = 0
    """Answers of the screening that will be too old at the time of the visit."""


def gates(facts: Facts) -> tuple[Gate, ...]:
    """Return every gate of the visit, in the order in which people resolve them."""
    return (
        _clearance(facts),
        _order(facts),
        _consent(facts),
        *_companion(facts),
        _credentials(facts),
    )


def blocking(found: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """Return the gates that keep the nurse from setting out and from beginning the infusion."""
    return tuple(gate for gate in found if gate.hard and not gate.open)


def _open(name: GateName, reason: str, resolver: Role) -> Gate:
    return Gate(name, open=True, reason=reason, resolver=resolver)


def _closed(name: GateName, reason: str, resolver: Role) -> Gate:
    return Gate(name, open=False, reason=reason, resolver=resolver)


def _clearance(facts: Facts) -> Gate:
    if not facts.clearances:
        reason = "No screening has cleared this patient for the treatment."
    elif not _any_covers(facts.clearances, facts):
        reason = "The clearance does not cover the time of the visit."
    elif facts.answers_outdated:
        return _closed(
            GateName.CLEARANCE,
            "Answers of the screening are too old at the time of the visit; they are asked again.",
            Role.PATIENT,
        )
    elif facts.questions_due:
        return _closed(
            GateName.CLEARANCE,
            "The questions that are asked before each visit have not been answered for this one.",
            Role.PATIENT,
        )
    else:
        return _open(GateName.CLEARANCE, "Cleared.", Role.PRESCRIBER)
    return _closed(GateName.CLEARANCE, reason, Role.PRESCRIBER)


def _order(facts: Facts) -> Gate:
    valid = [one for one in facts.orders if one.validity.covers(facts.start, facts.end)]
    if not facts.orders:
        reason = "No prescriber has signed an order."
    elif not valid:
        reason = "The order does not cover the time of the visit."
    elif all(one.infusions_left < 1 for one in valid):
        reason = "Every infusion of the order has been given or is booked before this one."
    else:
        return _open(GateName.ORDER, "Ordered.", Role.PRESCRIBER)
    return _closed(GateName.ORDER, reason, Role.PRESCRIBER)


def _consent(facts: Facts) -> Gate:
    if not facts.consents:
        reason = "The patient has not signed the consent in its present version."
    elif not _any_covers(facts.consents, facts):
        reason = "The consent does not cover the time of the visit."
    else:
        return _open(GateName.CONSENT, "Signed.", Role.PATIENT)
    return _closed(GateName.CONSENT, reason, Role.PATIENT)


def _any_covers(papers: tuple[Validity, ...], facts: Facts) -> bool:
    return any(paper.covers(facts.start, facts.end) for paper in papers)


_DUTY = {
    CompanionRule.STAYS: "a responsible adult who stays",
    CompanionRule.DRIVES: "a driver home",
}


def companion_settled(duty: CompanionRule | None, answer: str | None) -> bool:
    """Whether nobody is needed, or somebody has said yes."""
    return duty is None or answer == CompanionAnswer.CONFIRMED


def _companion(facts: Facts) -> Iterator[Gate]:
    if facts.companion_duty is None:
        return
    who = _DUTY[facts.companion_duty]
    match facts.companion:
        case CompanionAnswer.CONFIRMED:
            yield _open(GateName.COMPANION, f"Confirmed: {who}.", Role.PATIENT)
        case CompanionAnswer.ASKED:
            yield _closed(GateName.COMPANION, f"Asked, not yet confirmed: {who}.", Role.PATIENT)
        case CompanionAnswer.DECLINED:
            yield _closed(GateName.COMPANION, f"Declined; needed: {who}.", Role.PATIENT)
        case None:
            yield _closed(GateName.COMPANION, f"Not named yet: {who}.", Role.PATIENT)


def _credentials(facts: Facts) -> Gate:
    faults = facts.credential_faults
    if faults is None:
        return _closed(GateName.CREDENTIALS, "No nurse is assigned.", Role.DISPATCHER)
    if faults:
        reason = f"The nurse lacks until the visit's end: {', '.join(faults)}."
        return _closed(GateName.CREDENTIALS, reason, Role.DISPATCHER)
    return _open(GateName.CREDENTIALS, "Valid to the visit's end.", Role.DISPATCHER)
