"""Links in messages: signed, so that none can be guessed, and the same at every try to send."""

from __future__ import annotations

import hmac
from uuid import UUID

from django.core.signing import BadSignature, Signer, b64_decode, b64_encode
from django.utils.crypto import salted_hmac

from dispatch.domain.errors import NotFound

OF_VISITS = "dispatch.visits"
SIGNED_BYTES = 12
"""Ninety-six bits that nobody guesses over a network, in a link that fits into a text."""


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


def visit_secret(message_id: UUID) -> str:
    """Return the same for a message to a patient, short: 38 letters."""
    return b64_encode(message_id.bytes + _signature(message_id)).decode()


def message_about_visit(secret: str) -> UUID:
    """Return the message whose link it is. Raises NotFound where we have not signed it."""
    try:
        raw = b64_decode(secret.encode())
        message_id = UUID(bytes=raw[:16])
    except ValueError as fault:
        raise NotFound("page") from fault
    if not hmac.compare_digest(raw[16:], _signature(message_id)):
        raise NotFound("page")
    return message_id


def _signature(message_id: UUID) -> bytes:
    signed = salted_hmac(OF_VISITS, message_id.bytes, algorithm="sha256").digest()
    return signed[:SIGNED_BYTES]
