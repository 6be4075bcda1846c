"""What was sent for a visit, to whom, by which channel, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.messages import Audience
from dispatch.domain.people import Actor
from dispatch.domain.sending import TELL_OF_THE_START
from dispatch.models import Message, MessageAttempt

NOTHING_SENT = frozenset({"Refused", "Busy", "not_called"})
"""Outcomes of a try after which the provider is known to have nothing."""


@dataclass(frozen=True, slots=True)
class Try:
    """``recipient`` and ``body`` are None for those whom they do not concern."""

    begun_at: datetime
    channel: str
    recipient: str | None
    body: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """``step`` counts the ways that have failed, ``channel`` is the last one taken, ``receipt``
    what its provider told; each is empty as long as there is none."""

    id: UUID
    visit: UUID
    kind: str
    audience: str
    due_at: datetime
    state: str
    state_because: str
    step: int
    channel: str
    receipt: str
    sent_at: datetime | None
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Which start a message named; None for the window."""

    message_id: UUID
    start: datetime | None


def heard(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return those of the messages that went out, or of which nobody knows that they did not."""
    tries = MessageAttempt.objects.filter(message=OuterRef("pk")).exclude(outcome__in=NOTHING_SENT)
    return rows.filter(Q(state="sent") | Exists(tries))


def told_last(visit_ids: Iterable[UUID]) -> Mapping[UUID, Message]:
    """Return, by visit, the message from which its patient last learnt when the nurse comes."""
    told = _told().filter(
        visit_id__in=visit_ids, audience=Audience.PATIENT.value, move=F("visit__moves")
    )
    return {one.visit_id: one for one in told}


def told_starts(visit_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID, int], list[Told]]:
    """Return, by visit, person and move, the starts that were told, the last one last."""
    rows = _told().filter(visit_id__in=visit_ids)
    found: dict[tuple[UUID, UUID, int], list[Told]] = {}
    for one in rows.only("visit_id", "person_id", "move", "named_start"):
        told = found.setdefault((one.visit_id, one.person_id, one.move), [])
        told.append(Told(one.id, one.named_start))
    return found


def _told() -> QuerySet[Message]:
    """In the order in which they went out."""
    kinds = [kind.value for kind in TELL_OF_THE_START]
    tried = MessageAttempt.objects.filter(message=OuterRef("pk")).order_by("-begun_at")
    went = Coalesce(F("sent_at"), Subquery(tried.values("begun_at")[:1]))
    return heard(Message.objects.filter(kind__in=kinds)).order_by(went, "id")


def messages_seen_by(
    by: Actor, visit_id: UUID | None, *, state: str | None = None
) -> QuerySet[Message]:
    """The rows behind a page of messages of the market, of one visit or in one state if named."""
    rows = Message.objects.filter(market_id=by.market_id)
    if visit_id is not None:
        rows = rows.filter(visit_id=visit_id)
    if state is not None:
        rows = rows.filter(state=state)
    tries = MessageAttempt.objects.order_by("begun_at")
    return rows.prefetch_related(Prefetch("tries", queryset=tries))


def message_line(message: Message, by: Actor) -> MessageLine:
    whole = is_told(by.role, Fact.WORDS)
    return MessageLine(
        id=message.id,
        visit=message.visit_id,
        kind=message.kind,
        audience=message.audience,
        due_at=message.due_at,
        state=message.state,
        state_because=message.state_because,
        step=message.step,
        channel=message.channel,
        receipt=message.receipt,
        sent_at=message.sent_at,
        tries=tuple(
            Try(
                one.begun_at,
                one.channel,
                one.recipient if whole else None,
                one.body if whole else None,
                one.outcome,
            )
            for one in message.tries.all()
        ),
    )
