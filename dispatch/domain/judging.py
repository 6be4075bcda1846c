"""Judges the gates by their facts: each says whether it is open, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.domain.charges import CoverageState, dollars
from dispatch.domain.gates import (
    TERMS,
    CompanionAnswer,
    Facts,
    Gate,
    GateName,
    GateState,
    Validity,
)
from dispatch.domain.people import Role
from dispatch.domain.protocol import CompanionRule
from dispatch.domain.sentences import Sentence

_DUTY = {
    CompanionRule.STAYS: "a responsible adult who stays",
    CompanionRule.DRIVES: "a driver home",
}
_COVERAGE = {
    CoverageState.UNKNOWN: "Coverage unknown",
    CoverageState.NOT_COVERED: "Not covered",
    CoverageState.MAYBE: "Perhaps covered",
    CoverageState.COVERED: "Covered",
}


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a gate asks for, and whether it is there; who helps, where that is not as usual."""

    name: GateName
    met: bool
    reason: str
    resolver: Role | None = None


def judge(facts: Facts) -> tuple[Gate, ...]:
    """Return every gate of the visit, in the order in which people resolve them."""
    return tuple(_gate(one, facts.overridden) for one in _findings(facts))


def _findings(facts: Facts) -> Iterator[_Finding]:
    yield _clearance(facts)
    yield _order(facts)
    yield _consent(facts)
    yield from _companion(facts)
    yield _credentials(facts)
    yield _custody(facts)
    yield from _kit(facts)
    yield from _home(facts)
    yield _coverage(facts)


def _gate(found: _Finding, overridden: frozenset[GateName]) -> Gate:
    terms, state, reason = TERMS[found.name], GateState.CLOSED, found.reason
    if found.met:
        state = GateState.OPEN
    elif found.name in overridden and not terms.hard:
        state = GateState.OVERRIDDEN
        reason = Sentence("{reason} A dispatcher lets the visit go on.", reason=reason)
    return Gate(
        name=found.name,
        state=state,
        open=found.met,
        reason=reason,
        resolver=found.resolver or terms.resolver,
        hard=terms.hard,
        overridable=state is GateState.CLOSED and not terms.hard,
    )


def _open(name: GateName, reason: str) -> _Finding:
    return _Finding(name, met=True, reason=reason)


def _closed(name: GateName, reason: str, resolver: Role | None = None) -> _Finding:
    return _Finding(name, met=False, reason=reason, resolver=resolver)


def _no_nurse(name: GateName) -> _Finding:
    return _closed(name, "No nurse is assigned.", Role.DISPATCHER)


def _clearance(facts: Facts) -> _Finding:
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
        return _open(GateName.CLEARANCE, "Cleared.")
    return _closed(GateName.CLEARANCE, reason)


def _order(facts: Facts) -> _Finding:
    valid = [one for one in facts.orders if one.validity.covers(facts.start, facts.end)]
    if not facts.orders:
        reason = "No prescriber has signed an order."
    elif not valid:
        reason = "The order does not cover the time of the visit."
    elif not any(one.confirmed for one in valid):
        reason = "The new dose waits for a second person to confirm it."
    elif all(one.infusions_left < 1 for one in valid if one.confirmed):
        reason = "Every infusion of the order has been given or is booked before this one."
    else:
        return _open(GateName.ORDER, "Ordered.")
    return _closed(GateName.ORDER, reason)


def _consent(facts: Facts) -> _Finding:
    if not facts.consents:
        reason = "The patient has not signed the consent in its present version."
    elif not _any_covers(facts.consents, facts):
        reason = "The consent does not cover the time of the visit."
    else:
        return _open(GateName.CONSENT, "Signed.")
    return _closed(GateName.CONSENT, reason)


def _any_covers(papers: tuple[Validity, ...], facts: Facts) -> bool:
    return any(paper.covers(facts.start, facts.end) for paper in papers)


def _companion(facts: Facts) -> Iterator[_Finding]:
    if facts.companion_duty is None:
        return
    who = _DUTY[facts.companion_duty]
    match facts.companion:
        case CompanionAnswer.CONFIRMED:
            yield _open(GateName.COMPANION, Sentence("Confirmed: {who}.", who=who))
        case CompanionAnswer.ASKED:
            yield _closed(GateName.COMPANION, Sentence("Asked, not yet confirmed: {who}.", who=who))
        case CompanionAnswer.DECLINED:
            yield _closed(GateName.COMPANION, Sentence("Declined; needed: {who}.", who=who))
        case None:
            yield _closed(GateName.COMPANION, Sentence("Not named yet: {who}.", who=who))


def _credentials(facts: Facts) -> _Finding:
    faults = facts.credential_faults
    if faults is None:
        return _no_nurse(GateName.CREDENTIALS)
    if faults:
        lacks = ", ".join(faults)
        reason = Sentence("The nurse lacks until the visit's end: {lacks}.", lacks=lacks)
        return _closed(GateName.CREDENTIALS, reason)
    return _open(GateName.CREDENTIALS, "Valid to the visit's end.")


def _custody(facts: Facts) -> _Finding:
    if facts.vials_open is None:
        return _no_nurse(GateName.CUSTODY)
    if facts.vials_open:
        reason = "The nurse has vials of an earlier visit that do not balance."
        return _closed(GateName.CUSTODY, reason)
    return _open(GateName.CUSTODY, "Every vial of earlier visits balances.")


def _kit(facts: Facts) -> Iterator[_Finding]:
    if facts.kit is None:
        yield _no_nurse(GateName.KIT)
    elif facts.kit.missing:
        reason = Sentence("The nurse has not confirmed: {points}.", points=facts.kit.missing)
        yield _closed(GateName.KIT, reason)
    elif facts.kit.asked:
        yield _open(GateName.KIT, "Confirmed by the nurse.")


def _home(facts: Facts) -> Iterator[_Finding]:
    if facts.home.missing:
        reason = Sentence("Not confirmed for this place: {points}.", points=facts.home.missing)
        yield _closed(GateName.HOME, reason)
    elif facts.home.asked:
        yield _open(GateName.HOME, "Confirmed for this place.")


def _coverage(facts: Facts) -> _Finding:
    coverage, price = _COVERAGE[facts.price.coverage], dollars(facts.price.cents)
    if facts.price.shown_on is None:
        pattern = "{coverage}; self-pay price of {price} not shown yet."
        return _closed(GateName.COVERAGE, Sentence(pattern, coverage=coverage, price=price))
    reason = Sentence(
        "{coverage}; self-pay price of {price} was shown on {day}.",
        coverage=coverage,
        price=price,
        day=facts.price.shown_on,
    )
    return _open(GateName.COVERAGE, reason)
