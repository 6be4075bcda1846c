"""Receivers of webhooks, what went to them, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
)

from dispatch.domain.people import Actor
from dispatch.domain.webhooks import SUBSCRIBABLE, DeliveryState
from dispatch.models import WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import DATABASE_CLOCK


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """One receiver; ``events`` is what it is called for. Its secret is shown nowhere."""

    id: UUID
    url: str
    events: tuple[str, ...]
    made_at: datetime
    old_secret_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One message to one receiver: what was told, and what became of it."""

    id: UUID
    type: str
    data: dict[str, str]
    occurred_at: datetime
    state: str
    attempts: int
    due_at: datetime
    tried_at: datetime | None
    status: int | None
    fault: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookLag:
    """Messages to customers that are due, and the seconds for which the oldest has been."""

    due: int
    oldest_s: float


def webhooks_of(by: Actor) -> QuerySet[WebhookEndpoint]:
    """The rows behind a page of the market's receivers, those switched off among them."""
    return WebhookEndpoint.objects.filter(market_id=by.market_id)


def webhook_line(endpoint: WebhookEndpoint) -> WebhookLine:
    return WebhookLine(
        id=endpoint.id,
        url=endpoint.url,
        events=tuple(endpoint.events) or tuple(topic.value for topic in SUBSCRIBABLE),
        made_at=endpoint.made_at,
        old_secret_until=endpoint.old_secret_until,
        failing_since=endpoint.failing_since,
        disabled_at=endpoint.disabled_at,
        disabled_because=endpoint.disabled_because,
    )


def deliveries_to(endpoint: WebhookEndpoint, state: str | None) -> QuerySet[WebhookDelivery]:
    """The rows behind a page of what went to a receiver, in one state where that is named."""
    rows = endpoint.deliveries.all()
    return rows if state is None else rows.filter(state=state)


def delivery_line(delivery: WebhookDelivery) -> DeliveryLine:
    return DeliveryLine(
        id=delivery.id,
        type=delivery.type,
        data=delivery.data,
        occurred_at=delivery.occurred_at,
        state=delivery.state,
        attempts=delivery.attempts,
        due_at=delivery.due_at,
        tried_at=delivery.tried_at,
        status=delivery.status,
        fault=delivery.fault,
        sent_at=delivery.sent_at,
    )


def deliveries_due() -> QuerySet[WebhookDelivery]:
    """Return what may be sent now, as far as the messages themselves go."""
    return WebhookDelivery.objects.filter(state=DeliveryState.DUE.value, due_at__lte=DATABASE_CLOCK)


def endpoints_to_call() -> QuerySet[WebhookEndpoint]:
    """Return the receivers for which something is due, which rest from nothing and nobody has."""
    return WebhookEndpoint.objects.filter(
        Exists(deliveries_due().filter(endpoint=OuterRef("pk"))),
        _past("lease_until"),
        _past("rests_until"),
        disabled_at__isnull=True,
    )


def webhook_lag() -> WebhookLag:
    """Count what is due to receivers that can be called, and measure how late the oldest is."""
    waited = ExpressionWrapper(DATABASE_CLOCK - F("due_at"), output_field=DurationField())
    due = deliveries_due().filter(endpoint__in=endpoints_to_call())
    found = due.aggregate(count=Count("pk"), oldest=Max(waited))
    oldest = found["oldest"]
    return WebhookLag(found["count"], 0.0 if oldest is None else oldest.total_seconds())


def _past(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lte": DATABASE_CLOCK})
