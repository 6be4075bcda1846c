"""Identifiers: time-ordered UUIDs for rows, unguessable secrets for links."""

import hashlib
import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): rows written later sort later."""
    return uuid7()


def new_secret() -> str:
    """Return 256 random bits for a link, URL-safe, 43 characters."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """Return the hex SHA-256: a secret is looked up by it, and a signed text is known again."""
    return hashlib.sha256(text.encode()).hexdigest()
