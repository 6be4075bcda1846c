"""How the delivery engine stands: whether it is held, how late messages are, what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet

from dispatch.domain.lines import MOST_FAILURES
from dispatch.domain.reconciling import Found
from dispatch.models import CarrierLine, DeliveryEngine, Message, OutboxEvent
from dispatch.models.clock import DATABASE_CLOCK, MARKET_CLOCK
from dispatch.selectors.due import messages_to_send

OVERDUE = timedelta(minutes=10)
"""How late a message that nothing keeps may be before it is told of."""

FINGERPRINT = """
    (SELECT concat_ws('.', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), oid)
       FROM pg_control_system(), pg_database WHERE datname = current_database())
"""
"""The cluster, its timeline and the database. A dump is restored into another database, a restore
to a point in time begins another timeline, and a new server is another cluster."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages stand in every market: rows, and seconds. ``lines_open`` counts providers that
    did not answer of late, ``last_round`` is what the last look at all visits found; the totals
    are what was repaired since the beginning."""

    held_since: datetime | None
    held_because: str
    lost_since: datetime | None
    due: int
    lag_s: float
    waiting: int
    overdue: int
    dead: int
    events_lag_s: float
    lines_open: int
    last_round: Found
    reconciled_at: datetime | None
    planned_total: int
    withdrawn_total: int


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What a dispatcher sees: whether messages are held, and how those of the market stand."""

    held: bool
    held_since: datetime | None
    held_because: str
    due: int
    waiting: int
    overdue: int
    dead: int


def fingerprint() -> str:
    """Return what tells this database from one that it was restored from."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FINGERPRINT}")
        found: str = cursor.fetchone()[0]
    return found


def is_held() -> bool:
    """True while no message may be begun: somebody holds them, or the database is a restored one.

    A database in which nobody has looked yet is a new one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT held_since IS NOT NULL OR fingerprint <>"  # noqa: S608 - words of ours
            f" {FINGERPRINT} FROM delivery_engine"
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def delivery() -> Delivery:
    """Return how messages stand, read from a fixed number of rows and indexes."""
    engine = DeliveryEngine.objects.first()
    found = engine or DeliveryEngine()
    due = messages_to_send().aggregate(
        count=Count("pk"), oldest=_oldest(MARKET_CLOCK - F("due_at"))
    )
    events = OutboxEvent.objects.filter(done_at__isnull=True, available_at__lte=DATABASE_CLOCK)
    oldest_event = events.aggregate(oldest=_oldest(DATABASE_CLOCK - F("available_at")))["oldest"]
    return Delivery(
        held_since=found.held_since,
        held_because=found.held_because,
        lost_since=found.lost_since,
        due=due["count"],
        lag_s=_seconds(due["oldest"]),
        waiting=_waiting(Message.objects.all()),
        overdue=overdue().count(),
        dead=Message.objects.filter(state="dead").count(),
        events_lag_s=_seconds(oldest_event),
        lines_open=CarrierLine.objects.filter(failures__gte=MOST_FAILURES).count(),
        last_round=Found.of(found.last_round),
        reconciled_at=found.reconciled_at,
        planned_total=found.planned_total,
        withdrawn_total=found.withdrawn_total,
    )


def engine_card(market_id: UUID) -> EngineCard:
    """Return how the messages of a market stand."""
    engine = DeliveryEngine.objects.first() or DeliveryEngine()
    mine = Message.objects.filter(market_id=market_id)
    return EngineCard(
        held=is_held(),
        held_since=engine.held_since,
        held_because=engine.held_because,
        due=messages_to_send().filter(market_id=market_id).count(),
        waiting=_waiting(mine),
        overdue=overdue().filter(market_id=market_id).count(),
        dead=mine.filter(state="dead").count(),
    )


def overdue() -> QuerySet[Message]:
    """Return the messages that are long due though nothing keeps them."""
    return messages_to_send().filter(due_at__lt=MARKET_CLOCK - OVERDUE)


def _waiting(messages: QuerySet[Message]) -> int:
    """How many have fallen due and wait for another try, or for a nurse to be found."""
    later = Q(retry_at__gt=DATABASE_CLOCK)
    return messages.filter(later, state="due", due_at__lte=MARKET_CLOCK).count()


def _oldest(how_late: Any) -> Max:
    return Max(ExpressionWrapper(how_late, output_field=DurationField()))


def _seconds(waited: timedelta | None) -> float:
    return 0.0 if waited is None else waited.total_seconds()
