"""Every message that the rules of a treatment can make, filled with a visit that is an example.

The texts are made by the functions that make those of real visits, from rows that are never saved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from dispatch.domain.channels import Channel, Language
from dispatch.domain.clock import service_date, to_instant
from dispatch.domain.ids import new_id, new_secret
from dispatch.domain.messages import (
    STAFF,
    AtEvent,
    Audience,
    BeforeStart,
    DaysAfter,
    DaysBefore,
    Event,
    IfPast,
    Kind,
    MessageRule,
)
from dispatch.domain.places import LocationKind
from dispatch.domain.sending import TELL_THE_HOUR
from dispatch.domain.sharing import WRITTEN_IN
from dispatch.domain.texts import segments
from dispatch.models import Location, Market, Message, Visit
from dispatch.selectors.links import summary_secret, visit_secret
from dispatch.selectors.protocols import OfferedProtocol
from dispatch.selectors.wording import link_to, when, worded

AHEAD, HOUR, WINDOW = timedelta(days=7), time(10), timedelta(minutes=30)
"""The example is a visit in a week, at ten."""
EXPECTED_AFTER = {
    Kind.ON_THE_WAY: timedelta(minutes=10),
    Kind.EARLIER_AGAIN: timedelta(minutes=40),
    Kind.RUNNING_LATE: timedelta(minutes=65),
}
"""When the nurse is expected, for what names it, after the window begins."""
AT_FIRST = frozenset({Event.BOOKED, Event.COMPANION_NAMED})
A_DAY_S, EARLY, LATE = 86_400, -(10**9), 10**9


@dataclass(frozen=True, slots=True)
class Example:
    """A message in one language, by text and as a mail; ``segments`` are the parts of the text."""

    language: Language
    subject: str
    text: str
    segments: int
    mail: str


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule with its texts, none for what falls due for staff; the rule is None for a summary,
    which goes to whomever the patient shares with, and by no rule of a treatment."""

    template: str
    kind: Kind
    audience: Audience
    rule: MessageRule | None
    examples: tuple[Example, ...]


def rules_shown(market_id: UUID, offered: OfferedProtocol, *, now: datetime) -> list[RuleShown]:
    """Return the rules in the order in which they come in the life of a visit."""
    market = Market.objects.get(id=market_id)
    rules = sorted(offered.protocol.messages, key=_comes)
    shown = [
        RuleShown(
            one.template, one.kind, one.audience, one,
            () if one.audience in STAFF else _examples(one, market, offered.id, now),
        )
        for one in rules
    ]  # fmt: skip
    summary = _examples(SUMMARY, market, offered.id, now)
    shown.append(RuleShown(SUMMARY.template, SUMMARY.kind, SUMMARY.audience, None, summary))
    return shown


SUMMARY = MessageRule(
    template="summary",
    kind=Kind.SUMMARY,
    audience=Audience.PROVIDER,
    when=AtEvent(Event.BOOKED),
    if_past=IfPast.SKIP,
    locations=frozenset(LocationKind),
    needs=None,
)


def example_window(market_id: UUID, language: Language, *, now: datetime) -> str:
    """Return the window of the example in words."""
    market = Market.objects.get(id=market_id)
    visit = Visit(location=Location(zone=market.zone), **_hours(market, now, AHEAD))
    return when(visit, language)


def _comes(rule: MessageRule) -> float:
    """Seconds before or after the visit; what tells of a change comes last."""
    due = rule.when
    if isinstance(due, AtEvent):
        if due.event is Event.DEPARTED:
            return -1
        return EARLY if due.event in AT_FIRST else LATE
    if isinstance(due, BeforeStart):
        return -due.seconds
    days = 0
    if isinstance(due, DaysBefore):
        days = -due.days
    elif isinstance(due, DaysAfter):
        days = due.days
    return days * A_DAY_S + (due.at.hour - HOUR.hour) * 3600 + due.at.minute * 60


def _examples(
    rule: MessageRule, market: Market, protocol_id: UUID, now: datetime
) -> tuple[Example, ...]:
    place = next(kind for kind in LocationKind if kind in rule.locations)
    visit = _visit(market, protocol_id, place, now, AHEAD)
    following = _visit(market, protocol_id, place, now, 2 * AHEAD)
    message = Message(kind=rule.kind.value, audience=rule.audience.value, template=rule.template)
    if rule.kind in TELL_THE_HOUR:
        message.named_start = visit.window_start + EXPECTED_AFTER[rule.kind]
    link = link_to(rule.audience, _secret(rule.audience))
    return tuple(_in_languages(visit, message, link, following))


def _in_languages(visit: Visit, message: Message, link: str, following: Visit) -> Iterable[Example]:
    of_providers = message.audience == Audience.PROVIDER
    for language in (WRITTEN_IN,) if of_providers else Language:
        text = worded(visit, message, language, Channel.TEXT, link, following)
        mail = worded(visit, message, language, Channel.EMAIL, link, following)
        yield Example(language, mail.subject, text.body, segments(text.body), mail.body)


def _visit(
    market: Market, protocol_id: UUID, place: LocationKind, now: datetime, ahead: timedelta
) -> Visit:
    return Visit(
        market=market,
        protocol_id=protocol_id,
        location=Location(kind=place.value, zone=market.zone),
        **_hours(market, now, ahead),
    )


def _hours(market: Market, now: datetime, ahead: timedelta) -> dict[str, datetime]:
    start = to_instant(service_date(now, market.zone) + ahead, HOUR, market.zone)
    return {"window_start": start, "window_end": start + WINDOW}


def _secret(audience: Audience) -> str:
    """Letters that say what they are, as many as a real link has, so that a text is as long."""
    real = {
        Audience.PATIENT: lambda: visit_secret(new_id()),
        Audience.PROVIDER: lambda: summary_secret(new_id()),
    }.get(audience, new_secret)()
    return ("example-" * len(real))[: len(real)]
