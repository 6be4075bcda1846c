"""Works out which messages a visit calls for and when, by a protocol's rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.domain.clock import service_date, to_instant
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
    Need,
    SameDay,
)
from dispatch.domain.places import LocationKind
from dispatch.domain.quiet import allowed_from, planned_for

TIME_TO_ANSWER = timedelta(hours=1)
"""How long people have before it is pressed for what they have only just been asked."""

BRINGS_REMINDERS = {
    Audience.PATIENT: frozenset({Event.BOOKED, Event.RESCHEDULED}),
    Audience.COMPANION: frozenset({Event.COMPANION_NAMED, Event.RESCHEDULED}),
}
"""With which events a person's reminders come; those of staff come with the patient's."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened to a visit at ``now``, and the visit as it then is.

    ``window_start`` is when the nurse may arrive at the earliest, ``end`` when the visit ends at
    the latest. ``zone`` is the place's; ``companion_zone`` whose clocks the companion lives by,
    where they are others. All instants are aware.
    """

    event: Event
    now: datetime
    window_start: datetime
    end: datetime
    zone: str
    location_kind: LocationKind
    companion_zone: str | None = None

    def zone_of(self, audience: Audience) -> str:
        return self.companion_zone or self.zone if audience is Audience.COMPANION else self.zone


@dataclass(frozen=True, slots=True)
class Due:
    """A message to be sent at `due_at` (UTC), if `needs` still holds then."""

    kind: Kind
    audience: Audience
    due_at: datetime
    template: str
    needs: Need | None


def due_times(rules: Iterable[MessageRule], occasion: Occasion) -> tuple[Due, ...]:
    """Return what the event calls for, soonest first, each rule once at the most.

    Booking and rescheduling bring the patient's reminders with them, being named the companion's;
    the other events bring only the messages that answer them. What is for the time before the
    visit falls due before its window opens, or not at all.
    """
    dues = []
    for rule in rules:
        if occasion.location_kind not in rule.locations:
            continue
        due_at = _moment(rule, occasion)
        if due_at is not None:
            dues.append(Due(rule.kind, rule.audience, due_at, rule.template, rule.needs))
    return tuple(sorted(dues, key=lambda due: (due.due_at, due.template)))


def _moment(rule: MessageRule, occasion: Occasion) -> datetime | None:
    if isinstance(rule.when, AtEvent):
        return _by_day(rule, occasion.now, occasion) if rule.when.event is occasion.event else None
    audience = Audience.PATIENT if rule.audience in STAFF else rule.audience
    if occasion.event not in BRINGS_REMINDERS.get(audience, ()):
        return None
    if isinstance(rule.when, SameDay | DaysAfter):
        return _not_past(rule, _afterwards(rule.when, occasion), occasion)
    planned = planned_for(
        rule.kind,
        _beforehand(rule.when, occasion),
        occasion.zone_of(rule.audience),
        before=occasion.window_start,
    )
    due_at = _not_past(rule, planned, occasion)
    return due_at if due_at is not None and due_at < occasion.window_start else None


def _not_past(rule: MessageRule, planned: datetime, occasion: Occasion) -> datetime | None:
    if planned < occasion.now:
        if rule.if_past is IfPast.SKIP:
            return None
        planned = occasion.now
        if rule.if_past is IfPast.GIVE_TIME:
            planned += TIME_TO_ANSWER
    return _by_day(rule, planned, occasion)


def _by_day(rule: MessageRule, moment: datetime, occasion: Occasion) -> datetime:
    zone = occasion.zone_of(rule.audience)
    return allowed_from(rule.kind, moment, zone, before=occasion.window_start)


def _beforehand(when: BeforeStart | DaysBefore, occasion: Occasion) -> datetime:
    if isinstance(when, BeforeStart):
        return occasion.window_start - timedelta(seconds=when.seconds)
    day = service_date(occasion.window_start, occasion.zone) - timedelta(days=when.days)
    return to_instant(day, when.at, occasion.zone)


def _afterwards(when: SameDay | DaysAfter, occasion: Occasion) -> datetime:
    day = service_date(occasion.window_start, occasion.zone)
    if isinstance(when, SameDay):
        return max(to_instant(day, when.at, occasion.zone), occasion.end)
    return max(to_instant(day + timedelta(days=when.days), when.at, occasion.zone), occasion.end)
