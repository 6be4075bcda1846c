"""Whether the process lives, whether it can serve, and how far behind the workers are."""

from __future__ import annotations

from dataclasses import asdict

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)

from dispatch import tenancy
from dispatch.audit import UNWRITTEN
from dispatch.gateways.roads import roads
from dispatch.selectors.due import Lag, lag
from dispatch.selectors.engine import Delivery, delivery, is_held
from dispatch.selectors.retention import forgotten
from dispatch.selectors.trail import TrailState, trail_state
from dispatch.selectors.webhooks import WebhookLag, webhook_lag

LATE_AFTER_S = 60.0
BROKER_TIMEOUT_S = 1.0


def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"status": "ok"})


@tenancy.everywhere()
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Database, migrations, broker, roads, lag of due work; 503 where visits cannot be booked.

    Without the broker visits are still booked and workers still find them, without roads drives
    are geodesic, and while messages are held they are still planned: that is told, and is no
    reason to take the process out of service.
    """
    parts: dict[str, object] = {"broker": _broker(), "roads": _roads()}
    try:
        parts["migrations"] = "ok" if _migrated() else "pending"
        parts["database"] = "ok"
        parts["due"] = _told(lag())
        parts["messages"] = _messages(delivery())
        parts["webhooks"] = _told_of_webhooks(webhook_lag())
        parts["audit"] = _told_of_trail(trail_state())
    except DatabaseError:
        parts["database"] = "down"
    ready = parts["database"] == "ok" and parts["migrations"] == "ok"
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


@tenancy.everywhere()
def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Due work, and this process's view of the roads, for Prometheus; 503 without the database."""
    registry = CollectorRegistry()
    try:
        due, webhooks = lag(), webhook_lag()
    except DatabaseError:
        return HttpResponse("the database cannot be reached\n", status=503)
    rows = Gauge("dispatch_due_rows", "Rows that are due.", ["kind"], registry=registry)
    counts = {
        "event": due.events, "visit": due.visits, "message": due.messages, "room": due.rooms,
        "webhook": webhooks.due,
    }  # fmt: skip
    for kind, count in counts.items():
        rows.labels(kind).set(count)
    Gauge("dispatch_oldest_due_seconds", "Age of the oldest.", registry=registry).set(due.oldest_s)
    _gauge_messages(delivery(), registry)
    waited = Gauge("dispatch_oldest_webhook_seconds", "Age of the oldest due.", registry=registry)
    waited.set(webhooks.oldest_s)
    _gauge_trail(trail_state(), registry)
    registry.register(UNWRITTEN)
    gone = Counter("dispatch_rows_run_out", "Rows deleted.", ["table"], registry=registry)
    for table, count in forgotten().items():
        gone.labels(table).inc(count)
    if (by_road := roads()) is not None:
        down = Gauge("dispatch_roads_down", "The routing engine failed.", registry=registry)
        down.set(by_road.breaker.is_open)
        guessed = Gauge("dispatch_drives_guessed", "Drives that are geodesic.", registry=registry)
        guessed.set(by_road.guessed)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _told(due: Lag) -> dict[str, object]:
    return {
        "events": due.events,
        "visits": due.visits,
        "messages": due.messages,
        "rooms": due.rooms,
        "oldest_s": round(due.oldest_s, 1),
        "late": due.oldest_s > LATE_AFTER_S,
    }


def _messages(now_is: Delivery) -> dict[str, object]:
    return {
        "held": is_held(),
        "held_because": now_is.held_because,
        "due": now_is.due,
        "lag_s": round(now_is.lag_s, 1),
        "waiting": now_is.waiting,
        "overdue": now_is.overdue,
        "dead": now_is.dead,
        "providers_down": now_is.lines_open,
        "events_lag_s": round(now_is.events_lag_s, 1),
        "reconciled_at": now_is.reconciled_at,
        "last_round": asdict(now_is.last_round),
    }


def _gauge_messages(now_is: Delivery, registry: CollectorRegistry) -> None:
    """Gauges of how messages stand, and counters of what had to be repaired."""
    told = {
        "dispatch_messages_held": ("Messages are held: none is begun.", is_held()),
        "dispatch_messages_lag_seconds": ("Age of the oldest due message.", now_is.lag_s),
        "dispatch_messages_waiting": ("Messages that wait for another try.", now_is.waiting),
        "dispatch_messages_overdue": ("Messages long due that nothing keeps.", now_is.overdue),
        "dispatch_messages_dead": ("Messages that were given up.", now_is.dead),
        "dispatch_providers_down": ("Providers that do not answer.", now_is.lines_open),
        "dispatch_events_lag_seconds": ("Age of the oldest due event.", now_is.events_lag_s),
    }
    for name, (text, value) in told.items():
        Gauge(name, text, registry=registry).set(value)
    found = Gauge(
        "dispatch_reconciled", "What the last look at all visits found.", ["found"],
        registry=registry,
    )  # fmt: skip
    for what, count in asdict(now_is.last_round).items():
        found.labels(what).set(count)
    repaired = Counter(
        "dispatch_messages_repaired", "Messages planned again, or withdrawn with their visit.",
        ["how"], registry=registry,
    )  # fmt: skip
    repaired.labels("planned").inc(now_is.planned_total)
    repaired.labels("withdrawn").inc(now_is.withdrawn_total)


def _told_of_webhooks(waiting: WebhookLag) -> dict[str, object]:
    """Apart from our own work: a customer's receiver may keep it waiting."""
    return {"due": waiting.due, "oldest_s": round(waiting.oldest_s, 1)}


def _told_of_trail(now_is: TrailState) -> dict[str, object]:
    return {
        "unsealed": now_is.waiting,
        "oldest_s": round(now_is.waiting_s, 1),
        "verified_at": now_is.looked_at,
        "faults": now_is.faults,
    }


def _gauge_trail(now_is: TrailState, registry: CollectorRegistry) -> None:
    looked_at = None if now_is.looked_at is None else now_is.looked_at.timestamp()
    told: dict[str, tuple[str, float | None]] = {
        "dispatch_audit_unsealed_seconds": ("Age of the oldest unsealed.", now_is.waiting_s),
        "dispatch_audit_faults": ("What the last look at the audit trail found.", now_is.faults),
        "dispatch_audit_verified_timestamp_seconds": (
            "When the audit trail was last looked through.",
            looked_at,
        ),
    }
    for name, (text, value) in told.items():
        if value is not None:
            Gauge(name, text, registry=registry).set(value)


def _broker() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S
    )
    try:
        client.ping()
    except redis.RedisError:
        return "down"
    finally:
        client.close()
    return "ok"


def _roads() -> dict[str, object]:
    """As this process knows them from its last question."""
    by_road = roads()
    if by_road is None:
        return {"engine": "geodesic"}
    state = "down" if by_road.breaker.is_open else "ok"
    return {"engine": by_road.engine.name, "state": state, "guessed": by_road.guessed}


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
