"""Who stays with the patient or drives: named by the patient, answered by that person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import accompanying, audit, schedule
from dispatch.agreeing import agree_for_companion
from dispatch.domain.channels import Language
from dispatch.domain.errors import Invalid
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.models import Companion, CompanionRequest
from dispatch.models.encrypted import blind_index
from dispatch.selectors.access import companion_for, patient_for, visit_for


@transaction.atomic
def add_companion(
    *,
    patient_id: UUID | None,
    name: str,
    phone: str,
    email: str = "",
    language: Language | None = None,
    zone: str = "",
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep a person who may stay or drive; return the companion's id.

    ``phone`` is in E.164. They read the patient's language where none is named, and live by the
    visit's clocks where no IANA ``zone`` is.
    """
    patient = patient_for(by, patient_id)
    companion = Companion.objects.create(
        market_id=patient.market_id,
        patient=patient,
        name=name,
        phone=phone,
        phone_index=blind_index(phone),
        email=email,
        language=patient.language if language is None else language.value,
        zone=zone,
    )
    agree_for_companion(companion, by=by, now=now)
    audit.note(by, "add", "companion", companion.id, now=now)
    return companion.id


@transaction.atomic
def name_companion(
    visit_id: UUID, companion_id: UUID, *, expected_version: int | None, by: Actor, now: datetime
) -> None:
    """Name who stays or drives for this visit; whoever was named before is replaced."""
    visit_for(by, visit_id)
    companion = companion_for(by, companion_id)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    if companion.patient_id != visit.patient_id:
        raise Invalid({"companion": "This companion is another patient's."})
    accompanying.name(visit, companion, now=now)
    audit.note(by, "name_companion", "visit", visit.id, now=now)


@transaction.atomic
def answer_as_companion(
    secret: str, answer: CompanionAnswer, *, move: int | None = None, now: datetime
) -> None:
    """Record what the person behind the link says; raises as ``accompanying.answer``."""
    found = CompanionRequest.objects.filter(secret_digest=digest(secret))
    accompanying.answer(found, answer, move=move, now=now)
