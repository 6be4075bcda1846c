"""People with passwords and second factors, and an RFC 6238 of the tests' own."""

from __future__ import annotations

import base64
import hmac
import os
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt

from dispatch.domain.people import Actor
from dispatch.models import User
from tests.api.town import Client
from tests.builders import PASSWORD

STEP_S = 30


def with_password(person: Actor) -> str:
    """Give the person a password; return the user name."""
    user = User.objects.get(id=person.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user.username


def with_totp(person: Actor) -> bytes:
    """Enrol an app; return its secret."""
    secret = os.urandom(20)
    kept = {"secret": encrypt(base64.b32encode(secret).decode())}
    Authenticator.objects.create(user_id=person.user_id, type=Authenticator.Type.TOTP, data=kept)
    return secret


def with_recovery_codes(person: Actor) -> list[str]:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    return RecoveryCodes.activate(User.objects.get(id=person.user_id)).generate_codes()


def shown_by_app(secret: bytes, at: datetime) -> str:
    """What the app shows at an instant: RFC 6238, written down from the document."""
    counter = int(at.timestamp() / STEP_S).to_bytes(8, "big")
    digest = hmac.digest(secret, counter, "sha1")
    start = digest[19] % 16
    number = int.from_bytes(digest[start : start + 4], "big") % 2**31
    return f"{number % 10**6:06}"


def sign_in(name: str, password: str = PASSWORD, code: str | None = None, **headers: str) -> Any:
    body = {"username": name, "password": password} | ({} if code is None else {"code": code})
    return Client().post_("auth/token", body, **headers)
