"""Personal text at rest: encrypted under a named key, found again through a keyed digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


def encrypt(text: str) -> str:
    """Return ``key-id:base64(nonce + AES-256-GCM ciphertext)`` under the current key."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), key_id.encode())
    return f"{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str) -> str:
    """Return the text; KeyError where the key is gone, InvalidTag where the row was altered."""
    key_id, _, body = stored.partition(":")
    raw = base64.b64decode(body)
    sealed = AESGCM(settings.FIELD_KEYS[key_id])
    return sealed.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id.encode()).decode()


def blind_index(text: str) -> str:
    """Return the keyed digest under which a normalised value is searched."""
    normalised = " ".join(text.casefold().split())
    return hmac.new(settings.BLIND_INDEX_KEY, normalised.encode(), hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class EncryptedText(Text):
    """Text that PostgreSQL never sees in the clear; it cannot be filtered on."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(str(value))

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return None if value is None else decrypt(value)
