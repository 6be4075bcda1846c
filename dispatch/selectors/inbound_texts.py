"""Texts that people wrote, as dispatchers read them, and the words of our answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from dispatch.domain.channels import Language
from dispatch.domain.people import Actor
from dispatch.domain.shipped import load_replies
from dispatch.domain.tasks import TaskKind
from dispatch.models import InboundText, Task, TextReply


@dataclass(frozen=True, slots=True)
class InboundTextLine:
    """``understood`` is empty until a worker has read it; ``task`` is what a dispatcher ends."""

    id: UUID
    received_at: datetime
    sender: str
    body: str
    understood: str
    led_to: str
    patient: UUID | None
    visit: UUID | None
    task: UUID | None
    urgent: bool


def inbound_texts_of(by: Actor, *, done: bool) -> QuerySet[InboundText]:
    """The market's texts: those that wait for somebody, or all the others."""
    task = Task.objects.filter(
        kind=TaskKind.READ_REPLY.value, done_at__isnull=True, subject_id=OuterRef("id")
    )
    texts = InboundText.objects.filter(market_id=by.market_id).annotate(
        task=Subquery(task.values("id")[:1]), urgent=Subquery(task.values("urgent")[:1])
    )
    waits = Q(task__isnull=False) | Q(read_at__isnull=True)
    return texts.exclude(waits) if done else texts.filter(waits)


def inbound_text_line(text: Any) -> InboundTextLine:
    """Show one of ``inbound_texts_of``."""
    return InboundTextLine(
        id=text.id,
        received_at=text.received_at,
        sender=text.sender,
        body=text.body,
        understood=text.understood,
        led_to=text.led_to,
        patient=text.patient_id,
        visit=text.visit_id,
        task=text.task,
        urgent=bool(text.urgent),
    )


def reply_words(reply: TextReply) -> str:
    """Return an answer's text, with the office's number and nobody's name."""
    words = _replies(Language(reply.language))[reply.template]
    return words.format(phone=reply.market.office_phone)


@lru_cache(maxsize=len(Language))
def _replies(language: Language) -> dict[str, str]:
    return load_replies(language.value)
