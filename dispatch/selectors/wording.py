"""The words of a message, made at the moment of sending from the visit as it then is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from dispatch.domain import texts
from dispatch.domain.channels import Channel, Language
from dispatch.domain.clock import instant, local, seconds
from dispatch.domain.messages import Audience, MessageRule, Need
from dispatch.domain.places import LocationKind
from dispatch.domain.shipped import load_subjects, load_templates
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message, Visit
from dispatch.selectors.links import summary_secret, visit_secret
from dispatch.selectors.needs import FASTING, next_visit
from dispatch.selectors.protocols import protocol_of

SPOKEN_S = 300
"""Expected times are told in steps of so many seconds."""
PLACES = {Audience.PROVIDER: "summaries", Audience.PATIENT: "m", Audience.COMPANION: "companion"}
"""Where the links of each lead."""


class NotYetAsked(Exception):
    """Workers have not come yet to ask who was named just now: there is no link for them."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message in its reader's language; ``link`` is the one that stands in ``body``."""

    subject: str
    body: str
    link: str | None


def need_of(visit: Visit, template: str) -> Need | None:
    """Return what the message needs to be true, by the protocol that the visit was booked under."""
    rule = _rule(visit, template)
    return None if rule is None else rule.needs


def task_of(visit: Visit, template: str) -> TaskKind | None:
    """Return the task that falls due instead of a text, where the rule is for staff."""
    rule = _rule(visit, template)
    return None if rule is None else rule.task


def words_of(visit: Visit, message: Message, language: Language, channel: Channel) -> Words:
    """Return the text: no name, no treatment, the time by the patient's clocks.

    It names the expected start where the message tells of one, the window otherwise. What goes to
    a phone is written in the letters that its short messages have. Raises NotYetAsked.
    """
    asked = texts.placeholders(templates(language)[message.template])
    link = _link(visit, message) if "link" in asked else None
    following = next_visit(visit) if "next" in asked else None
    return worded(visit, message, language, channel, link, following)


def worded(
    visit: Visit,
    message: Message,
    language: Language,
    channel: Channel,
    link: str | None,
    following: Visit | None,
) -> Words:
    """Return the same with this link, and with what is told of the patient's ``following`` visit;
    nothing more is looked up than is at hand in the rows."""
    template = templates(language)[message.template]
    values = {
        name: _value(name, visit, message, language, link, following)
        for name in texts.placeholders(template)
    }
    body = texts.render(template, values)
    if channel is Channel.TEXT:
        body = texts.for_phones(body)
    return Words(subjects(language)[message.kind], body, link)


def when(visit: Visit, language: Language = Language.ENGLISH) -> str:
    """Return the window as people say it, e.g. ``Tue 1 Dec, 9:00 AM–9:30 AM``."""
    start = local(visit.window_start, visit.location.zone)
    return texts.window(start, local(visit.window_end, visit.location.zone), language)


def about(visit: Visit, expected: datetime, language: Language = Language.ENGLISH) -> str:
    """Return an expected start as people say it, e.g. ``Tue 1 Dec, about 9:40 AM``."""
    return texts.about(local(expected, visit.location.zone), language)


def spoken(expected: datetime) -> datetime:
    """Return the time as it is told: nobody says it to the second, and nobody is there before."""
    return instant(-(-seconds(expected) // SPOKEN_S) * SPOKEN_S)


def _rule(visit: Visit, template: str) -> MessageRule | None:
    rules = protocol_of(visit.protocol_id).messages
    return next((rule for rule in rules if rule.template == template), None)


def _value(
    name: str,
    visit: Visit,
    message: Message,
    language: Language,
    link: str | None,
    following: Visit | None,
) -> str:
    """What stands in the text for a placeholder."""
    protocol = protocol_of(visit.protocol_id)
    if name == "when":
        expected = message.named_start
        return when(visit, language) if expected is None else about(visit, expected, language)
    if name == "instructions":
        return protocol.instructions_in(language, LocationKind(visit.location.kind))
    if name == "eating":
        return protocol.extra_rule_in(language, FASTING) or ""
    if name == "next":
        return "" if following is None else when(following, language)
    return visit.market.office_phone if name == "phone" else link or ""


def link_to(audience: Audience, secret: str) -> str:
    """Return where the secret leads that is made for somebody of this audience."""
    return f"{settings.PUBLIC_URL}/{PLACES[audience]}/{secret}"


def shut(body: str) -> str:
    """Return a text with its links shut: where they lead stands there, not what opens them."""
    places = "|".join(PLACES.values())
    return re.sub(rf"({re.escape(settings.PUBLIC_URL)}/(?:{places})/)[\w.=-]*[\w=-]", r"\1…", body)


def _link(visit: Visit, message: Message) -> str:
    audience = Audience(message.audience)
    if audience is Audience.PROVIDER:
        return link_to(audience, summary_secret(message.id))
    if audience is Audience.PATIENT:
        return link_to(audience, visit_secret(message.id))
    standing = [one for one in visit.companion_requests.all() if one.replaced_at is None]
    theirs = next((one for one in standing if one.companion_id == message.person_id), None)
    if theirs is None:
        raise NotYetAsked
    return link_to(Audience.COMPANION, theirs.secret)


@lru_cache(maxsize=len(Language))
def templates(language: Language) -> dict[str, str]:
    """Return every text of a language by its template's code; cached, as they are shipped."""
    return load_templates(language.value)


@lru_cache(maxsize=len(Language))
def subjects(language: Language) -> dict[str, str]:
    """Return the subject lines of a language by the kind of message; cached likewise."""
    return load_subjects(language.value)
