"""A patient's data, given to the patient or to an administrator who was asked for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.people import Actor, Role
from dispatch.selectors.about_patients import Export, export_of
from dispatch.selectors.access import patient_for


@transaction.atomic
def export_patient(patient_id: UUID | None, *, by: Actor, now: datetime) -> Export:
    """Return what is held about the patient, and note who had it. Raises NotFound."""
    patient = patient_for(by, patient_id)
    audit.note(by, "export", "patient", patient.id, now=now)
    return export_of(patient, to_patient=by.role is Role.PATIENT, now=now)
