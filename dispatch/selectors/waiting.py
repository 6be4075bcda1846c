"""What waits for the people of a role: their open tasks by kind, each with what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count

from dispatch.domain.clock import service_date
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.models import Order, Screening, Task, Visit
from dispatch.selectors.protocols import bookable
from dispatch.selectors.tasks import TaskLine, task_line, tasks_of

MOST_SHOWN = 200
SCREENED = frozenset({TaskKind.REVIEW_SCREENING, TaskKind.AGREE_MEDICATION})


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task, and what it is about: the day of the visit is by the clocks of its place.

    ``treatment`` is the current version of what was booked or ordered, where that is offered.
    """

    task: TaskLine
    patient_name: str | None
    screening: UUID | None
    treatment: UUID | None
    day: date | None


@dataclass(frozen=True, slots=True)
class KindOfTask:
    """The tasks of a kind, urgent ones first; ``count`` tells also of those not shown."""

    kind: str
    urgent: bool
    count: int
    cards: list[TaskCard]


def waiting_for(by: Actor) -> list[KindOfTask]:
    """Return the open tasks of the actor's role by kind: urgent ones first, then the oldest.

    Not more than MOST_SHOWN are shown in all; all are counted.
    """
    open_tasks = tasks_of(by, done=False)
    counts = dict(open_tasks.order_by().values_list("kind").annotate(Count("id")))
    oldest = open_tasks.order_by("-urgent", "opened_at", "id")[:MOST_SHOWN]
    rows = list(oldest.select_related("patient", "visit__location", "visit__protocol"))
    about = _About(_judged(rows), _orders(rows), _offered(by.market_id))
    kinds: dict[str, list[TaskCard]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(_card(row, about))
    return [
        KindOfTask(kind, cards[0].task.urgent, counts[kind], cards) for kind, cards in kinds.items()
    ]


@dataclass(frozen=True, slots=True)
class _About:
    """Screenings by patient and treatment, treatments by order, current versions by treatment."""

    screenings: dict[tuple[UUID | None, str], UUID]
    orders: dict[UUID, str]
    offered: dict[str, UUID]


def _card(row: Task, about: _About) -> TaskCard:
    code = about.orders.get(row.subject_id) if row.visit is None else row.visit.protocol.code
    screening = None
    if row.kind in SCREENED:
        of_visit = (row.patient_id, code or "")
        screening = row.subject_id if row.visit is None else about.screenings.get(of_visit)
    return TaskCard(
        task=task_line(row),
        patient_name=None if row.patient is None else row.patient.name,
        screening=screening,
        treatment=about.offered.get(code or ""),
        day=None if row.visit is None else _day(row.visit),
    )


def _day(visit: Visit) -> date:
    return service_date(visit.window_start, visit.location.zone)


def _offered(market_id: UUID) -> dict[str, UUID]:
    return {one.protocol.code: one.id for one in bookable(market_id)}


def _judged(rows: Sequence[Task]) -> dict[tuple[UUID | None, str], UUID]:
    """The newest screening by patient and treatment, for what fell due before a visit."""
    patients = {row.patient_id for row in rows if row.kind in SCREENED and row.visit is not None}
    newest = (
        Screening.objects.filter(patient__in=patients)
        .order_by("patient", "protocol__code", "-taken_at", "-id")
        .distinct("patient", "protocol__code")
        .values_list("patient_id", "protocol__code", "id")
    )
    return {(patient, code): screening for patient, code, screening in newest}


def _orders(rows: Sequence[Task]) -> dict[UUID, str]:
    """The treatments of the orders that wait for a second person."""
    ids = {row.subject_id for row in rows if row.kind == TaskKind.CONFIRM_ORDER}
    return dict(Order.objects.filter(id__in=ids).values_list("id", "protocol_code"))
