"""The papers of a treatment: screening and clearance, and consent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.questionnaire import Outcome
from dispatch.domain.screening import evaluate
from dispatch.models import Clearance, Consent, Market, Patient, Screening
from dispatch.selectors.access import consent_for, patient_for, screening_for
from dispatch.selectors.protocols import bookable_row, protocol_of, questionnaire_of


@transaction.atomic
def record_screening(
    *,
    patient_id: UUID | None,
    protocol_code: str,
    answers: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> UUID:
    """Judge the answers and keep them; a cleared patient has a clearance from now on.

    Any earlier clearance for the protocol is withdrawn: the latest answers count. Raises
    AnswerError naming every question at fault.
    """
    patient = _locked(patient_for(by, patient_id))
    row = bookable_row(by.market_id, protocol_code)
    protocol = protocol_of(row.id)
    zone = Market.objects.values_list("zone", flat=True).get(id=by.market_id)
    questionnaire = questionnaire_of(row.questionnaire_id).under(protocol.verdict_rules)
    verdict = evaluate(questionnaire, answers, on=service_date(now, zone))
    screening = Screening.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol=row,
        answers=json.dumps(answers),
        reasons=json.dumps([asdict(reason) for reason in verdict.reasons]),
        outcome=verdict.outcome.value,
        taken_at=now,
        taken_by_id=by.user_id,
    )
    _withdraw(patient.id, protocol.code, now)
    if verdict.outcome is Outcome.CLEARED:
        _clear(screening, protocol, None, now)
    audit.note(by, "screen", "screening", screening.id, now=now)
    return screening.id


@transaction.atomic
def clear_screening(screening_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """A clinician clears a patient whose answers were to be reviewed; return the clearance's id.

    Raises Conflict ``not_for_review`` for any other outcome, or where newer answers exist.
    """
    screening = screening_for(by, screening_id)
    _locked(screening.patient)
    newer = Screening.objects.filter(
        patient_id=screening.patient_id,
        protocol__code=screening.protocol.code,
        taken_at__gt=screening.taken_at,
    )
    if screening.outcome != Outcome.REVIEW.value or newer.exists():
        raise Conflict("not_for_review", "This screening is not waiting for a review.")
    protocol = protocol_of(screening.protocol_id)
    _withdraw(screening.patient_id, protocol.code, now)
    clearance = _clear(screening, protocol, by.user_id, now)
    audit.note(by, "clear", "screening", screening.id, now=now)
    return clearance.id


@transaction.atomic
def sign_consent(
    *, protocol_code: str, text_version: int, name: str, by: Actor, now: datetime
) -> UUID:
    """The patient types a name under the consent as shown, and so signs it; return its id.

    The very text is kept by its digest. Raises Invalid where the text is not the present version.
    """
    patient = _locked(patient_for(by, None))
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    if text_version != protocol.consent.version:
        raise Invalid({"text_version": f"The present version is {protocol.consent.version}."})
    consent = Consent.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_code=protocol.code,
        text_version=text_version,
        text_sha256=digest(protocol.consent.text),
        name=name,
        since=now,
        until=now + timedelta(days=protocol.valid_days.consent),
        signed_by_id=by.user_id,
    )
    audit.note(by, "sign", "consent", consent.id, now=now)
    return consent.id


@transaction.atomic
def withdraw_consent(consent_id: UUID, *, by: Actor, now: datetime) -> None:
    """The patient no longer agrees: nothing is begun under this signature from now on.

    Raises NotFound, Conflict ``already_withdrawn``.
    """
    _locked(consent_for(by, consent_id).patient)
    consent = consent_for(by, consent_id)
    if consent.withdrawn_at is not None:
        raise Conflict("already_withdrawn", "This consent was withdrawn before.")
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    audit.note(by, "withdraw", "consent", consent.id, now=now)


def _locked(patient: Patient) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient.id)


def _withdraw(patient_id: UUID, protocol_code: str, now: datetime) -> None:
    Clearance.objects.filter(
        patient_id=patient_id, protocol_code=protocol_code, withdrawn_at__isnull=True
    ).update(withdrawn_at=now)


def _clear(
    screening: Screening, protocol: Protocol, decided_by: UUID | None, now: datetime
) -> Clearance:
    return Clearance.objects.create(
        market_id=screening.market_id,
        patient_id=screening.patient_id,
        protocol_code=protocol.code,
        screening=screening,
        since=now,
        until=now + timedelta(days=protocol.valid_days.clearance),
        decided_by_id=decided_by,
    )
