"""Events recorded with the change that made them true, and delivered until they have taken.

``record`` writes the event in the change's own transaction, and puts it down for the customers who
hear of it by webhooks. ``deliver_next`` takes one event that nobody else has, lets every reaction
to it write its rows in a savepoint, has PostgreSQL check the deferred constraints there, and marks
the event done in the same commit. A reaction that fails undoes itself and leaves the event for
later, each time a little longer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from dispatch import webhooks
from dispatch.domain.events import EVENTS, Event
from dispatch.models import OutboxEvent
from dispatch.models.clock import DATABASE_CLOCK, database_now
from dispatch.selectors.clock import market_now
from dispatch.stopping import ends

log = logging.getLogger(__name__)

Reaction = Callable[..., None]
Reactions = Mapping[type[Event], Sequence[Reaction]]

LONGEST_WAIT = timedelta(minutes=5)
MOST_DOUBLINGS = 9

_wake: list[Callable[[], object]] = []


def on_record(wake: Callable[[], object]) -> None:
    """Have ``wake`` called after every commit that recorded an event; it must not raise."""
    _wake[:] = [wake]


def record(event: Event, *, market_id: UUID, now: datetime) -> None:
    """Write the event in the running transaction; refuses outside one, where it could be lost."""
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change it tells of.")
    recorded = OutboxEvent.objects.create(
        market_id=market_id,
        name=type(event).__name__,
        payload={name: str(value) for name, value in asdict(event).items()},
        occurred_at=now,
        available_at=DATABASE_CLOCK,
    )
    webhooks.announce(recorded)
    wake_workers()


def wake_workers() -> None:
    """Have the workers look, after the commit: there is work for them that is no event."""
    for wake in _wake:
        transaction.on_commit(wake, robust=True)


def deliver_next(reactions: Reactions) -> bool:
    """Deliver one event that is due; False where there is none."""
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, available_at__lte=DATABASE_CLOCK)
            .order_by("available_at")
            .first()
        )
        if event is None:
            return False
        try:
            with transaction.atomic():
                _react(reactions.get(EVENTS[event.name], ()), event)
                connection.check_constraints()
        except ends():
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the event must stay
            _put_off(event, error)
        else:
            event.done_at = database_now()
            event.save(update_fields=["done_at"])
    return True


def _react(reactions: Sequence[Reaction], event: OutboxEvent) -> None:
    facts: dict[str, Any] = {name: UUID(value) for name, value in event.payload.items()}
    for reaction in reactions:
        reaction(**facts, now=market_now(event.market_id))


def _put_off(event: OutboxEvent, error: Exception) -> None:
    """The event stays for later, with the kind of the fault for people to see."""
    facts = {"event_id": str(event.id), "event_name": event.name}
    log.error("a reaction failed", exc_info=error, extra=facts)
    event.attempts += 1
    event.failed_with = type(error).__name__
    wait = min(timedelta(seconds=2 ** min(event.attempts, MOST_DOUBLINGS)), LONGEST_WAIT)
    event.available_at = database_now() + wait
    event.save(update_fields=["attempts", "failed_with", "available_at"])
