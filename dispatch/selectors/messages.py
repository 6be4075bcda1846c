"""What was sent for a visit, to whom, by which channel, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from dispatch.domain.messages import Audience
from dispatch.domain.people import Actor
from dispatch.domain.sending import TELL_OF_THE_START
from dispatch.models import Message, MessageAttempt


@dataclass(frozen=True, slots=True)
class Try:
    begun_at: datetime
    channel: str
    recipient: str
    body: str
    outcome: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    id: UUID
    visit: UUID
    kind: str
    audience: str
    due_at: datetime
    state: str
    state_because: str
    sent_at: datetime | None
    tries: tuple[Try, ...]


def told_last(visit_ids: Iterable[UUID]) -> Mapping[UUID, Message]:
    """Return, by visit, the message from which its patient last learnt when the nurse comes."""
    told = _told().filter(
        visit_id__in=visit_ids, audience=Audience.PATIENT.value, move=F("visit__moves")
    )
    return {one.visit_id: one for one in told}


def told_starts(visit_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID, int], datetime | None]:
    """Return, by visit, person and move, the start that was told last; None for the window."""
    told = _told().filter(visit_id__in=visit_ids)
    rows = told.values_list("visit_id", "person_id", "move", "named_start")
    return {(visit, person, move): start for visit, person, move, start in rows}


def _told() -> QuerySet[Message]:
    """In the order in which they went out."""
    kinds = [kind.value for kind in TELL_OF_THE_START]
    return Message.objects.filter(kind__in=kinds, state="sent").order_by("sent_at", "id")


def messages_seen_by(by: Actor, visit_id: UUID | None) -> QuerySet[Message]:
    """The rows behind a page of messages of the market, of one visit where it is named."""
    rows = Message.objects.filter(market_id=by.market_id)
    if visit_id is not None:
        rows = rows.filter(visit_id=visit_id)
    tries = MessageAttempt.objects.order_by("begun_at")
    return rows.prefetch_related(Prefetch("tries", queryset=tries))


def message_line(message: Message) -> MessageLine:
    return MessageLine(
        id=message.id,
        visit=message.visit_id,
        kind=message.kind,
        audience=message.audience,
        due_at=message.due_at,
        state=message.state,
        state_because=message.state_because,
        sent_at=message.sent_at,
        tries=tuple(
            Try(one.begun_at, one.channel, one.recipient, one.body, one.outcome)
            for one in message.tries.all()
        ),
    )
