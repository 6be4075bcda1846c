"""What a provider's call tells us, once its signature has been checked."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.channels import Receipt


@dataclass(frozen=True, slots=True)
class TextHeard:
    """Somebody wrote to us; ``answered`` says that the provider has answered by itself."""

    carrier: str
    provider_id: str
    sender: str
    body: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptHeard:
    """What became of a message; the same ``event_key`` twice is the same event told twice."""

    carrier: str
    provider_id: str
    receipt: Receipt
    event_key: str


def readable(text: str) -> str:
    """Return a text as it can be kept: a lone surrogate as "?", and no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


Heard = TextHeard | ReceiptHeard
