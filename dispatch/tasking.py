"""Tasks for people: the only code that opens and closes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor
from dispatch.domain.tasks import FOR, URGENT, TaskKind
from dispatch.models import Task


def open_task(
    kind: TaskKind,
    subject_id: UUID,
    *,
    market_id: UUID,
    patient_id: UUID | None = None,
    visit_id: UUID | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """Put a task on the list of the role it is for; one that is open already stays as it is."""
    task = Task(
        market_id=market_id,
        kind=kind.value,
        role=FOR[kind].value,
        urgent=kind in URGENT,
        patient_id=patient_id,
        visit_id=visit_id,
        subject_id=subject_id,
        reason=reason,
        opened_at=now,
    )
    Task.objects.bulk_create([task], ignore_conflicts=True)


def make_urgent(kind: TaskKind, subject_id: UUID) -> None:
    """Mark an open task as one that cannot wait, although others of its kind can."""
    Task.objects.filter(kind=kind.value, subject_id=subject_id, done_at__isnull=True).update(
        urgent=True
    )


def close_task(
    kind: TaskKind, subject_id: UUID, *, by: Actor | None, outcome: str = "", now: datetime
) -> None:
    """Take the task off the list, if it stands there; ``by`` is None where a worker found it so."""
    Task.objects.filter(kind=kind.value, subject_id=subject_id, done_at__isnull=True).update(
        done_at=now, done_by_id=None if by is None else by.user_id, outcome=outcome
    )
