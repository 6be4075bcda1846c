"""Links to summaries: signed, so that none can be guessed, and the same at every try to send."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from dispatch.domain.errors import NotFound


def _signer() -> Signer:
    return Signer(salt="dispatch.summaries", sep=".")


def summary_secret(message_id: UUID) -> str:
    """Return what stands in the link of the message: its id and the service's signature."""
    return _signer().sign(b64_encode(message_id.bytes).decode())


def message_behind(secret: str) -> UUID:
    """Return the message whose link it is. Raises NotFound where we have not signed it."""
    try:
        return UUID(bytes=b64_decode(_signer().unsign(secret).encode()))
    except (BadSignature, ValueError) as fault:
        raise NotFound("summary") from fault
