"""Customers' receivers of webhooks: added, tried, given a new secret, told again, switched off."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from dispatch import audit, webhooks
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.webhooks import (
    OLD_SECRET_LASTS,
    SUBSCRIBABLE,
    TOLD,
    ClosedBecause,
    DeliveryState,
    Topic,
)
from dispatch.gateways.customers import Customers, Unfit
from dispatch.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import DATABASE_CLOCK, database_now
from dispatch.selectors.access import delivery_for, webhook_for

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - as the specification marks secrets
MOST_ENDPOINTS = 20
"""Receivers of one market that are switched on: each event is written once for each."""
LONGEST_REPLAY = timedelta(days=31)


def add_webhook(
    url: str, events: Collection[str], *, to: Customers, by: Actor, now: datetime
) -> tuple[UUID, str]:
    """Add a receiver for these types, or for all where none is named; return its id and secret.

    The name is looked up before any row is locked. Raises Invalid ``url``, ``events``; Conflict
    ``too_many_webhooks``.
    """
    unknown = sorted(set(events) - {topic.value for topic in SUBSCRIBABLE})
    if unknown:
        raise Invalid({"events": Sentence("There is no {event}.", event=unknown[0])})
    try:
        to.check(url)
    except Unfit as fault:
        raise Invalid({"url": str(fault)}) from fault
    return _added(url, sorted(set(events)), by, now)


@transaction.atomic
def _added(url: str, events: list[str], by: Actor, now: datetime) -> tuple[UUID, str]:
    on = WebhookEndpoint.objects.filter(market_id=by.market_id, disabled_at__isnull=True)
    if on.count() >= MOST_ENDPOINTS:
        raise Conflict("too_many_webhooks", f"A market has at most {MOST_ENDPOINTS} webhooks.")
    endpoint = WebhookEndpoint.objects.create(
        market_id=by.market_id,
        url=url,
        secret=_new_secret(),
        events=events,
        made_at=now,
        made_by_id=by.user_id,
    )
    audit.note(by, "add", "webhook", endpoint.id, now=now)
    return endpoint.id, endpoint.secret


@transaction.atomic
def remove_webhook(webhook_id: UUID, *, by: Actor, now: datetime) -> None:
    """Switch a receiver off for good; one that is off stays as it is. Raises NotFound."""
    endpoint = _locked(webhook_id, by)
    if endpoint.disabled_at is None:
        webhooks.close(endpoint, ClosedBecause.ASKED, now=now)
        audit.note(by, "remove", "webhook", endpoint.id, now=now)


@transaction.atomic
def renew_secret(webhook_id: UUID, *, by: Actor, now: datetime) -> str:
    """Give a receiver a new secret and return it; messages are signed with the old one as well
    for a day. Raises NotFound, Conflict ``webhook_off``."""
    endpoint = _switched_on(webhook_id, by)
    endpoint.old_secret, endpoint.secret = endpoint.secret, _new_secret()
    endpoint.old_secret_until = database_now() + OLD_SECRET_LASTS
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit.note(by, "renew_secret", "webhook", endpoint.id, now=now)
    return endpoint.secret


@transaction.atomic
def try_webhook(webhook_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """Have a message sent that tells of nothing; return its id. Raises as ``renew_secret``."""
    endpoint = _switched_on(webhook_id, by)
    delivery = WebhookDelivery.objects.create(
        market_id=by.market_id,
        endpoint=endpoint,
        type=Topic.TEST.value,
        data={"market": str(by.market_id)},
        occurred_at=now,
        due_at=DATABASE_CLOCK,
    )
    audit.note(by, "test", "webhook", endpoint.id, now=now)
    return delivery.id


@transaction.atomic
def replay_period(
    webhook_id: UUID, since: datetime, until: datetime, *, by: Actor, now: datetime
) -> int:
    """Have all that happened in [since, until) told again; return how many messages that are.

    Those sent before keep their ids. What happened before the receiver was there is told, too.
    Raises NotFound; Conflict ``webhook_off``; Invalid for no period or one that is too long.
    """
    if since >= until or until - since > LONGEST_REPLAY:
        days = LONGEST_REPLAY.days
        pattern = "The period ends after it begins, {days} days later at most."
        raise Invalid({"until": Sentence(pattern, days=days)})
    endpoint = _switched_on(webhook_id, by)
    topics = endpoint.events or [topic.value for topic in SUBSCRIBABLE]
    names = [kind.__name__ for kind, topic in TOLD.items() if topic.value in topics]
    happened = OutboxEvent.objects.filter(
        market_id=by.market_id, name__in=names, occurred_at__gte=since, occurred_at__lt=until
    )
    webhooks.put_down(happened.order_by("occurred_at", "id").iterator(), endpoint)
    audit.note(by, "replay", "webhook", endpoint.id, now=now)
    told = endpoint.deliveries.exclude(type=Topic.TEST.value)
    return _again(told.filter(occurred_at__gte=since, occurred_at__lt=until))


@transaction.atomic
def replay_delivery(webhook_id: UUID, delivery_id: UUID, *, by: Actor, now: datetime) -> None:
    """Have one message sent again under its own id. Raises NotFound, Conflict ``webhook_off``."""
    endpoint = _switched_on(webhook_id, by)
    delivery = delivery_for(by, webhook_id, delivery_id)
    _again(endpoint.deliveries.filter(id=delivery.id))
    audit.note(by, "replay", "webhook_delivery", delivery.id, now=now)


def _again(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Due at once and with all their tries before them, whatever became of them."""
    return deliveries.update(state=DeliveryState.DUE.value, due_at=DATABASE_CLOCK, attempts=0)


def _locked(webhook_id: UUID, by: Actor) -> WebhookEndpoint:
    """The lock that settling a call takes, too."""
    webhook_for(by, webhook_id)
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(id=webhook_id)


def _switched_on(webhook_id: UUID, by: Actor) -> WebhookEndpoint:
    endpoint = _locked(webhook_id, by)
    if endpoint.disabled_at is not None:
        raise Conflict("webhook_off", "This webhook was switched off; add another.")
    return endpoint


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
