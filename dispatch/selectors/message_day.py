"""The messages of a day: what has gone out and what will, in the order of time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from dispatch.domain.clock import day_bounds
from dispatch.domain.messages import STAFF, Audience, Kind
from dispatch.domain.people import Actor, Role
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message
from dispatch.selectors.clock import zone_of
from dispatch.selectors.people import companions_of, patient_names
from dispatch.selectors.reconciling import ASKED
from dispatch.selectors.situations import facts_of
from dispatch.selectors.wording import task_of

MOST = 100
"""Messages at a time."""


class Progress(StrEnum):
    """How far a message has come."""

    DUE = "due"
    FAILING = "failing"
    """Due, after a try that came to nothing."""
    SENT = "sent"
    """A provider has taken it, and has not told what became of it."""
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"


PROGRESS = (
    (Q(state="due") & ~Q(state_because__in=["", ASKED]), Progress.FAILING),
    (Q(state="due"), Progress.DUE),
    (Q(state="sent", receipt="delivered"), Progress.DELIVERED),
    (Q(state="sent"), Progress.SENT),
    (Q(state="withdrawn"), Progress.WITHDRAWN),
    (Q(state="dead"), Progress.DEAD),
)
"""The first that a row fulfils tells how far it has come."""
WAITING = frozenset({Progress.DUE, Progress.FAILING})


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of time: after the message ``id`` of this moment."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class DayLine:
    """``at`` is when it went out, or falls due; ``channel`` the way it took last, or would take
    now: empty where none leads to the person. ``because`` is the code of what became of it.

    ``task`` is what staff get instead of a text. ``patient`` is the name of whose visit it is,
    ``companion`` that of the companion whom it is for, empty for those whom it does not concern.
    ``served_on`` is the day of the visit.
    """

    id: UUID
    visit: UUID
    served_on: date
    kind: Kind
    task: TaskKind | None
    audience: Audience
    at: datetime
    progress: Progress
    because: str
    channel: str
    patient: str
    companion: str


@dataclass(frozen=True, slots=True)
class MessageDay:
    """``counts`` are of the whole day, whatever is shown of it; ``then`` is where the rest begins,
    None where that was all."""

    lines: tuple[DayLine, ...]
    counts: Mapping[Progress, int]
    then: Place | None


def messages_on(
    by: Actor,
    day: date,
    *,
    progress: Progress | None = None,
    kind: Kind | None = None,
    after: Place | None = None,
) -> MessageDay:
    """Return a day of the market's messages, by the market's clocks, not more than MOST.

    However many messages there are, the number of queries is the same.
    """
    begins, ends = day_bounds(day, zone_of(by.market_id))
    rows = _with_progress(Message.objects.filter(market_id=by.market_id))
    rows = rows.filter(at__gte=begins, at__lt=ends)
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    found = rows.order_by().values_list("progress").annotate(count=Count("id"))
    counts = {Progress(name): count for name, count in found}
    if progress is not None:
        rows = rows.filter(progress=progress.value)
    if after is not None:
        rows = rows.filter(Q(at__gt=after.at) | Q(at=after.at, id__gt=after.id))
    shown = list(rows.select_related("visit").only(*READ).order_by("at", "id")[: MOST + 1])
    lines = lines_of(by, shown[:MOST])
    then = Place(lines[-1].at, lines[-1].id) if len(shown) > MOST else None
    return MessageDay(lines, counts, then)


def line_of(by: Actor, message_id: UUID) -> DayLine:
    """Return one message of the market, which is known to be there."""
    rows = _with_progress(Message.objects.filter(market_id=by.market_id, id=message_id))
    return lines_of(by, list(rows.select_related("visit").only(*READ)))[0]


READ = (
    "kind", "audience", "person_id", "template", "about_id", "move", "state", "state_because",
    "channel", "attempts", "step", "market_id", "sent_at", "due_at",
    "visit__patient_id", "visit__protocol_id", "visit__service_date",
)  # fmt: skip
"""What a line tells, and what its next way is found by."""


def _with_progress(rows: QuerySet[Message]) -> QuerySet[Any]:
    cases = [When(held, then=Value(progress.value)) for held, progress in PROGRESS]
    return rows.annotate(
        at=Coalesce("sent_at", "due_at"), progress=Case(*cases, output_field=CharField())
    )


def lines_of(by: Actor, rows: Sequence[Message]) -> tuple[DayLine, ...]:
    ways = _next_ways([one for one in rows if _progress(one) in WAITING])
    patients = patient_names(by, {one.visit.patient_id for one in rows})
    companions = _companions(by, rows)
    return tuple(
        DayLine(
            id=one.id,
            visit=one.visit_id,
            served_on=one.visit.service_date,
            kind=Kind(one.kind),
            task=task_of(one.visit, one.template) if one.kind == Kind.TASK else None,
            audience=Audience(one.audience),
            at=one.sent_at or one.due_at,
            progress=_progress(one),
            because=one.state_because,
            channel=ways.get(one.id, one.channel),
            patient=patients.get(one.visit.patient_id, ""),
            companion=companions.get(one.person_id, ""),
        )
        for one in rows
    )


def _progress(row: Message) -> Progress:
    return Progress(row.progress)  # type: ignore[attr-defined]  # annotated


def _next_ways(rows: Collection[Message]) -> dict[UUID, str]:
    written = [one for one in rows if Audience(one.audience) not in STAFF]
    if not written:
        return {}
    facts = facts_of(written, ())
    ways = {one.id: facts.way(one) for one in written}
    return {one: "" if way is None else way.channel.value for one, way in ways.items()}


def _companions(by: Actor, rows: Sequence[Message]) -> dict[UUID, str]:
    """A dispatcher is told who they are."""
    if by.role is not Role.DISPATCHER:
        return {}
    asked = {one.person_id for one in rows if one.audience == Audience.COMPANION}
    return dict(companions_of(by, None).filter(id__in=asked).values_list("id", "name"))
