"""The list of what somebody has to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor
from dispatch.domain.tasks import ENDS_BY_ITS_DEED, TaskKind
from dispatch.models import Task


@dataclass(frozen=True, slots=True)
class TaskLine:
    """``ends_by_its_deed``: done once what it asks for is done elsewhere, not by ticking it."""

    id: UUID
    kind: str
    urgent: bool
    patient: UUID | None
    visit: UUID | None
    subject: UUID
    reason: str
    opened_at: datetime
    done_at: datetime | None
    outcome: str
    ends_by_its_deed: bool


def tasks_of(by: Actor, *, done: bool) -> QuerySet[Task]:
    """The tasks of the actor's role in the market, open or done."""
    tasks = Task.objects.filter(market_id=by.market_id, role=by.role.value)
    return tasks.filter(done_at__isnull=not done)


def task_line(task: Task) -> TaskLine:
    return TaskLine(
        id=task.id,
        kind=task.kind,
        urgent=task.urgent,
        patient=task.patient_id,
        visit=task.visit_id,
        subject=task.subject_id,
        reason=task.reason,
        opened_at=task.opened_at,
        done_at=task.done_at,
        outcome=task.outcome,
        ends_by_its_deed=TaskKind(task.kind) in ENDS_BY_ITS_DEED,
    )
