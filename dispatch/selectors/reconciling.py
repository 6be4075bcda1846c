"""Which visits are compared with their messages, and which messages nobody knows to be unsent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField as Moment
from django.db.models import ExpressionWrapper, F

from dispatch.domain.channels import Channel, Outgoing, Reach, Way
from dispatch.domain.messages import STAFF, Audience, Kind
from dispatch.domain.visit import Status
from dispatch.models import DeliveryEngine, Message, OutboxEvent, Visit
from dispatch.models.clock import DATABASE_CLOCK, MARKET_CLOCK, database_now
from dispatch.selectors.contacts import reach_of
from dispatch.selectors.wording import words_of

LOOK_BACK = timedelta(days=2)
"""How long after its window a visit may still call for messages."""
ASKED = "asked_after_restore"
"""What stands beside a message of which it is settled that it has not been sent, and is to be."""
NEVER_TRIED = timedelta(days=7)
"""How far back a provider is asked where this database knows of no try at all."""

ASKING = timedelta(minutes=1)
"""Longer than a provider is asked about one message."""


@dataclass(frozen=True, slots=True)
class ToCompare:
    visit_id: UUID
    market_id: UUID
    status: Status


@dataclass(frozen=True, slots=True)
class Suspect:
    """A message that may have gone out ``since`` then although this database does not know."""

    message_id: UUID
    market_id: UUID
    kind: Kind
    since: datetime


def visits_to_compare(after: UUID | None, limit: int) -> tuple[ToCompare, ...]:
    """Return the next visits that may still call for messages, in the order of their ids."""
    rows = Visit.objects.filter(window_end__gt=MARKET_CLOCK - LOOK_BACK).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    found = rows.values_list("id", "market_id", "status")[:limit]
    return tuple(ToCompare(one, market_id, Status(status)) for one, market_id, status in found)


def suspects(limit: int) -> tuple[Suspect, ...]:
    """Return messages that were due when the hold began or have fallen due since, and that nobody
    has judged; those of visits booked since then are new to everybody."""
    engine = DeliveryEngine.objects.get()
    if engine.held_since is None:
        return ()
    held_since = ExpressionWrapper(
        engine.held_since + F("market__clock_offset"), output_field=Moment()
    )
    rows = (
        Message.objects.filter(
            state="due", due_at__lte=MARKET_CLOCK, visit__booked_at__lt=held_since
        )
        .exclude(state_because=ASKED)
        .order_by("due_at", "id")
        .values_list("id", "market_id", "kind")
    )
    since = engine.lost_since or engine.held_since - NEVER_TRIED
    return tuple(
        Suspect(message_id, market_id, Kind(kind), since)
        for message_id, market_id, kind in rows[:limit]
    )


def as_it_went(suspect: Suspect) -> tuple[tuple[Channel, Outgoing], ...]:
    """Return the message as it would have gone by each way to the person, the first one first.

    Empty where nothing was sent: to staff, or to somebody to whom no way leads.
    """
    related = ("visit__location", "visit__market", "visit__patient", "visit__companion")
    row = Message.objects.select_related(*related).get(id=suspect.message_id)
    audience = Audience(row.audience)
    reach = None if audience in STAFF else reach_of([(audience, row.person_id)]).get(row.person_id)
    if reach is None:
        return ()
    return tuple((way.channel, _as_it_went(row, way, reach, suspect)) for way in reach.ways)


def _as_it_went(row: Message, way: Way, reach: Reach, suspect: Suspect) -> Outgoing:
    words = words_of(row.visit, row, reach.language, way.channel)
    return Outgoing(
        key=row.key,
        to=way.address,
        subject=words.subject,
        body=words.body,
        link=words.link,
        tried_since=suspect.since,
        good_until=database_now() + ASKING,
    )


def is_compared() -> bool:
    """True once every visit was compared since the hold began."""
    return DeliveryEngine.objects.filter(reconciled_at__isnull=False).exists()


def came_to() -> UUID | None:
    """Return the visit at which the last look ended; None before the first."""
    return DeliveryEngine.objects.values_list("cursor", flat=True).get()


def events_are_due() -> bool:
    """True while something has happened of which the consequences are not planned yet."""
    return OutboxEvent.objects.filter(
        done_at__isnull=True, available_at__lte=DATABASE_CLOCK
    ).exists()
