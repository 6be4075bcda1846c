"""Tasks that a protocol's rules put on a list of ours stand there as long as their reason does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import announcing, tasking
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Need
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Message, Visit
from dispatch.selectors.companions import answer_now
from dispatch.selectors.needs import is_met
from dispatch.selectors.protocols import protocol_of


@transaction.atomic
def mind_tasks(visit_id: UUID, *, now: datetime) -> None:
    """Take off the list what the visit needs no more: somebody has confirmed, say, or it is over.

    What has fallen due and is needed by now stands there, whether or not it was needed then: a
    companion who had confirmed in time has declined after all.
    """
    visit = announcing.locked(visit_id)
    due = Message.objects.filter(visit=visit, move=visit.moves, due_at__lte=now)
    fell_due = set(due.exclude(state="due").values_list("template", flat=True))
    for rule in protocol_of(visit.protocol_id).messages:
        if rule.task is None:
            continue
        if rule.template in fell_due and _stands(rule.needs, visit, now):
            tasking.open_task(
                rule.task,
                visit.id,
                market_id=visit.market_id,
                patient_id=visit.patient_id,
                visit_id=visit.id,
                now=now,
            )
        else:
            tasking.close_task(rule.task, visit.id, by=None, outcome=_outcome(visit), now=now)


def _stands(need: Need | None, visit: Visit, now: datetime) -> bool:
    status = Status(visit.status)
    if status in ENDED or (status is Status.SUSPENDED and need is not Need.MEDICATION_OPEN):
        return False
    if need is Need.COMPANION_UNCONFIRMED:
        return answer_now(visit) is not CompanionAnswer.CONFIRMED
    return is_met(need, visit, now=now)


def _outcome(visit: Visit) -> str:
    over = Status(visit.status) in ENDED
    return "The visit is over or was called off." if over else "It is not needed any more."
