"""What customers are told by webhooks, in which words, how often it is tried, and when it ends.

Messages keep to Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks,
spec/standard-webhooks.md): thin, with ids and times alone; whoever needs more asks the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dispatch.domain import events
from dispatch.domain.events import Event


class Topic(StrEnum):
    """The public types of events; they stay as they are once somebody listens to them."""

    VISIT_BOOKED = "visit.booked"
    VISIT_ASSIGNED = "visit.assigned"
    VISIT_UNASSIGNED = "visit.unassigned"
    VISIT_RESCHEDULED = "visit.rescheduled"
    VISIT_CANCELLED = "visit.cancelled"
    VISIT_SUSPENDED = "visit.suspended"
    VISIT_NURSE_CHANGED = "visit.nurse_changed"
    VISIT_ARRIVAL_MOVED = "visit.arrival_moved"
    VISIT_PROGRESSED = "visit.progressed"
    VISIT_COMPLETED = "visit.completed"
    VISIT_BROKEN_OFF = "visit.broken_off"
    SERIES_BOOKED = "series.booked"
    SERIES_PAUSED = "series.paused"
    SERIES_RESUMED = "series.resumed"
    SERIES_CANCELLED = "series.cancelled"
    TEST = "webhook.test"


TOLD: dict[type[Event], Topic] = {
    events.VisitBooked: Topic.VISIT_BOOKED,
    events.VisitAssigned: Topic.VISIT_ASSIGNED,
    events.VisitUnassigned: Topic.VISIT_UNASSIGNED,
    events.VisitRescheduled: Topic.VISIT_RESCHEDULED,
    events.VisitCancelled: Topic.VISIT_CANCELLED,
    events.VisitSuspended: Topic.VISIT_SUSPENDED,
    events.NurseChanged: Topic.VISIT_NURSE_CHANGED,
    events.ArrivalMoved: Topic.VISIT_ARRIVAL_MOVED,
    events.VisitProgressed: Topic.VISIT_PROGRESSED,
    events.VisitEnded: Topic.VISIT_COMPLETED,
    events.VisitBroken: Topic.VISIT_BROKEN_OFF,
    events.SeriesBooked: Topic.SERIES_BOOKED,
    events.SeriesPaused: Topic.SERIES_PAUSED,
    events.SeriesResumed: Topic.SERIES_RESUMED,
    events.SeriesCancelled: Topic.SERIES_CANCELLED,
}
"""Which event is told as what; events of answers, companions and vials stay in the house."""

SUBSCRIBABLE = tuple(TOLD.values())

MEANINGS: dict[Topic, str] = {
    Topic.VISIT_BOOKED: "A visit was booked, with a nurse or for a time still to be found.",
    Topic.VISIT_ASSIGNED: "A nurse has the visit; its window is promised.",
    Topic.VISIT_UNASSIGNED: "Nobody has the visit any more; a nurse is looked for again.",
    Topic.VISIT_RESCHEDULED: "The visit moved to another window.",
    Topic.VISIT_CANCELLED: "The visit will not take place.",
    Topic.VISIT_SUSPENDED: "The visit has to wait, and its time was given back.",
    Topic.VISIT_NURSE_CHANGED: "Another nurse comes than the one that was told.",
    Topic.VISIT_ARRIVAL_MOVED: "The nurse is expected later than was told, or sooner again.",
    Topic.VISIT_PROGRESSED: "The nurse told of the next step at the door.",
    Topic.VISIT_COMPLETED: "The nurse completed the visit.",
    Topic.VISIT_BROKEN_OFF: "The visit was broken off, or nobody was there.",
    Topic.SERIES_BOOKED: "All visits of a series were booked.",
    Topic.SERIES_PAUSED: "The rest of the series waits for a prescriber.",
    Topic.SERIES_RESUMED: "A series that waited goes on.",
    Topic.SERIES_CANCELLED: "What was still to come of a series was called off.",
    Topic.TEST: "Somebody asked for a message to try the receiver with.",
}

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first try in vain, the second, and so on: the schedule of the specification."""

MOST_TRIES = len(WAITS) + 1
GIVE_UP_AFTER = sum(WAITS, timedelta())
"""A receiver that has taken nothing for so long, 3 days and 3.6 hours, is switched off."""

FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=5)
MOST_DOUBLINGS = 6

OLD_SECRET_LASTS = timedelta(days=1)

GONE = 410


class DeliveryState(StrEnum):
    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


class ClosedBecause(StrEnum):
    """Why nothing more goes to a receiver."""

    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


def body_of(topic: str, occurred_at: datetime, data: Mapping[str, str]) -> str:
    """Return the message, the same text for the same facts: its signature covers every byte."""
    moment = occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    message = {"type": topic, "timestamp": moment, "data": dict(sorted(data.items()))}
    return json.dumps(message, separators=(",", ":"))


def is_taken(status: int | None) -> bool:
    """Whether the receiver took the message: 2xx, and nothing else, redirects least of all."""
    return status is not None and status // 100 == 2  # noqa: PLR2004 - the class of the status


def wait_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many tries in vain (≥ 1); None where it was the last."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def rest_after(failures: int) -> timedelta:
    """Return how long a receiver is left alone after so many failures in a row (≥ 1)."""
    doublings: int = min(failures - 1, MOST_DOUBLINGS)
    return min(FIRST_REST * (1 << doublings), LONGEST_REST)
