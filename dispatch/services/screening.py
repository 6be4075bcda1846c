"""Screening: answers are kept with their date and judged, all at once or one at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch import audit, clearing, outbox, tasking
from dispatch.domain.errors import Conflict
from dispatch.domain.events import ClearanceGiven
from dispatch.domain.people import Actor
from dispatch.domain.questionnaire import Outcome
from dispatch.domain.screening import check, evaluate, red_flags
from dispatch.domain.tasks import TaskKind
from dispatch.models import Answer, Patient
from dispatch.selectors.access import patient_for, screening_for
from dispatch.selectors.clearance import latest_judgement, standing
from dispatch.selectors.medication import open_rules
from dispatch.selectors.protocols import bookable_row, form_of
from dispatch.selectors.screening import answers_of, today_in, unanswered


@dataclass(frozen=True, slots=True)
class Kept:
    """What followed from answers: the judgement, once all are there, and what to say at once."""

    screening_id: UUID | None
    crisis: tuple[str, ...]


@transaction.atomic
def record_screening(
    *,
    patient_id: UUID | None,
    protocol_code: str,
    answers: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep the answers to a whole questionnaire and judge them; return the screening's id.

    A cleared patient has a clearance from now on. What is left out counts as nothing to say.
    Raises AnswerError naming every question at fault.
    """
    patient = _locked(patient_for(by, patient_id))
    protocol_id = bookable_row(by.market_id, protocol_code).id
    form = form_of(protocol_id)
    evaluate(form, answers, on=today_in(by.market_id, now))
    whole = {question.id: answers.get(question.id) for question in form.questions}
    _keep(patient, whole, by, now)
    _raise_flags(patient, protocol_id, whole, now)
    screening_id = clearing.judge(patient, protocol_id, by=by, now=now)
    clearing.judge_again(patient, apart_from=protocol_id, by=by, now=now)
    audit.note(by, "screen", "screening", screening_id, now=now)
    return screening_id


@transaction.atomic
def keep_answers(
    *,
    patient_id: UUID | None,
    protocol_code: str,
    answers: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Kept:
    """Keep some answers; once every question has one that holds, judge them.

    Whatever the patient is cleared for is judged again at once. A red flag is told and brought
    before a clinician, and the questions go on. Raises AnswerError naming every question at fault.
    """
    patient = _locked(patient_for(by, patient_id))
    protocol_id = bookable_row(by.market_id, protocol_code).id
    check(form_of(protocol_id), answers, on=today_in(by.market_id, now))
    _keep(patient, answers, by, now)
    crisis = _raise_flags(patient, protocol_id, answers, now)
    screening_id = None
    if not unanswered(patient.id, protocol_id, now=now):
        screening_id = clearing.judge(patient, protocol_id, by=by, now=now)
    judged = None if screening_id is None else protocol_id
    clearing.judge_again(patient, apart_from=judged, by=by, now=now)
    audit.note(by, "answer", "patient", patient.id, now=now)
    return Kept(screening_id, crisis)


@transaction.atomic
def clear_screening(screening_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """A clinician clears a patient whose answers were to be reviewed; return the clearance's id.

    Raises Conflict ``not_for_review`` for any other outcome, or where newer answers were judged,
    ``medication_open`` while the last dose of a medication is not agreed.
    """
    screening = screening_for(by, screening_id)
    patient = _locked(screening.patient)
    code = screening.protocol.code
    if screening.outcome != Outcome.REVIEW or latest_judgement(patient.id, code) != screening:
        raise Conflict("not_for_review", "This screening is not waiting for a review.")
    if open_rules(screening):
        raise Conflict("medication_open", "The last dose of a medication is to be agreed first.")
    before = standing(patient.id, code, now=now)
    clearing.withdraw(patient.id, code, now=now)
    clearance = clearing.give(screening, decided_by=by.user_id, now=now)
    if before is None:
        outbox.record(ClearanceGiven(patient.id), market_id=patient.market_id, now=now)
    tasking.close_task(TaskKind.REVIEW_SCREENING, screening.id, by=by, now=now)
    audit.note(by, "clear", "screening", screening.id, now=now)
    return clearance.id


def _locked(patient: Patient) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient.id)


def _keep(patient: Patient, answers: Mapping[str, Any], by: Actor, now: datetime) -> None:
    Answer.objects.bulk_create(
        Answer(
            market_id=patient.market_id,
            patient=patient,
            question=question,
            value=json.dumps(value),
            answered_at=now,
            answered_by_id=by.user_id,
        )
        for question, value in answers.items()
    )


def _raise_flags(
    patient: Patient, protocol_id: UUID, said: Mapping[str, Any], now: datetime
) -> tuple[str, ...]:
    """Bring what was said before a clinician at once; return where help is to be had."""
    given = {question: one.value for question, one in answers_of(patient.id).items()}
    flags = [
        rule
        for rule in red_flags(form_of(protocol_id), given, on=today_in(patient.market_id, now))
        if rule.question in said
    ]
    if flags:
        tasking.open_task(
            TaskKind.RED_FLAG,
            patient.id,
            market_id=patient.market_id,
            patient_id=patient.id,
            reason=", ".join(rule.code for rule in flags),
            now=now,
        )
    return tuple(dict.fromkeys(rule.text for rule in flags))
