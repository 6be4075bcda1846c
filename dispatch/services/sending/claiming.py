"""Leases on messages that are due: taken for a batch at once, and given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from dispatch import delivering
from dispatch.models import Message
from dispatch.models.clock import database_now

LEASE = timedelta(seconds=4)
"""Longer than a provider is waited for, shorter than people would notice."""
BATCH = 100

CLAIM = """
    WITH clock AS MATERIALIZED (
        SELECT clock_timestamp() AS now, clock_timestamp() + max(clock_offset) AS latest FROM market
    ), again AS MATERIALIZED (
        SELECT message.id FROM message JOIN market ON market.id = message.market_id
        WHERE state = 'due' AND retry_at <= (SELECT now FROM clock)
            AND due_at <= (SELECT now FROM clock) + clock_offset
            AND (lease_until IS NULL OR lease_until < (SELECT now FROM clock))
        ORDER BY retry_at LIMIT %(batch)s / 2
        FOR NO KEY UPDATE OF message SKIP LOCKED
    ), fresh AS MATERIALIZED (
        SELECT message.id FROM message JOIN market ON market.id = message.market_id
        WHERE state = 'due' AND retry_at IS NULL AND due_at <= (SELECT latest FROM clock)
            AND due_at <= (SELECT now FROM clock) + clock_offset
            AND (lease_until IS NULL OR lease_until < (SELECT now FROM clock))
        ORDER BY due_at LIMIT %(batch)s - (SELECT count(*) FROM again)
        FOR NO KEY UPDATE OF message SKIP LOCKED
    )
    UPDATE message SET lease_token = %(token)s,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM (SELECT id FROM again UNION ALL SELECT id FROM fresh) AS taken
    WHERE message.id = taken.id
    RETURNING message.id, message.visit_id, message.market_id
"""
"""What is tried again takes half of a batch at the most: a provider that is down for long keeps
nobody else waiting. Each half reads its own index from the oldest on, however many rows wait."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One message that is this worker's until the lease runs out."""

    message_id: UUID
    visit_id: UUID
    market_id: UUID
    token: UUID


def claim_due(batch: int = BATCH) -> tuple[Lease, ...]:
    """Lease up to so many messages that are due and that nobody else has."""
    token = uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"batch": batch, "token": token, "lease": LEASE.total_seconds()})
        return tuple(Lease(row[0], row[1], row[2], token) for row in cursor.fetchall())


@transaction.atomic
def put_off(leases: Sequence[Lease], error: Exception, *, now: Mapping[UUID, datetime]) -> None:
    """Note that the messages could not even be begun, so that they let the others pass."""
    clock, messages = database_now(), leased(leases)
    for message in messages:
        fault, then = type(error).__name__, now[message.market_id]
        delivering.count_fault(message, fault, clock=clock, now=then)
    delivering.save(messages)


def leased(leases: Sequence[Lease], *, whole_at: datetime | None = None) -> list[Message]:
    """Lock, in id order, the messages that are still this worker's, as its token shows; those
    alone whose lease has not run out by ``whole_at``, where that is given."""
    rows = Message.objects.select_for_update(no_key=True).filter(
        id__in={one.message_id for one in leases},
        lease_token__in={one.token for one in leases},
        state="due",
    )
    if whole_at is not None:
        rows = rows.filter(lease_until__gte=whole_at)
    return list(rows.order_by("id"))
