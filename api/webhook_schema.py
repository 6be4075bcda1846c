"""The part of the OpenAPI document that tells customers what their receivers are sent."""

from __future__ import annotations

from typing import Any

from dispatch.domain.webhooks import MEANINGS, Topic

HEADERS = {
    "webhook-id": "The message's id: the same for every try, so that a second one can be dropped.",
    "webhook-timestamp": "When this try was made, in seconds since 1970.",
    "webhook-signature": "One or two signatures, apart by a space: v1,… (HMAC-SHA256 in base64).",
}
TAKEN = {"2XX": {"description": "Taken."}, "410": {"description": "Never call again."}}


def with_webhooks(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add one webhook for each public type; a hook of drf-spectacular's."""
    return result | {"webhooks": {topic.value: {"post": _operation(topic)} for topic in Topic}}


def _operation(topic: Topic) -> dict[str, Any]:
    return {
        "description": MEANINGS[topic],
        "parameters": [_header(name, text) for name, text in HEADERS.items()],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _message(topic)}},
        },
        "responses": TAKEN,
    }


def _header(name: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "description": text,
    }


def _message(topic: Topic) -> dict[str, Any]:
    about, _, _ = topic.value.partition(".")
    ids = ["market"] if topic is Topic.TEST else ["market", about]
    uuid = {"type": "string", "format": "uuid"}
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": topic.value},
            "timestamp": {"type": "string", "format": "date-time", "description": "Of the event."},
            "data": {
                "type": "object",
                "required": ids,
                "properties": dict.fromkeys(ids, uuid),
            },
        },
    }
