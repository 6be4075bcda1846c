"""What screenings came to, as those who may see them do."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.people import Actor
from dispatch.domain.questionnaire import Outcome
from dispatch.models import Screening
from dispatch.selectors.access import screening_for
from dispatch.selectors.protocols import form_of


@dataclass(frozen=True, slots=True)
class ScreeningReason:
    code: str
    question: str
    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """``cleared_until`` is null unless a clearance follows from this screening.

    ``reasons`` is empty for those whom they do not concern. ``crisis`` says where help is to be
    had, to whoever has just heard an answer that calls for it.
    """

    id: UUID
    patient: UUID
    protocol: str
    outcome: Outcome
    reasons: list[ScreeningReason]
    taken_at: datetime
    cleared_until: datetime | None
    crisis: list[str]


def screening_seen_by(by: Actor, screening_id: UUID, *, heard: bool = False) -> ScreeningResult:
    """Return the outcome and, for those whom they concern, its reasons. Raises NotFound.

    Whoever has just ``heard`` all the answers is also told where help is to be had.
    """
    screening = screening_for(by, screening_id)
    result = result_of(screening)
    crisis = _crisis(screening, result.reasons) if heard else []
    reasons = result.reasons if is_told(by.role, Fact.VERDICT_REASONS) else []
    return replace(result, reasons=reasons, crisis=crisis)


def _crisis(screening: Screening, reasons: list[ScreeningReason]) -> list[str]:
    flags = {rule.code for rule in form_of(screening.protocol_id).rules if rule.red_flag}
    return list(dict.fromkeys(one.text for one in reasons if one.code in flags))


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
        crisis=[],
    )
