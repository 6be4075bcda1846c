"""A screening as whoever decides on it sees it: verdict, answers, medication to be agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.people import Actor
from dispatch.models import Screening
from dispatch.selectors.access import screening_for
from dispatch.selectors.clearance import waits_for_review
from dispatch.selectors.medication import open_rules, rules_of
from dispatch.selectors.protocols import form_of, protocol_of
from dispatch.selectors.screening import answers_of
from dispatch.selectors.verdicts import ScreeningResult, screening_seen_by


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """``value`` as it was given; ``counts`` where it is a reason for the outcome."""

    question: str
    type: str
    value: Any
    counts: bool


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """A medication that ends so many days before; ``open`` while no last dose is agreed."""

    code: str
    question: str
    washout_days: int
    open: bool


@dataclass(frozen=True, slots=True)
class Review:
    """``waits`` while a prescriber has yet to decide. The answers are those that were judged; they
    are empty for those whom they do not concern, as is the medication."""

    result: ScreeningResult
    patient_name: str
    protocol_name: str
    waits: bool
    answers: list[AnswerLine]
    medication: list[MedicationLine]


def review_seen_by(by: Actor, screening_id: UUID, *, now: datetime) -> Review:
    """Return a screening with all that decides on it. Raises NotFound."""
    screening = screening_for(by, screening_id)
    told = is_told(by.role, Fact.VERDICT_REASONS)
    result = screening_seen_by(by, screening_id)
    return Review(
        result=result,
        patient_name=screening.patient.name,
        protocol_name=protocol_of(screening.protocol_id).name,
        waits=waits_for_review(screening, now=now),
        answers=_answers(screening, {one.question for one in result.reasons}) if told else [],
        medication=_medication(screening) if told else [],
    )


def _answers(screening: Screening, counting: set[str]) -> list[AnswerLine]:
    given = answers_of(screening.patient_id, until=screening.taken_at)
    return [
        AnswerLine(one.text, one.type.value, given[one.id].value, one.id in counting)
        for one in form_of(screening.protocol_id).questions
        if one.id in given
    ]


def _medication(screening: Screening) -> list[MedicationLine]:
    texts = {one.id: one.text for one in form_of(screening.protocol_id).questions}
    still = open_rules(screening)
    return [
        MedicationLine(one.code, texts[one.question], one.washout_days, one in still)
        for one in rules_of(screening)
    ]
