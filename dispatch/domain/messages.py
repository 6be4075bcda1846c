"""Rules of messages, read from data: what is sent to whom, when, and what it needs to be true."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.places import LocationKind
from dispatch.domain.tasks import TaskKind

EARLIEST_HOUR = time(4)  # no zone's clock changes after this hour: each later hour exists every day


class Kind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    COMPANION_REQUEST = "companion_request"
    COMPANION_MISSING = "companion_missing"
    COMPANION_DECLINED = "companion_declined"
    COMPANION_REMINDER = "companion_reminder"
    COMPANION_REPLACED = "companion_replaced"
    ON_HOLD = "on_hold"
    SCREENING_DUE = "screening_due"
    EATING = "eating"
    DAY_BEFORE = "day_before"
    TWO_HOURS_BEFORE = "two_hours_before"
    ON_THE_WAY = "on_the_way"
    AFTERCARE = "aftercare"
    FOLLOW_UP = "follow_up"
    FEEDBACK = "feedback"
    NEXT_VISIT = "next_visit"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    NURSE_CHANGED = "nurse_changed"
    RUNNING_LATE = "running_late"
    EARLIER_AGAIN = "earlier_again"
    SUMMARY = "summary"
    TASK = "task"


AFTER_THE_VISIT = frozenset(
    {Kind.AFTERCARE, Kind.FOLLOW_UP, Kind.FEEDBACK, Kind.NEXT_VISIT, Kind.SUMMARY}
)
"""Kinds that follow after a visit."""


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
    COMPANION_REPLACED = "companion_replaced"
    CANCELLED = "cancelled"
    NURSE_CHANGED = "nurse_changed"
    RUNNING_LATE = "running_late"
    EARLIER_AGAIN = "earlier_again"
    DEPARTED = "departed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


class IfPast(StrEnum):
    """What becomes of a message whose moment had passed when the visit was booked."""

    SEND_NOW = "send_now"
    GIVE_TIME = "give_time"
    SKIP = "skip"


class Need(StrEnum):
    """What must hold at the moment of sending; without it the message has lost its reason."""

    COMPANION_NAMED = "companion_named"
    COMPANION_UNNAMED = "companion_unnamed"
    COMPANION_DECLINED = "companion_declined"
    COMPANION_EXPECTED = "companion_expected"
    COMPANION_ASKED = "companion_asked"
    COMPANION_UNCONFIRMED = "companion_unconfirmed"
    QUESTIONS_OPEN = "questions_open"
    MEDICATION_OPEN = "medication_open"
    FASTING_APPROVED = "fasting_approved"
    NEXT_BOOKED = "next_booked"


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


@dataclass(frozen=True)
class DaysAfter:
    """At a local hour, some days after the day of service."""

    days: int
    at: time


When = AtEvent | BeforeStart | DaysBefore | SameDay | DaysAfter


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
    if (rule.kind is Kind.TASK) != (rule.audience in STAFF):
        raise FieldError(fields.at("kind"), "must be task for staff, and for nobody else")
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
    elif fields.has("days_after"):
        when = DaysAfter(fields.whole("days_after", least=1), _parse_hour(fields, "local_time"))
    else:
        when = SameDay(_parse_hour(fields, "same_day_local_time"))
    fields.reject_unknown()
    return when


def _parse_hour(fields: Fields, name: str) -> time:
    at = fields.clock(name)
    if at < EARLIEST_HOUR:
        raise FieldError(fields.at(name), "must be 04:00 or later")
    return at
