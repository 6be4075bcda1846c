"""The words of one message, told with when and by which way."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain import texts
from dispatch.domain.channels import Channel, Language
from dispatch.domain.clock import local
from dispatch.selectors.message_words import MessageWords, Tried, Writing
from web.languages import words
from web.messages.telling import PAGE
from web.of_messages import because_of, of_message


@dataclass(frozen=True, slots=True)
class WritingTold:
    """``kind`` is the channel's code; ``head`` says when, by which way and what came of it."""

    kind: str
    head: str
    said: Writing
    parts: str


@dataclass(frozen=True, slots=True)
class WordsTold:
    """``because`` says why nothing goes out now, where that is so."""

    tries: tuple[WritingTold, ...]
    next: WritingTold | None
    because: str
    waits_for_nurse: bool
    nothing: bool


def words_told(found: MessageWords, zone: str, language: Language) -> WordsTold:
    return WordsTold(
        tries=tuple(_tried(one, zone, language) for one in found.tries),
        next=None if found.next is None else _told(found.next, _way(found.next.channel)),
        because=because_of(found.because) if found.because else "",
        waits_for_nurse=found.waits_for_nurse,
        nothing=not (found.tries or found.next or found.because),
    )


def parts_told(segments: int | None) -> str:
    """Say of how many parts a text is; empty for what is no text."""
    told = words(PAGE)
    if segments is None:
        return ""
    return told["segments_one"] if segments == 1 else told["segments"].format(parts=segments)


def _tried(one: Tried, zone: str, language: Language) -> WritingTold:
    told = words(PAGE)
    when = texts.moment(local(one.begun_at, zone), language)
    if one.outcome == "accepted":
        came = told["outcome__accepted"]
    else:
        came = because_of(one.outcome) if one.outcome else told["unsettled"]
    return _told(one.said, " · ".join((when, _way(one.said.channel), came)))


def _told(said: Writing, head: str) -> WritingTold:
    return WritingTold(said.channel.value, head, said, parts_told(said.segments))


def _way(channel: Channel) -> str:
    return of_message(f"channel__{channel.value}")
