"""What a provider must say for us to believe who somebody is: OpenID Connect Core 1.0, 3.1.3.7."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Signatures by a key that only the provider has; never a shared secret, never none."""
NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
CLOCKS_APART_S = 30


def nonce_for(verifier: str) -> str:
    """Return the nonce of a sign-in: as secret, and as bound to the browser, as its PKCE verifier.

    It goes by way of the browser, so it must tell nothing of the verifier; a hash does not.
    """
    sealed = hashlib.sha256(b"nonce " + verifier.encode()).digest()
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def claims_of(
    token: str, keys: dict[str, Any], *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return what an ID token says. OAuth2Error where anything about it is not as it should be."""
    try:
        key = _key_for(token, keys)
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=ALGORITHMS, issuer=issuer, audience=client_id,
            leeway=CLOCKS_APART_S, options={"require": NEEDED},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise OAuth2Error("the ID token cannot be believed") from fault
    if claims["nonce"] != nonce:
        raise OAuth2Error("the ID token is for another sign-in")
    if claims.get("azp", client_id) != client_id:
        raise OAuth2Error("the ID token is for another party")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise OAuth2Error("the ID token names nobody")
    return claims


def vouches_for_second_factor(claims: dict[str, Any], classes: list[str]) -> bool:
    """Whether the provider says that more than one factor was shown.

    By ``amr`` "mfa" (RFC 8176), or by an ``acr`` that the installation names.
    """
    methods = claims.get("amr")
    return (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in classes


def _key_for(token: str, keys: dict[str, Any]) -> Any:
    """Return the one key the token names; where it names none, the provider must have one only."""
    wanted = jwt.get_unverified_header(token).get("kid")
    usable = [
        one
        for one in jwt.PyJWKSet.from_dict(keys).keys
        if one.public_key_use in (None, "sig") and wanted in (None, one.key_id)
    ]
    if len(usable) != 1:
        raise ValueError("no key, or more than one")
    return usable[0]
