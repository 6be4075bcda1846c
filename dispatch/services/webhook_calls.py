"""Calling customers' receivers: claim, (the receiver,) settle – as messages are sent.

A claim leases receivers, one call each, so that one that hangs has one call in the air and no
more, and what goes to one goes in the order of what happened. The call is made outside every
transaction. ``settle`` writes what came of it if the lease is still the one that was claimed. A
worker that dies leaves a lease that runs out; the next repeats the call under the same id, by which
the receiver drops it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from standardwebhooks import Webhook

from dispatch import audit, tasking, webhooks
from dispatch.domain.tasks import TaskKind
from dispatch.domain.webhooks import (
    GIVE_UP_AFTER,
    GONE,
    ClosedBecause,
    DeliveryState,
    body_of,
    is_taken,
    rest_after,
    wait_after,
)
from dispatch.gateways.customers import Answer
from dispatch.models import WebhookDelivery, WebhookEndpoint
from dispatch.models.clock import database_now
from dispatch.selectors.webhooks import deliveries_due, endpoints_to_call

LEASE = timedelta(seconds=15)
"""Longer than a receiver is waited for, its name looked up included."""
WHY = {
    ClosedBecause.GONE: "The receiver of a webhook answered 410: it was switched off.",
    ClosedBecause.FAILING: "A webhook was switched off: nothing was taken for three days.",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A message that one worker may send now."""

    delivery_id: UUID
    endpoint_id: UUID
    market_id: UUID
    token: UUID
    url: str
    headers: dict[str, str]
    body: str


@transaction.atomic
def claim_calls(most: int) -> tuple[Call, ...]:
    """Lease up to ``most`` receivers that nobody else has; return the oldest message of each."""
    free = endpoints_to_call().select_for_update(of=("self",), skip_locked=True, no_key=True)
    longest_ago = F("lease_until").asc(nulls_first=True)
    endpoints = list(free.order_by(longest_ago, "id")[:most])
    now, token = database_now(), uuid4()
    calls = list(_calls(endpoints, token, now))
    WebhookEndpoint.objects.filter(id__in=[call.endpoint_id for call in calls]).update(
        lease_token=token, lease_until=now + LEASE
    )
    return tuple(calls)


@transaction.atomic
def settle(call: Call, answer: Answer, *, now: datetime) -> None:
    """Write what came of a call, unless somebody else's lease has taken over or it was called off.

    ``now`` is the market's. What was not taken comes again later, each time after a longer wait,
    and is dead after the last; the receiver rests. One that says that it is gone, or that has taken
    nothing for days, is switched off, and an administrator is told.
    """
    endpoint = (
        WebhookEndpoint.objects.select_for_update(no_key=True)
        .filter(id=call.endpoint_id, lease_token=call.token)
        .first()
    )
    if endpoint is None:
        return
    delivery = WebhookDelivery.objects.get(id=call.delivery_id)
    delivery.attempts += 1
    delivery.tried_at = database_now()
    delivery.status, delivery.fault = answer.status, answer.fault
    if is_taken(answer.status):
        delivery.state, delivery.sent_at = DeliveryState.SENT.value, now
        endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
    else:
        _not_taken(endpoint, delivery)
    endpoint.lease_token, endpoint.lease_until = None, database_now()
    delivery.save(
        update_fields=["attempts", "tried_at", "status", "fault", "state", "sent_at", "due_at"]
    )
    endpoint.save(
        update_fields=["failures", "failing_since", "rests_until", "lease_token", "lease_until"]
    )
    _close_where_hopeless(endpoint, answer, now)


def _calls(endpoints: list[WebhookEndpoint], token: UUID, now: datetime) -> Iterator[Call]:
    """Read under the lock what is due: it may have been sent while the lock was waited for."""
    for endpoint in endpoints:
        oldest = deliveries_due().filter(endpoint=endpoint).order_by("occurred_at", "id").first()
        if oldest is None:
            continue
        body = body_of(oldest.type, oldest.occurred_at, oldest.data)
        headers = _headers(endpoint, oldest.id, body, now)
        yield Call(oldest.id, endpoint.id, endpoint.market_id, token, endpoint.url, headers, body)


def _headers(
    endpoint: WebhookEndpoint, delivery_id: UUID, body: str, now: datetime
) -> dict[str, str]:
    """Signed with the secret, and with the one before it as long as that is good."""
    secrets = [endpoint.secret]
    if endpoint.old_secret_until is not None and now < endpoint.old_secret_until:
        secrets.append(endpoint.old_secret)
    signatures = [Webhook(secret).sign(str(delivery_id), now, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _not_taken(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> None:
    tried_at = database_now()
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or tried_at
    endpoint.rests_until = tried_at + rest_after(endpoint.failures)
    wait = wait_after(delivery.attempts)
    if wait is None:
        delivery.state = DeliveryState.DEAD.value
    else:
        delivery.due_at = tried_at + wait * random.uniform(1, 1.1)  # noqa: S311 - jitter


def _close_where_hopeless(endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> None:
    since = endpoint.failing_since
    if answer.status == GONE:
        because = ClosedBecause.GONE
    elif since is not None and database_now() - since >= GIVE_UP_AFTER:
        because = ClosedBecause.FAILING
    else:
        return
    webhooks.close(endpoint, because, now=now)
    audit.note_worker(endpoint.market_id, "remove", "webhook", endpoint.id, now=now)
    tasking.open_task(
        TaskKind.WEBHOOK_OFF,
        endpoint.id,
        market_id=endpoint.market_id,
        reason=WHY[because],
        now=now,
    )
