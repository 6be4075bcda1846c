"""Consults as the patient, the clinicians and the dispatchers see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor
from dispatch.models import Consult
from dispatch.selectors.access import consults_of, patient_for


@dataclass(frozen=True, slots=True)
class ConsultLine:
    """``link`` leads into the room; it is empty until the consult is ready, and once it is over."""

    id: UUID
    kind: str
    patient: UUID
    clinician: UUID
    protocol: str
    starts_at: datetime
    minutes: int
    state: str
    link: str


def consults_seen_by(by: Actor, patient_id: UUID | None) -> QuerySet[Consult]:
    """The rows behind a page: a patient's own, or the market's, of one patient where named.

    Raises NotFound.
    """
    rows = consults_of(by)
    return rows if patient_id is None else rows.filter(patient=patient_for(by, patient_id))


def consult_line(consult: Consult) -> ConsultLine:
    return ConsultLine(
        id=consult.id,
        kind=consult.kind,
        patient=consult.patient_id,
        clinician=consult.clinician_id,
        protocol=consult.protocol_code,
        starts_at=consult.starts_at,
        minutes=int((consult.ends_at - consult.starts_at).total_seconds()) // 60,
        state=consult.state,
        link=consult.link,
    )
