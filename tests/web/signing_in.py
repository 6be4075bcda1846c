"""People before a browser: who they are, and the steps they go through to sign in."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.test import Client

from dispatch.models import ScreenSession, User
from dispatch.models.clock import database_now
from tests.builders import PASSWORD

STEP_S = 30


def with_password(user_id: UUID) -> User:
    user = User.objects.get(id=user_id)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(browser: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in", {"login": user.username, "password": password, **more})


def with_generator(user: User) -> str:
    """Give somebody a code generator and recovery codes; return the generator's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def shown_by(secret: str) -> str:
    """What a generator shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP_S))


def recovery_codes(user: User) -> list[str]:
    found = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return found.wrap().get_unused_codes()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account").status_code == 200


def let_pass(idle: timedelta, *, since_sign_in: timedelta | None = None) -> None:
    """Turn the times of all sessions back, as if so much time had passed without a request."""
    now = database_now()
    ScreenSession.objects.update(seen_at=now - idle)
    ScreenSession.objects.update(begun_at=now - (since_sign_in or idle))
