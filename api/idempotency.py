"""One answer a key: a request that is sent again gets what it got, and writes nothing twice.

The answer is kept in the request's own transaction, so that it exists exactly when what it tells
of does. A second request with the key while the first is under way is refused, not queued. What a
door shows once (``Door.shown_once``) is not kept: it is null in the answer that is given again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.domain.errors import Conflict
from dispatch.models import IdempotencyRecord
from dispatch.models.clock import database_now

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
KEY_FORM = r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?"
"""Printable ASCII; a blank at either end does not come through HTTP."""
KEPT_FOR = timedelta(hours=24)

Door = Callable[..., Response]


def idempotent(door: Door) -> Door:
    """Make a creating door answer a repeated key with its first answer."""

    @wraps(door)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return door(view, request, *args, **kwargs)
        if len(key) > LONGEST_KEY or not re.fullmatch(KEY_FORM, key):
            raise ValidationError(
                {HEADER: f"A key is 1 to {LONGEST_KEY} printable characters of ASCII."}
            )
        user_id = view.by(request).user_id
        with transaction.atomic():
            _enter(user_id, key)
            digest = _digest(request)
            kept = _kept(user_id, key, digest)
            return kept or _keep(
                user_id, key, digest, door(view, request, *args, **kwargs), but=view.shown_once
            )

    wrapped.takes_key = True  # type: ignore[attr-defined]  # api/schema.py asks for it
    return wrapped


def _enter(user_id: UUID, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{user_id}:{key}"]
        )
        if not cursor.fetchone()[0]:
            raise Conflict("in_flight", "The first request with this key is still under way.")


def _digest(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()


def _kept(user_id: UUID, key: str, digest: str) -> Response | None:
    records = IdempotencyRecord.objects.filter(user_id=user_id, key=key)
    records.filter(created_at__lt=database_now() - KEPT_FOR).delete()
    record = records.first()
    if record is None:
        return None
    if record.request_digest != digest:
        raise Conflict("key_reused", "This key was used for another request.")
    kept = json.loads(record.body)
    headers = kept["headers"] | {REPLAYED: "true"}
    return Response(kept["answer"], status=record.status, headers=headers)


def _keep(
    user_id: UUID, key: str, digest: str, answer: Response, *, but: frozenset[str]
) -> Response:
    told = answer.data
    if but:
        told = dict(told) | dict.fromkeys(but)
    IdempotencyRecord.objects.create(
        user_id=user_id,
        key=key,
        request_digest=digest,
        status=answer.status_code,
        body=json.dumps({"answer": told, "headers": dict(answer.headers)}, default=str),
        created_at=database_now(),
    )
    return answer
