"""The very words of one message: as they went out, or as they would go out now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain import texts
from dispatch.domain.channels import Channel
from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.errors import NotFound
from dispatch.domain.messages import STAFF, Audience
from dispatch.domain.people import Actor
from dispatch.models import Message, MessageAttempt, SharingConsent
from dispatch.selectors.access import message_for
from dispatch.selectors.judged import judged_now
from dispatch.selectors.message_day import WAITING, DayLine, line_of
from dispatch.selectors.situations import Facts, facts_of
from dispatch.selectors.wording import NotYetAsked, shut, words_of


@dataclass(frozen=True, slots=True)
class Writing:
    """What is said by one way, its links shut; ``segments`` are the parts of a text, None by
    another way."""

    channel: Channel
    recipient: str
    subject: str
    body: str
    segments: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A try: begun then, with this outcome; empty until it is settled."""

    begun_at: datetime
    outcome: str
    said: Writing


@dataclass(frozen=True, slots=True)
class MessageWords:
    """``next`` is what would be sent now, None where nothing would be: then ``because`` is the
    code of the reason, empty where nothing more is to be sent. ``waits_for_nurse`` is true for
    what goes out only once the visit has a nurse."""

    line: DayLine
    tries: tuple[Tried, ...]
    next: Writing | None
    because: str
    waits_for_nurse: bool


def message_words(by: Actor, message_id: UUID, *, now: datetime) -> MessageWords:
    """Return the words of one message. Raises NotFound, also for whom they do not concern."""
    if not is_told(by.role, Fact.WORDS):
        raise NotFound("message")
    message, line = message_for(by, message_id), line_of(by, message_id)
    tries = tuple(
        Tried(one.begun_at, one.outcome, _tried(one))
        for one in message.tries.order_by("begun_at", "id")
    )
    if line.progress not in WAITING:
        return MessageWords(line, tries, None, "", waits_for_nurse=False)
    facts = facts_of([message], _agreed(message))
    judged = judged_now(message, facts, now)
    if facts.tried_since(message) is None:
        message.named_start = judged.start
    because = judged.reason or ("on_a_list" if judged.task else "")
    said, because = (None, because) if because else _next(message, facts)
    return MessageWords(line, tries, said, because, waits_for_nurse=judged.waits)


def written(channel: Channel, recipient: str, subject: str, body: str) -> Writing:
    parts = texts.segments(body) if channel is Channel.TEXT else None
    return Writing(channel, recipient, subject, shut(body), parts)


def _tried(one: MessageAttempt) -> Writing:
    return written(Channel(one.channel), one.recipient, one.subject, one.body)


def _next(message: Message, facts: Facts) -> tuple[Writing | None, str]:
    way = facts.way(message)
    if way is None:
        return None, "no_way"
    visit, language = facts.visits[message.visit_id], facts.reach[message.person_id].language
    try:
        words = words_of(visit, message, language, way.channel)
    except NotYetAsked:
        return None, "not_yet_asked"
    return written(way.channel, way.address, words.subject, words.body), ""


def _agreed(message: Message) -> set[UUID]:
    """The consent, if it stands, of whom a summary goes to."""
    if Audience(message.audience) in STAFF | {Audience.PATIENT, Audience.COMPANION}:
        return set()
    standing = SharingConsent.objects.filter(id=message.person_id, withdrawn_at__isnull=True)
    return set(standing.values_list("id", flat=True))
