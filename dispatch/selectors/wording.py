"""The words of a message, made at the moment of sending from the visit as it then is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from dispatch.domain.channels import Language
from dispatch.domain.clock import instant, local, seconds
from dispatch.domain.messages import Audience, Need, render
from dispatch.domain.places import LocationKind
from dispatch.domain.shipped import load_templates
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message, Visit
from dispatch.selectors.links import summary_secret
from dispatch.selectors.protocols import protocol_of

SPOKEN_S = 300
"""Expected times are told in steps of so many seconds."""
SUBJECT = "Your visit"


@dataclass(frozen=True, slots=True)
class Words:
    """A message in its reader's language; ``link`` is the one that stands in ``body``."""

    subject: str
    body: str
    link: str | None


def need_of(visit: Visit, template: str) -> Need | None:
    """Return what the message needs to be true, by the protocol that the visit was booked under."""
    rules = protocol_of(visit.protocol_id).messages
    return next((rule.needs for rule in rules if rule.template == template), None)


def task_of(visit: Visit, template: str) -> TaskKind | None:
    """Return the task that falls due instead of a text, where the rule is for staff."""
    rules = protocol_of(visit.protocol_id).messages
    return next((rule.task for rule in rules if rule.template == template), None)


def words_of(visit: Visit, message: Message, language: Language) -> Words:
    """Return the text: no name, no treatment, the time by the patient's clocks.

    It names the expected start where the message tells of one, the window otherwise.
    """
    protocol, text = protocol_of(visit.protocol_id), templates(language)[message.template]
    expected = message.named_start
    context = {
        "when": when(visit) if expected is None else about(visit, expected),
        "instructions": protocol.instructions[LocationKind(visit.location.kind)],
        "phone": visit.market.office_phone,
    }
    link = _link(visit, message) if "{link}" in text else None
    if link is not None:
        context["link"] = link
    return Words(SUBJECT, render(text, context), link)


def when(visit: Visit) -> str:
    """Return the window as people say it, e.g. ``Tue 1 Dec, 9:00–9:30 AM``."""
    start = local(visit.window_start, visit.location.zone)
    end = local(visit.window_end, visit.location.zone)
    return f"{start:%a} {start.day} {start:%b}, {start:%-I:%M %p}–{end:%-I:%M %p}"


def about(visit: Visit, expected: datetime) -> str:
    """Return an expected start as people say it, e.g. ``Tue 1 Dec, about 9:40 AM``."""
    start = local(expected, visit.location.zone)
    return f"{start:%a} {start.day} {start:%b}, about {start:%-I:%M %p}"


def spoken(expected: datetime) -> datetime:
    """Return the time as it is told: nobody says it to the second, and nobody is there before."""
    return instant(-(-seconds(expected) // SPOKEN_S) * SPOKEN_S)


def _link(visit: Visit, message: Message) -> str:
    audience = Audience(message.audience)
    if audience is Audience.PROVIDER:
        return f"{settings.PUBLIC_URL}/summaries/{summary_secret(message.id)}"
    if audience is Audience.PATIENT:
        return f"{settings.PUBLIC_URL}/visits/{visit.id}"
    asked = [one for one in visit.companion_requests.all() if one.replaced_at is None]
    return f"{settings.PUBLIC_URL}/companion/{asked[0].secret}"


@lru_cache(maxsize=len(Language))
def templates(language: Language) -> dict[str, str]:
    """Return every text of a language by its template's code; cached, as they are shipped."""
    return load_templates(language.value)
