"""Breaking glass: a patient's record beyond one's reach, with a reason, an end and an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.break_glass import LONGEST_GRANT, SHORTEST_REASON
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.tasks import TaskKind
from dispatch.models import BrokenGlass
from dispatch.selectors.access import broken_glass_for, patient_of_market, standing_glass
from dispatch.selectors.broken_glass import OpenedRecord, opened_record

SUBJECT = "broken_glass"


@transaction.atomic
def break_glass(
    patient_id: UUID, *, reason: str, lasts: timedelta = LONGEST_GRANT, by: Actor, now: datetime
) -> UUID:
    """Open a patient's record to the actor for a while; return the id under which it is read.

    Administrators and the market's clinicians have it on their lists at once. Who has it open
    already gets the same id again, and no more time. Raises NotFound,
    and Invalid for a reason that says nothing or a time that is none.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        pattern = "Say why, in {least} characters or more."
        raise Invalid({"reason": Sentence(pattern, least=SHORTEST_REASON)})
    if not timedelta() < lasts <= LONGEST_GRANT:
        raise Invalid({"minutes": "It is opened for 1 to 60 minutes."})
    patient = patient_of_market(by, patient_id)
    if (standing := standing_glass(by, patient_id, now)) is not None:
        return standing.id
    glass = BrokenGlass.objects.create(
        market_id=by.market_id, patient=patient, opened_by_id=by.user_id, role=by.role.value,
        reason=reason, opened_at=now, until=now + lasts,
    )  # fmt: skip
    for kind in (TaskKind.REVIEW_BROKEN_GLASS, TaskKind.GLASS_BROKEN):
        tasking.open_task(
            kind, glass.id, market_id=by.market_id, patient_id=patient.id, reason=reason, now=now
        )
    audit.note(by, "break", SUBJECT, glass.id, now=now)
    return glass.id


@transaction.atomic
def look_through(glass_id: UUID, *, by: Actor, now: datetime) -> OpenedRecord:
    """Read the opened record; every look is noted. Raises NotFound, also once it is over."""
    record = opened_record(glass_id, by=by, now=now)
    audit.note(by, "look", SUBJECT, glass_id, now=now)
    return record


@transaction.atomic
def end_broken_glass(glass_id: UUID, *, by: Actor, now: datetime) -> None:
    """Close the record again before its time; administrators may for others. Raises NotFound."""
    glass = _locked(broken_glass_for(by, glass_id).id)
    if glass.ended_at is not None or glass.until <= now:
        return
    glass.ended_at = now
    glass.save(update_fields=["ended_at"])
    audit.note(by, "end", SUBJECT, glass.id, now=now)


@transaction.atomic
def review_broken_glass(glass_id: UUID, *, finding: str, by: Actor, now: datetime) -> None:
    """Say what came of looking into it, which ends its task.

    Raises NotFound; Conflict ``own_glass`` for one's own, ``reviewed`` for a second time.
    """
    glass = _locked(broken_glass_for(by, glass_id).id)
    if glass.opened_by_id == by.user_id:
        raise Conflict("own_glass", "Somebody else reviews what you looked at.")
    if glass.reviewed_at is not None:
        raise Conflict("reviewed", "This was reviewed before.")
    glass.reviewed_at, glass.reviewed_by_id, glass.finding = now, by.user_id, finding
    glass.save(update_fields=["reviewed_at", "reviewed_by", "finding"])
    tasking.close_task(TaskKind.REVIEW_BROKEN_GLASS, glass.id, by=by, outcome=finding, now=now)
    audit.note(by, "review", SUBJECT, glass.id, now=now)


def _locked(glass_id: UUID) -> BrokenGlass:
    return BrokenGlass.objects.select_for_update().get(id=glass_id)
