"""Calls signed as Standard Webhooks has it: over id, time and raw body, at most five minutes old.

Source: https://github.com/standard-webhooks/standard-webhooks. Svix, and so Resend, signs alike
under other names of the headers.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from standardwebhooks import Webhook, WebhookVerificationError

from dispatch.domain.channels import Receipt
from dispatch.domain.errors import Invalid
from dispatch.domain.heard import Heard, ReceiptHeard, TextHeard
from dispatch.gateways.hooks import Call, forged, identifier

TEXT = "text.received"
RECEIPTS = {"text.delivered": Receipt.DELIVERED, "text.failed": Receipt.FAILED}
EMAIL_RECEIPTS = {
    "email.delivered": Receipt.DELIVERED,
    "email.bounced": Receipt.FAILED,
    "email.failed": Receipt.FAILED,
    "email.suppressed": Receipt.FAILED,
}
"""See https://resend.com/docs/dashboard/webhooks/event-types; the others are no news."""
UNREADABLE = (ValueError, RecursionError)


class StandardHook:
    """Any provider of texts that speaks Standard Webhooks.

    ``text.received`` carries ``id``, ``from`` and ``body``; ``text.delivered`` and ``text.failed``
    carry the ``id`` under which the provider had accepted the text. Other types are no news.

    It is for a gateway of one's own: receipts are known by the name of the carrier that sent the
    text, so that one has to be ``standard``, too.
    """

    name = "standard"

    @property
    def is_on(self) -> bool:
        return bool(settings.TEXTS_HOOK_SECRET)

    def read(self, call: Call) -> tuple[Heard, ...]:
        event_key = _signed(call, settings.TEXTS_HOOK_SECRET, "webhook-")
        told = _document(call.body)
        kind, data = told.get("type"), told.get("data")
        if not isinstance(kind, str) or (kind != TEXT and kind not in RECEIPTS):
            return ()
        if not isinstance(data, dict):
            raise Invalid({"data": "This is no object."})
        provider_id = identifier("data.id", data.get("id"))
        if kind == TEXT:
            sender, body = (_text(name, data.get(name)) for name in ("from", "body"))
            return (TextHeard(self.name, provider_id, sender, body),)
        return (ReceiptHeard(self.name, provider_id, RECEIPTS[kind], event_key),)


class ResendHook:
    """Receipts of e-mails sent through Resend."""

    name = "resend"

    @property
    def is_on(self) -> bool:
        return bool(settings.EMAILS_HOOK_SECRET)

    def read(self, call: Call) -> tuple[Heard, ...]:
        event_key = _signed(call, settings.EMAILS_HOOK_SECRET, "svix-")
        told = _document(call.body)
        kind, data = told.get("type"), told.get("data")
        if not isinstance(kind, str) or kind not in EMAIL_RECEIPTS:
            return ()
        sent_as = data.get("email_id") if isinstance(data, dict) else None
        provider_id = identifier("data.email_id", sent_as)
        return (ReceiptHeard(self.name, provider_id, EMAIL_RECEIPTS[kind], event_key),)


def _signed(call: Call, secret: str, prefix: str) -> str:
    """Return the event's own id. Raises Forbidden for a signature that is not the provider's."""
    names = ("id", "timestamp", "signature")
    headers = {f"webhook-{name}": call.headers.get(prefix + name, "") for name in names}
    try:
        Webhook(secret).verify(call.body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError) as fault:
        raise forged() from fault
    return identifier(f"{prefix}id", headers["webhook-id"])


def _document(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except UNREADABLE as fault:
        raise Invalid({"body": "This is no JSON."}) from fault
    if not isinstance(told, dict):
        raise Invalid({"body": "This is no object."})
    return told


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid({f"data.{name}": "This is no text."})
    return value
