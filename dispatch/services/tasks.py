"""Ticking off a task that nothing else ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.domain.tasks import ENDS_BY_ITS_DEED, TaskKind
from dispatch.selectors.access import task_for


@transaction.atomic
def finish_task(task_id: UUID, *, outcome: str, by: Actor, now: datetime) -> None:
    """Say what was done. Raises NotFound; Conflict ``ends_by_its_deed``, ``task_done``."""
    task = task_for(by, task_id)
    kind = TaskKind(task.kind)
    if kind in ENDS_BY_ITS_DEED:
        raise Conflict("ends_by_its_deed", "This task ends when what it asks for is done.")
    if task.done_at is not None:
        raise Conflict("task_done", "This task was done before.")
    tasking.close_task(kind, task.subject_id, by=by, outcome=outcome, now=now)
    audit.note(by, "finish", "task", task.id, now=now)
