"""Who watches infusions from afar, from when until when, and how many at a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor, Role
from dispatch.models import Supervision, User
from dispatch.selectors.access import supervision_for


@transaction.atomic
def supervise(
    *,
    clinician: str,
    infusions: int,
    begins_at: datetime,
    ends_at: datetime | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Put a clinician, by username, on duty for so many infusions at once; return the duty's id.

    From the first duty on, a market treats only while somebody watches. Raises Invalid.
    """
    if ends_at is not None and ends_at <= begins_at:
        raise Invalid({"ends_at": "The duty ends before it begins."})
    clinicians = User.objects.filter(market_id=by.market_id, role=Role.PRESCRIBER.value)
    person = clinicians.filter(username=clinician).first()
    if person is None:
        raise Invalid({"clinician": "No prescriber of this market has this username."})
    duty = Supervision.objects.create(
        market_id=by.market_id,
        clinician=person,
        infusions=infusions,
        begins_at=begins_at,
        ends_at=ends_at,
    )
    audit.note(by, "add", "supervision", duty.id, now=now)
    return duty.id


@transaction.atomic
def end_supervision(supervision_id: UUID, *, ends_at: datetime, by: Actor, now: datetime) -> None:
    """Let a duty end then. What was promised stays; nothing more is promised beyond the others.

    Raises NotFound; Invalid for an end that is past or before the duty begins.
    """
    duty = supervision_for(by, supervision_id)
    if ends_at < now or ends_at <= duty.begins_at:
        raise Invalid({"ends_at": "A duty ends after it has begun, and not in the past."})
    duty.ends_at = ends_at
    duty.save(update_fields=["ends_at"])
    audit.note(by, "end", "supervision", duty.id, now=now)
