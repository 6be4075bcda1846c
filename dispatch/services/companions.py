"""Who stays with the patient or drives: named by the patient, answered by that person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, outbox, schedule
from dispatch.agreeing import agree_for_companion
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.events import CompanionAnswered, CompanionNamed
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Companion, CompanionRequest, Visit
from dispatch.models.encrypted import blind_index
from dispatch.selectors.access import companion_for, patient_for, visit_for


@transaction.atomic
def add_companion(
    *, patient_id: UUID | None, name: str, phone: str, by: Actor, now: datetime
) -> UUID:
    """Keep a person who may stay or drive; ``phone`` is in E.164. Return the companion's id."""
    patient = patient_for(by, patient_id)
    companion = Companion.objects.create(
        market_id=patient.market_id,
        patient=patient,
        name=name,
        phone=phone,
        phone_index=blind_index(phone),
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
    if Status(visit.status) in ENDED:
        raise Conflict("wrong_status", "The visit has ended.", visit_status=visit.status)
    visit.companion = companion
    visit.version += 1
    visit.save(update_fields=["companion", "version"])
    outbox.record(CompanionNamed(visit.id), market_id=visit.market_id, now=now)
    audit.note(by, "name_companion", "visit", visit.id, now=now)


@transaction.atomic
def answer_as_companion(
    secret: str, answer: CompanionAnswer, *, move: int | None = None, now: datetime
) -> None:
    """Record what the person behind the link says; the last word counts until the visit ends.

    ``move`` is which of the visit's times they were shown, where that is known. Raises NotFound
    for a link that is unknown or was replaced, Conflict ``moved`` where the visit has another
    time by now, ``wrong_status`` once it is over.
    """
    found = CompanionRequest.objects.filter(secret_digest=digest(secret), replaced_at__isnull=True)
    visit_id = found.values_list("visit_id", flat=True).first()
    if visit_id is None:
        raise NotFound("request")
    visit = Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    request = found.first()
    if request is None:
        raise NotFound("request")
    if Status(visit.status) in ENDED:
        raise Conflict("wrong_status", "The visit is over or was called off.")
    if move not in {None, visit.moves}:
        raise Conflict("moved", "The visit has moved: please look at the new time.")
    request.answer, request.answered_at, request.move = answer.value, now, visit.moves
    request.save(update_fields=["answer", "answered_at", "move"])
    outbox.record(CompanionAnswered(visit.id), market_id=visit.market_id, now=now)
    audit.note_companion(request.market_id, answer.value, request.id, now=now)
