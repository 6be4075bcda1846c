"""What screenings came to, as those who may see them do."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor, Role
from dispatch.domain.questionnaire import Outcome
from dispatch.models import Screening
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


def screening_seen_by(by: Actor, screening_id: UUID, *, heard: bool = False) -> ScreeningResult:
    """Return the outcome and its reasons, not the answers. Raises NotFound.

    The reasons tell what was answered: they are for the patient, for prescribers, and for whoever
    has just ``heard`` all the answers.
    """
    result = result_of(screening_for(by, screening_id))
    told = heard or by.role in {Role.PATIENT, Role.PRESCRIBER}
    return result if told else replace(result, reasons=[])


def result_of(screening: Screening) -> ScreeningResult:
    """Return a screening with all its reasons: for whoever may know what was answered."""
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
