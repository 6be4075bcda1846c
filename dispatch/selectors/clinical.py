"""Screenings with their outcome, and consents, as those who may see them do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor
from dispatch.domain.questionnaire import Outcome
from dispatch.models import Consent, Screening
from dispatch.selectors.access import screening_for


@dataclass(frozen=True, slots=True)
class ScreeningReason:
    code: str
    question: str
    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """``cleared_until`` is null unless a clearance follows from this screening."""

    id: UUID
    patient: UUID
    protocol: str
    outcome: Outcome
    reasons: list[ScreeningReason]
    taken_at: datetime
    cleared_until: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A signature; ``text_sha256`` is the hex digest of the very text that was signed."""

    id: UUID
    protocol: str
    text_version: int
    text_sha256: str
    since: datetime
    until: datetime
    withdrawn_at: datetime | None


def consents_of(by: Actor) -> QuerySet[Consent]:
    """The patient's own signatures."""
    signed = Consent.objects.filter(market_id=by.market_id)
    return signed.filter(patient_id=by.person_id) if by.person_id else signed.none()


def consent_line(consent: Consent) -> ConsentLine:
    return ConsentLine(
        consent.id,
        consent.protocol_code,
        consent.text_version,
        consent.text_sha256,
        consent.since,
        consent.until,
        consent.withdrawn_at,
    )


def screening_seen_by(by: Actor, screening_id: UUID) -> ScreeningResult:
    """Return the outcome and its reasons, not the answers. Raises NotFound."""
    return _result(screening_for(by, screening_id))


def _result(screening: Screening) -> ScreeningResult:
    clearance = screening.clearances.filter(withdrawn_at__isnull=True).first()
    return ScreeningResult(
        id=screening.id,
        patient=screening.patient_id,
        protocol=screening.protocol.code,
        outcome=Outcome(screening.outcome),
        reasons=[
            ScreeningReason(**(reason | {"outcome": Outcome(reason["outcome"])}))
            for reason in json.loads(screening.reasons)
        ],
        taken_at=screening.taken_at,
        cleared_until=None if clearance is None else clearance.until,
    )
