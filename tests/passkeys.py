"""A passkey in software: answers a page's JavaScript as a browser and its authenticator would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
NO_MODEL = bytes(16)


@dataclass
class Passkey:
    """``origin``: of the page the browser shows; ``knows_holder``: asks for PIN or finger."""

    origin: str
    rp: str
    knows_holder: bool = True
    name: bytes = b"a passkey of the tests"
    user_handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def made(self, options: dict[str, Any]) -> str:
        """Return what the browser sends after `navigator.credentials.create`."""
        asked = options["creation_options"]["publicKey"]
        self.user_handle = asked["user"]["id"]
        credential = AttestedCredentialData.create(
            NO_MODEL, self.name, ES256.from_cryptography_key(self.key.public_key())
        )
        seen = AttestationObject.create("none", self._data(FLAG.AT, credential), {})
        client = self._client("webauthn.create", asked["challenge"])
        return self._sent(
            {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(seen)}
        )

    def shown(self, options: dict[str, Any]) -> str:
        """Return what the browser sends after `navigator.credentials.get`."""
        client = self._client("webauthn.get", options["request_options"]["publicKey"]["challenge"])
        data = self._data()
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._sent(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.user_handle,
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return CollectedClientData.create(kind, challenge, self.origin)

    def _data(self, flags: FLAG = FLAG(0), credential: bytes = b"") -> bytes:  # noqa: B008
        flags |= FLAG.UP | (FLAG.UV if self.knows_holder else FLAG(0))
        return AuthenticatorData.create(sha256(self.rp.encode()).digest(), flags, 0, credential)

    def _sent(self, response: dict[str, str]) -> str:
        name = websafe_encode(self.name)
        return json.dumps(
            {
                "id": name, "rawId": name, "type": "public-key", "response": response,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )  # fmt: skip
