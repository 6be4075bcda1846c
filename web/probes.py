"""Whether the process lives, whether it can serve, and how far behind the workers are."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from dispatch.gateways.roads import roads
from dispatch.selectors.due import Lag, lag
from dispatch.selectors.webhooks import WebhookLag, webhook_lag

LATE_AFTER_S = 60.0
BROKER_TIMEOUT_S = 1.0


def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Database, migrations, broker, roads, lag of due work; 503 where visits cannot be booked.

    Without the broker visits are still booked and workers still find them, and without roads drives
    are geodesic: that is told, and is no reason to take the process out of service.
    """
    parts: dict[str, object] = {"broker": _broker(), "roads": _roads()}
    try:
        parts["migrations"] = "ok" if _migrated() else "pending"
        parts["database"] = "ok"
        parts["due"] = _told(lag())
        parts["webhooks"] = _told_of_webhooks(webhook_lag())
    except DatabaseError:
        parts["database"] = "down"
    ready = parts["database"] == "ok" and parts["migrations"] == "ok"
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


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
    waited = Gauge("dispatch_oldest_webhook_seconds", "Age of the oldest due.", registry=registry)
    waited.set(webhooks.oldest_s)
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


def _told_of_webhooks(waiting: WebhookLag) -> dict[str, object]:
    """Apart from our own work: a customer's receiver may keep it waiting."""
    return {"due": waiting.due, "oldest_s": round(waiting.oldest_s, 1)}


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
