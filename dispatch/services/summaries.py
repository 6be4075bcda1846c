"""A completed visit becomes a message to each with whom the patient shares; none is sent here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch.domain.ids import new_id
from dispatch.domain.messages import Audience, Kind
from dispatch.domain.visit import Status
from dispatch.models import Message, SharingConsent, Visit

TEMPLATE = "summary"


@transaction.atomic
def share_summary(visit_id: UUID, *, now: datetime) -> None:
    """Plan the message to each recipient with a standing consent, once."""
    visit = Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    if Status(visit.status) is not Status.COMPLETED:
        return
    agreed = SharingConsent.objects.filter(patient_id=visit.patient_id, withdrawn_at__isnull=True)
    rows = [_row(visit, consent, now) for consent in agreed]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def _row(visit: Visit, consent: SharingConsent, now: datetime) -> Message:
    return Message(
        id=new_id(),
        market_id=visit.market_id,
        visit=visit,
        kind=Kind.SUMMARY.value,
        audience=Audience.PROVIDER.value,
        person_id=consent.id,
        about_id=visit.id,
        template=TEMPLATE,
        move=visit.moves,
        due_at=now,
    )
