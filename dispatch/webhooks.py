"""Rows of webhooks that more than one verb writes: what goes to whom, and the end of a receiver.

An event is put down for its receivers in the very transaction that records it, so that no event is
forgotten and none is told that was undone; a receiver and an event are one row, whoever writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from dispatch.domain.events import EVENTS
from dispatch.domain.webhooks import TOLD, ClosedBecause, DeliveryState
from dispatch.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import DATABASE_CLOCK

BATCH = 500


def announce(event: OutboxEvent) -> None:
    """Put the event down for every receiver of its market that listens to its type."""
    topic = TOLD.get(EVENTS[event.name])
    if topic is None:
        return
    listening = WebhookEndpoint.objects.filter(
        Q(events=[]) | Q(events__contains=[topic.value]),
        market_id=event.market_id,
        disabled_at__isnull=True,
    )
    _write(_delivery(event, endpoint) for endpoint in listening.only("id"))


def put_down(events: Iterable[OutboxEvent], endpoint: WebhookEndpoint) -> None:
    """Have the events told to one receiver; what is put down already stays as it is."""
    _write(_delivery(event, endpoint) for event in events)


def close(endpoint: WebhookEndpoint, because: ClosedBecause, *, now: datetime) -> None:
    """Nothing more goes to this receiver, and what still waited for it is given up."""
    endpoint.disabled_at, endpoint.disabled_because = now, because.value
    endpoint.lease_token = endpoint.rests_until = None
    endpoint.save(update_fields=["disabled_at", "disabled_because", "lease_token", "rests_until"])
    waiting = endpoint.deliveries.filter(state=DeliveryState.DUE.value)
    waiting.update(state=DeliveryState.DEAD.value, fault=because.value)


def _delivery(event: OutboxEvent, endpoint: WebhookEndpoint) -> WebhookDelivery:
    return WebhookDelivery(
        market_id=event.market_id,
        endpoint=endpoint,
        event=event,
        type=TOLD[EVENTS[event.name]].value,
        data=_ids(event),
        occurred_at=event.occurred_at,
        due_at=DATABASE_CLOCK,
    )


def _write(deliveries: Iterable[WebhookDelivery]) -> None:
    WebhookDelivery.objects.bulk_create(deliveries, batch_size=BATCH, ignore_conflicts=True)


def _ids(event: OutboxEvent) -> dict[str, str]:
    """As the API names them: the market, and the visit or the series."""
    ids = {name.removesuffix("_id"): value for name, value in event.payload.items()}
    return {"market": str(event.market_id), **ids}
