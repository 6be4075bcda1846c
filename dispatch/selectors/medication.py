"""Medication that has to end before an infusion: what is agreed, and what is still to be."""

from __future__ import annotations

import json
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.care import MedicationRule
from dispatch.domain.clearing import earliest_day
from dispatch.domain.clock import day_bounds
from dispatch.domain.protocol import Protocol
from dispatch.models import Agreement, Market, Screening
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.screening import last_yes


def rules_of(screening: Screening) -> tuple[MedicationRule, ...]:
    """Return the rules by which a medication is one of the screening's reasons."""
    asked = {reason["question"] for reason in json.loads(screening.reasons)}
    rules = protocol_of(screening.protocol_id).medication
    return tuple(rule for rule in rules if rule.question in asked)


def open_rules(screening: Screening) -> tuple[MedicationRule, ...]:
    """Return those for which no last dose has been agreed since the patient last said yes."""
    agreed = _newest(screening.patient_id)
    return tuple(
        rule
        for rule in rules_of(screening)
        if not _agreed_since(screening.patient_id, rule, agreed)
    )


def earliest_agreed(patient_id: UUID, protocol: Protocol, market_id: UUID) -> datetime | None:
    """Return the midnight of the market's clocks from which the medication allows an infusion."""
    agreed = _newest(patient_id)
    days = [
        earliest_day(rule, date.fromisoformat(agreed[rule.question].last_dose_on))
        for rule in protocol.medication
        if rule.question in agreed
    ]
    if not days:
        return None
    return day_bounds(max(days), Market.objects.values_list("zone", flat=True).get(id=market_id))[0]


def last_doses(patient_id: UUID, protocol: Protocol) -> tuple[date, ...]:
    """Return the last days of a medication that were agreed on before an infusion."""
    agreed = _newest(patient_id)
    asked = [agreed[rule.question] for rule in protocol.medication if rule.question in agreed]
    return tuple(sorted(date.fromisoformat(one.last_dose_on) for one in asked))


def _newest(patient_id: UUID) -> dict[str, Agreement]:
    """By question; which question it is PostgreSQL cannot read."""
    agreements = Agreement.objects.filter(patient_id=patient_id).order_by("agreed_at", "id")
    return {one.question: one for one in agreements}


def _agreed_since(patient_id: UUID, rule: MedicationRule, agreed: dict[str, Agreement]) -> bool:
    if rule.question not in agreed:
        return False
    yes = last_yes(patient_id, rule.question)
    return yes is None or yes <= agreed[rule.question].agreed_at
