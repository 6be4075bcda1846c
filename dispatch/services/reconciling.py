"""Comparing a visit's messages with what the visit calls for, and repairing what is missing.

What the visit calls for is asked of the reactions that planned it in the first place: they read
the visit as it is now and leave alone what is there. What they plan beyond that was planned once
and has lost its reason, or comes too late to be of use; it is taken back at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from dispatch.domain.messages import AFTER_THE_VISIT, Kind
from dispatch.domain.reconciling import Found
from dispatch.domain.sending import CALLED_OFF, UNTIL_TREATMENT, is_too_late
from dispatch.domain.visit import Status
from dispatch.models import Message, MessageAttempt, Visit
from dispatch.outbox import Reaction
from dispatch.selectors.engine import overdue

log = logging.getLogger(__name__)

Key = tuple[str, UUID, UUID]


@transaction.atomic
def reconcile_visit(visit_id: UUID, plan: Sequence[Reaction], *, now: datetime) -> Found:
    """Have the visit's messages planned once more by ``plan``, and count what was not as it should
    be. Twice is as once. A visit that somebody is changing is left for the next time."""
    free = Visit.objects.select_for_update(no_key=True, skip_locked=True)
    visit = free.filter(id=visit_id).first()
    if visit is None:
        return Found()
    theirs = Message.objects.filter(visit=visit)
    before = set(theirs.values_list("id", flat=True))
    due_before = set(theirs.filter(state="due").values_list("id", flat=True))
    settled = _settled(visit, theirs)
    for reaction in plan:
        reaction(visit_id=visit_id, now=now)
    fresh = [row for row in theirs if row.id not in before]
    needless = [row.id for row in fresh if _key(row) in settled or _in_vain(row, visit, now)]
    theirs.filter(id__in=needless).delete()
    missing = [row.id for row in fresh if row.id not in needless]
    dropped = theirs.filter(id__in=due_before, state="withdrawn").values_list("id", flat=True)
    found = Found(
        visits=1,
        planned=len(missing),
        withdrawn=len(dropped),
        overdue=overdue().filter(visit=visit).count(),
        unproven=_unproven(theirs).count(),
    )
    _tell(visit_id, found, missing, dropped)
    return found


def _settled(visit: Visit, theirs: QuerySet[Message]) -> set[Key]:
    """What was withdrawn for good: not what the visit had lost only while it was called off."""
    withdrawn = theirs.filter(state="withdrawn", move=visit.moves)
    if Status(visit.status) not in CALLED_OFF:
        withdrawn = withdrawn.exclude(state_because="called_off")
    return {_key(row) for row in withdrawn}


def _key(row: Message) -> Key:
    return row.template, row.person_id, row.about_id


def _in_vain(row: Message, visit: Visit, now: datetime) -> bool:
    """Once the nurse may be there, nothing is told that should have been told before, but for
    what is of use until she begins."""
    kind, status = Kind(row.kind), Status(visit.status)
    if kind in UNTIL_TREATMENT:
        return is_too_late(kind, status, visit.window_start, now)
    return now >= visit.window_start and row.due_at <= now and kind not in AFTER_THE_VISIT


def _unproven(theirs: QuerySet[Message]) -> QuerySet[Message]:
    """Messages that count as sent and that nobody ever accepted; tasks for staff need nobody."""
    accepted = MessageAttempt.objects.filter(message=OuterRef("pk"), outcome="accepted")
    return theirs.filter(~Exists(accepted), state="sent").exclude(channel="task")


def _tell(visit_id: UUID, found: Found, missing: list[UUID], dropped: Iterable[UUID]) -> None:
    if found.is_well:
        return
    facts = {
        "visit_id": str(visit_id),
        "planned": [str(one) for one in missing],
        "withdrawn": [str(one) for one in dropped],
        "overdue": found.overdue,
        "unproven": found.unproven,
    }
    log.warning("a visit's messages were not as they should be", extra=facts)
