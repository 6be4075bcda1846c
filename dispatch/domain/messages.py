"""Works out which messages a visit calls for and when, from rules that are data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from string import Formatter

from dispatch.domain.clock import service_date, to_instant
from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.places import LocationKind
from dispatch.domain.tasks import TaskKind

PLACEHOLDERS = frozenset({"when", "link", "instructions", "phone"})
EARLIEST_HOUR = time(4)  # no zone's clock changes after this hour: each later hour exists every day


class Kind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    COMPANION_REQUEST = "companion_request"
    COMPANION_MISSING = "companion_missing"
    COMPANION_DECLINED = "companion_declined"
    DAY_BEFORE = "day_before"
    TWO_HOURS_BEFORE = "two_hours_before"
    AFTERCARE = "aftercare"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    NURSE_CHANGED = "nurse_changed"
    RUNNING_LATE = "running_late"
    EARLIER_AGAIN = "earlier_again"
    SUMMARY = "summary"


class Audience(StrEnum):
    """Who receives a message."""

    PATIENT = "patient"
    COMPANION = "companion"
    PROVIDER = "provider"
    DISPATCHER = "dispatcher"
    PRESCRIBER = "prescriber"


STAFF = frozenset({Audience.DISPATCHER, Audience.PRESCRIBER})
"""Who is not written to: a task stands on their list instead."""


class Event(StrEnum):
    """What happened to a visit that may call for messages."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    COMPANION_NAMED = "companion_named"
    COMPANION_DECLINED = "companion_declined"
    CANCELLED = "cancelled"
    NURSE_CHANGED = "nurse_changed"
    RUNNING_LATE = "running_late"
    EARLIER_AGAIN = "earlier_again"


class IfPast(StrEnum):
    """What becomes of a message whose moment had passed when the visit was booked."""

    SEND_NOW = "send_now"
    SKIP = "skip"


class Need(StrEnum):
    """What must hold at the moment of sending; without it the message has lost its reason."""

    COMPANION_NAMED = "companion_named"
    COMPANION_UNNAMED = "companion_unnamed"
    COMPANION_DECLINED = "companion_declined"
    COMPANION_EXPECTED = "companion_expected"


@dataclass(frozen=True)
class AtEvent:
    """At once when something happens."""

    event: Event


@dataclass(frozen=True)
class BeforeStart:
    """A number of seconds before the arrival window opens."""

    seconds: int


@dataclass(frozen=True)
class DaysBefore:
    """At a local hour, some days before the day of service."""

    days: int
    at: time


@dataclass(frozen=True)
class SameDay:
    """At a local hour on the day of service, but not before the visit's end."""

    at: time


When = AtEvent | BeforeStart | DaysBefore | SameDay


@dataclass(frozen=True)
class MessageRule:
    """One line of a protocol's messages; `template` is also the rule's own code.

    What falls due for staff is the `task`, and has no text.
    """

    template: str
    kind: Kind
    audience: Audience
    when: When
    if_past: IfPast
    locations: frozenset[LocationKind]
    needs: Need | None
    task: TaskKind | None = None


@dataclass(frozen=True)
class Due:
    """A message to be sent at `due_at` (UTC), if `needs` still holds then."""

    kind: Kind
    audience: Audience
    due_at: datetime
    template: str
    needs: Need | None


def parse_rule(template: str, fields: Fields) -> MessageRule:
    """Read one rule; `locations` left out means all of them. Raises FieldError."""
    rule = MessageRule(
        template=template,
        kind=fields.one_of("kind", Kind),
        audience=fields.one_of("audience", Audience),
        when=_parse_when(fields.child("when")),
        if_past=fields.one_of("if_past", IfPast) if fields.has("if_past") else IfPast.SKIP,
        locations=_parse_locations(fields),
        needs=fields.one_of("needs", Need) if fields.has("needs") else None,
        task=fields.one_of("task", TaskKind) if fields.has("task") else None,
    )
    if (rule.task is None) == (rule.audience in STAFF):
        raise FieldError(fields.at("task"), "must be named for staff, and for nobody else")
    fields.reject_unknown()
    return rule


def _parse_locations(fields: Fields) -> frozenset[LocationKind]:
    if not fields.has("locations"):
        return frozenset(LocationKind)
    try:
        return frozenset(LocationKind(kind) for kind in fields.texts("locations"))
    except ValueError as error:
        raise FieldError(fields.at("locations"), "must name kinds of location") from error


def _parse_when(fields: Fields) -> When:
    when: When
    if fields.has("at"):
        when = AtEvent(fields.one_of("at", Event))
    elif fields.has("before_start_s"):
        when = BeforeStart(fields.whole("before_start_s", least=1))
    elif fields.has("days_before"):
        when = DaysBefore(fields.whole("days_before"), _parse_hour(fields, "local_time"))
    else:
        when = SameDay(_parse_hour(fields, "same_day_local_time"))
    fields.reject_unknown()
    return when


def _parse_hour(fields: Fields, name: str) -> time:
    at = fields.clock(name)
    if at < EARLIEST_HOUR:
        raise FieldError(fields.at(name), "must be 04:00 or later")
    return at


def due_times(
    rules: Iterable[MessageRule],
    *,
    window_start: datetime,
    end: datetime,
    zone: str,
    booked_at: datetime,
    location_kind: LocationKind,
    event: Event = Event.BOOKED,
) -> tuple[Due, ...]:
    """Return what the event calls for, soonest first.

    `booked_at` is the moment of the event. Booking and rescheduling bring the reminders with them;
    the other events bring only the messages that answer them. `window_start` is when the nurse may
    arrive at the earliest, `end` when the visit ends at the latest; all instants are aware.
    """
    dues = []
    for rule in rules:
        due_at = _moment(rule, window_start, end, zone, booked_at, event)
        if due_at is not None and location_kind in rule.locations:
            dues.append(Due(rule.kind, rule.audience, due_at, rule.template, rule.needs))
    return tuple(sorted(dues, key=lambda due: (due.due_at, due.template)))


def _moment(
    rule: MessageRule,
    window_start: datetime,
    end: datetime,
    zone: str,
    now: datetime,
    event: Event,
) -> datetime | None:
    if isinstance(rule.when, AtEvent):
        return now if rule.when.event is event else None
    if event not in {Event.BOOKED, Event.RESCHEDULED}:
        return None
    due_at = _planned(rule.when, window_start, end, zone)
    if due_at < now:
        if rule.if_past is IfPast.SKIP:
            return None
        due_at = now
    return due_at if isinstance(rule.when, SameDay) or due_at < window_start else None


def _planned(
    when: BeforeStart | DaysBefore | SameDay, window_start: datetime, end: datetime, zone: str
) -> datetime:
    if isinstance(when, BeforeStart):
        return window_start - timedelta(seconds=when.seconds)
    day = service_date(window_start, zone)
    if isinstance(when, SameDay):
        return max(to_instant(day, when.at, zone), end)
    return to_instant(day - timedelta(days=when.days), when.at, zone)


def render(template: str, context: Mapping[str, str]) -> str:
    """Fill a text's placeholders; raise FieldError for one that is unknown or has no value."""
    for _, name, spec, conversion in Formatter().parse(template):
        if name is None:
            continue
        if name not in PLACEHOLDERS or spec or conversion:
            raise FieldError(name or "template", "is not a placeholder of messages")
        if name not in context:
            raise FieldError(name, "has no value")
    return template.format_map(context)
