"""What of a row each role is told: facts about a patient's health, and for whom they are.

Whoever may see a row sees its identity, its times and its status. What is named here is left out
of the answer for every other role. Selectors ask here, and nowhere else is it decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dispatch.domain.people import Role


class Fact(StrEnum):
    VERDICT_REASONS = "verdict_reasons"
    """Why a screening came out as it did: it tells what was answered."""
    DIAGNOSES = "diagnoses"
    SCORES = "scores"
    """Of questionnaires as the PHQ-9."""
    RESPONSE = "response"
    """What came of a phase of treatment, and what the clinician wrote about it."""
    FINDINGS = "findings"
    """What the nurse measured, gave, saw and wrote down at the visit."""
    BREAKING_OFF = "breaking_off"
    """Why a visit was broken off; that it was, everybody sees."""
    AMOUNTS = "amounts"
    """Which vials a visit used and how much of each: it tells the dose."""
    WORDS = "words"
    """What was written to somebody, and at which address."""


_PATIENT_AND_PRESCRIBER = frozenset({Role.PATIENT, Role.PRESCRIBER})

TOLD_TO: Mapping[Fact, frozenset[Role]] = {
    Fact.VERDICT_REASONS: _PATIENT_AND_PRESCRIBER,
    Fact.DIAGNOSES: _PATIENT_AND_PRESCRIBER,
    Fact.SCORES: _PATIENT_AND_PRESCRIBER,
    Fact.RESPONSE: _PATIENT_AND_PRESCRIBER,
    Fact.FINDINGS: frozenset({Role.NURSE, Role.PRESCRIBER}),
    Fact.BREAKING_OFF: frozenset({Role.PATIENT, Role.NURSE, Role.PRESCRIBER}),
    # Who answers for the stock counts it; a program that does so was given the scope.
    Fact.AMOUNTS: frozenset({Role.NURSE, Role.PRESCRIBER, Role.ADMINISTRATOR, Role.SERVICE}),
    Fact.WORDS: frozenset({Role.DISPATCHER}),
}


def is_told(role: Role, fact: Fact) -> bool:
    """Whether the answers to this role have the fact in them."""
    return role in TOLD_TO[fact]
