"""Personal text at rest: encrypted under a named key, found again through a keyed digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12
INDEX_LENGTH = 64


class Unreadable(Exception):
    """A ciphertext was altered or moved, or its key is gone; says where it stands, not what."""

    def __init__(self, place: str) -> None:
        super().__init__(f"What stands in {place} was altered, or its key is not in FIELD_KEYS.")


def encrypt(text: str, place: str = "") -> str:
    """Return ``key-id:base64(nonce + AES-256-GCM ciphertext)`` under the current key.

    With a ``place``, ``table.column``, it is ``key-id::base64(…)`` and can be read nowhere else.
    """
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(key_id, place))
    return f"{mark(key_id, place)}{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, place: str = "") -> str:
    """Return the text, also of what was written without its place. Raises Unreadable."""
    key_id, _, body = stored.partition(":")
    held_to = place if body.startswith(":") else ""
    try:
        raw = base64.b64decode(body.removeprefix(":"), validate=True)
        sealed = AESGCM(settings.FIELD_KEYS[key_id])
        clear = sealed.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key_id, held_to))
    except (KeyError, ValueError, InvalidTag) as fault:
        raise Unreadable(place or "a field") from fault
    return clear.decode()


def mark(key_id: str, place: str) -> str:
    """Return what everything begins with that is encrypted under this key."""
    return f"{key_id}::" if place else f"{key_id}:"


def _bound(key_id: str, place: str) -> bytes:
    """What is authenticated beside the text."""
    return (f"{key_id}:{place}" if place else key_id).encode()


def blind_index(text: str) -> str:
    """Return the keyed digest under which a normalised value is kept.

    ``number:hex`` is under key 2 or a later one, made over the digest under the key before it;
    without a number it is under the first. So what was kept by its digest alone can be brought
    under a new key, and whoever knows the old ones only finds nothing by it.
    """
    return blind_indexes(text)[writing_key() - 1]


def blind_indexes(text: str) -> tuple[str, ...]:
    """Return the digests under which a value may be kept, those of the oldest key first."""
    digest = _keyed(1, " ".join(text.casefold().split()))
    return tuple(raised(digest, number) for number in sorted(settings.BLIND_INDEX_KEYS))


def newest(digest: str) -> str:
    """Return the same digest under the newest key, to be compared with others."""
    return raised(digest, max(settings.BLIND_INDEX_KEYS))


def raised(digest: str, to: int) -> str:
    """Return a digest under the key ``to``; one that is under a later key stays as it is."""
    for number in range(key_of(digest) + 1, to + 1):
        digest = f"{number}:{_keyed(number, digest)}"[:INDEX_LENGTH]
    return digest


def key_of(digest: str) -> int:
    number, marked, _ = digest.partition(":")
    return int(number) if marked else 1


def writing_key() -> int:
    """Return the number of the key under which digests are kept from now on."""
    first: int = next(iter(settings.BLIND_INDEX_KEYS))
    return first


def _keyed(number: int, text: str) -> str:
    return hmac.new(settings.BLIND_INDEX_KEYS[number], text.encode(), hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class EncryptedText(Text):
    """Text that PostgreSQL never sees in the clear; it cannot be filtered on.

    Each value is bound to its table and column, which must keep their names as long as it stands.
    """

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(str(value), self.place)

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return None if value is None else decrypt(value, self.place)
