"""A patient tells how they are after a visit, or before: a clinician is asked to look."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.symptoms import PRESSING, Haste, read_report, task_for
from dispatch.selectors.access import visit_for


@transaction.atomic
def report_symptom(visit_id: UUID, haste: Haste, text: str, *, by: Actor, now: datetime) -> None:
    """Put what the patient wrote on a clinician's list, one task for each report.

    Raises NotFound, Invalid for a report without words by somebody who is not in danger.
    """
    visit, report_id, kind = visit_for(by, visit_id), new_id(), task_for(haste)
    tasking.open_task(
        kind,
        report_id,
        market_id=visit.market_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        reason=read_report(text, haste),
        now=now,
    )
    if haste in PRESSING:
        tasking.make_urgent(kind, report_id)
    audit.note(by, "report", "visit", visit.id, now=now)
