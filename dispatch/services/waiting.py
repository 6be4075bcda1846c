"""The waiting list: a patient joins it for a treatment at a place, and leaves it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.channels import Language
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.tasks import TaskKind
from dispatch.domain.waiting import Unserved
from dispatch.models import Patient, WaitingEntry
from dispatch.selectors.access import location_for
from dispatch.selectors.protocols import bookable_row
from dispatch.selectors.serving import waiting_terms


@transaction.atomic
def join_waiting_list(
    location_id: UUID,
    *,
    protocol_code: str,
    because: Unserved,
    language: Language,
    text_version: int,
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep that the patient waits for a treatment at a place, and ask the desk; return the id.

    One who waits for it already goes on doing so. Raises Invalid where the words that were shown
    are not the present ones, NotFound.
    """
    place = location_for(by, location_id)
    protocol = bookable_row(by.market_id, protocol_code)
    terms = waiting_terms(language)
    if text_version != terms.version:
        told = Sentence("The present version is {version}.", version=terms.version)
        raise Invalid({"text_version": told})
    Patient.objects.select_for_update(no_key=True).get(id=place.patient_id)
    standing = WaitingEntry.objects.filter(
        location=place, protocol_code=protocol_code, ended_at__isnull=True
    ).first()
    if standing is not None:
        return standing.id
    entry = WaitingEntry.objects.create(
        market_id=place.market_id,
        patient_id=place.patient_id,
        location=place,
        protocol_code=protocol_code,
        because=because.value,
        wording=f"waiting.{language.value}.{terms.version}",
        since=now,
        given_by_id=by.user_id,
    )
    tasking.open_task(
        TaskKind.WAITING_FOR_SERVICE,
        entry.id,
        market_id=place.market_id,
        patient_id=place.patient_id,
        reason=f"{protocol.name}, {place.zip_code} {place.state}: {because.value}",
        now=now,
    )
    audit.note(by, "wait", "waiting_entry", entry.id, now=now)
    return entry.id


@transaction.atomic
def leave_waiting_list(location_id: UUID, *, protocol_code: str, by: Actor, now: datetime) -> None:
    """The patient waits no longer; nothing happens where they did not wait. Raises NotFound."""
    place = location_for(by, location_id)
    entries = WaitingEntry.objects.select_for_update().filter(
        location=place, protocol_code=protocol_code, ended_at__isnull=True
    )
    for entry in entries:
        entry.ended_at = now
        entry.save(update_fields=["ended_at"])
        tasking.close_task(TaskKind.WAITING_FOR_SERVICE, entry.id, by=by, now=now)
        audit.note(by, "leave", "waiting_entry", entry.id, now=now)
