"""Browsers for the tests: what one tells when it subscribes, and what it reads of a push."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


def coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def point_of(key: EllipticCurvePrivateKey) -> str:
    """The public half, as browsers write it."""
    return coded(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@dataclass
class Browser:
    """One that has subscribed at a push service, and alone can read what comes from there."""

    endpoint: str = ENDPOINT
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def told(self) -> dict[str, Any]:
        """What its `PushSubscription.toJSON()` says."""
        keys = {"p256dh": point_of(self.key), "auth": coded(self.secret)}
        return {"endpoint": self.endpoint, "keys": keys}

    def read(self, body: bytes) -> bytes:
        read: bytes = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret)
        return read


def browser() -> dict[str, Any]:
    return Browser().told()


def number_of(key: EllipticCurvePrivateKey) -> str:
    """The private half, as the settings hold it."""
    return coded(key.private_numbers().private_value.to_bytes(32, "big"))


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
