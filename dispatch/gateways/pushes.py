"""Pushes to browsers: an encrypted notice that there is news, and where.

A row of `PushSubscription` is how a browser is addressed, and this carrier says when it is gone.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from django.conf import settings
from py_vapid import Vapid
from pywebpush import WebPushException, webpush
from requests import Session

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Refused
from dispatch.gateways.handover import Handover
from dispatch.models import PushSubscription
from dispatch.models.clock import database_now

TTL_S = 4 * 3600
"""How long a push service keeps a notice for a browser that is away."""
TOPIC_CHARACTERS = 32
GONE = frozenset({404, 410})


class WebPushes:
    """By the push service of each browser, signed with the key that ``VAPID_PRIVATE_KEY`` is."""

    name = "webpush"
    tells = False

    def send(self, outgoing: Outgoing) -> str:
        """Return where the push service keeps the notice, or else the key."""
        browser = PushSubscription.objects.filter(id=outgoing.to, gone_at__isnull=True).first()
        if browser is None:
            raise Refused("gone")
        handover = Handover(outgoing.good_until)
        try:
            response = webpush(
                {
                    "endpoint": browser.endpoint,
                    "keys": {"p256dh": browser.p256dh, "auth": browser.auth},
                },
                data=notice(outgoing),
                vapid_private_key=Vapid.from_string(settings.VAPID_PRIVATE_KEY),
                vapid_claims={"sub": settings.VAPID_SUBJECT},
                ttl=TTL_S,
                headers={"Urgency": "high", "Topic": topic(outgoing.key)},
                timeout=handover.seconds_left(),
                requests_session=handover.carry(Session()),
            )
        except WebPushException as fault:
            raise _meaning(fault, browser) from None
        return str(response.headers.get("Location") or outgoing.key)[:128]


def notice(outgoing: Outgoing) -> str:
    """Return what the browser shows: a subject without anything of the visit, and the link."""
    return json.dumps(
        {"title": outgoing.subject, "link": outgoing.link or settings.PUBLIC_URL},
        ensure_ascii=False,
    )


def topic(key: str) -> str:
    """Return the same for the same key: a notice that waits is replaced by the one of a second
    try. At most 32 characters of URL-safe base64 (RFC 8030, section 5.4)."""
    return urlsafe_b64encode(sha256(key.encode()).digest()).decode()[:TOPIC_CHARACTERS]


def _meaning(fault: WebPushException, browser: PushSubscription) -> Exception:
    status = None if fault.response is None else fault.response.status_code
    if status in GONE:
        PushSubscription.objects.filter(id=browser.id).update(gone_at=database_now())
    return Refused("gone" if status in GONE else f"HTTP {status}")
