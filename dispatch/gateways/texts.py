"""Short texts to a phone: the local outbox, which keeps what it accepts for the screens."""

from __future__ import annotations

from typing import Protocol

from dispatch.domain.ids import new_id
from dispatch.models import LocalText
from dispatch.models.clock import database_now

PATIENCE_S = 5.0


class Texts(Protocol):
    """Sends one text; the same ``key`` twice is one text. Returns the provider's id for it.

    Gives up with a TimeoutError after ``PATIENCE_S``: a lease outlasts the call.

    Raises TextRefused for good; any OSError or TimeoutError means: perhaps, try again.
    """

    def send(self, *, to: str, body: str, key: str) -> str: ...


class TextRefused(Exception):
    """The provider will never send this text."""


class LocalTexts:
    """Accepts every text into the local outbox, one row a key."""

    def send(self, *, to: str, body: str, key: str) -> str:
        LocalText.objects.bulk_create(
            [LocalText(id=new_id(), key=key, recipient=to, body=body, accepted_at=database_now())],
            ignore_conflicts=True,
        )
        return str(LocalText.objects.values_list("id", flat=True).get(key=key))
