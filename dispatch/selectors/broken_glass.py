"""What breaking glass opens of one patient's record, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.break_glass import holds
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Status
from dispatch.domain.visit_record import VisitRecord
from dispatch.models import Answer, BrokenGlass, Screening, Task, Visit
from dispatch.selectors.access import broken_glass_for
from dispatch.selectors.records import record_of
from dispatch.selectors.tasks import TaskLine, task_line
from dispatch.selectors.verdicts import ScreeningResult, result_of

LATEST = 10
"""Visits and screenings shown: an emergency is about now."""


@dataclass(frozen=True, slots=True)
class GlassLine:
    """``holds``: it still opens the record; ``finding`` is what the reviewer wrote."""

    id: UUID
    patient: UUID
    opened_by: UUID
    role: str
    reason: str
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    holds: bool
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    finding: str


@dataclass(frozen=True, slots=True)
class OpenedAnswer:
    """``value`` is JSON, as it was answered."""

    question: str
    value: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedVisit:
    visit: UUID
    window_start: datetime
    record: VisitRecord


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """The newest answer to each question, the latest screenings and visits, open medication."""

    patient: UUID
    until: datetime
    answers: list[OpenedAnswer]
    screenings: list[ScreeningResult]
    visits: list[OpenedVisit]
    medication: list[TaskLine]


def glass_line(glass: BrokenGlass, *, now: datetime) -> GlassLine:
    return GlassLine(
        id=glass.id,
        patient=glass.patient_id,
        opened_by=glass.opened_by_id,
        role=glass.role,
        reason=glass.reason,
        opened_at=glass.opened_at,
        until=glass.until,
        ended_at=glass.ended_at,
        holds=holds(glass.opened_at, glass.until, glass.ended_at, now),
        reviewed_at=glass.reviewed_at,
        reviewed_by=glass.reviewed_by_id,
        finding=glass.finding,
    )


def opened_record(glass_id: UUID, *, by: Actor, now: datetime) -> OpenedRecord:
    """Return the record to who broke the glass in the same role, while it holds; else NotFound."""
    glass = broken_glass_for(by, glass_id)
    mine = (glass.opened_by_id, glass.role) == (by.user_id, by.role.value)
    if not mine or not holds(glass.opened_at, glass.until, glass.ended_at, now):
        raise NotFound("broken glass")
    patient = {"patient_id": glass.patient_id}
    newest = Answer.objects.filter(**patient).order_by("question", "-answered_at", "-id")
    screenings = Screening.objects.filter(**patient).select_related("protocol").order_by("-id")
    visits = Visit.objects.filter(**patient).select_related("location")
    tasks = Task.objects.filter(
        **patient, kind=TaskKind.AGREE_MEDICATION.value, done_at__isnull=True
    )
    return OpenedRecord(
        patient=glass.patient_id,
        until=glass.until,
        answers=[
            OpenedAnswer(one.question, one.value, one.answered_at)
            for one in newest.distinct("question")
        ],
        screenings=[result_of(one) for one in screenings[:LATEST]],
        visits=[_opened(one) for one in visits.order_by("-window_start", "-id")[:LATEST]],
        medication=[task_line(one) for one in tasks.order_by("-id")],
    )


def _opened(visit: Visit) -> OpenedVisit:
    settled = visit.status == Status.COMPLETED.value
    return OpenedVisit(visit.id, visit.window_start, record_of(visit, settled=settled))
