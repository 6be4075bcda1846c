"""Codes of a second factor: whether somebody has one, and spending a code, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import IntegrityError, transaction

from dispatch.models import SpentCode

STEPS_OFF = 1
"""How many steps of time a phone's clock may be off, either way (RFC 6238, section 5.2)."""
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user_id: UUID) -> bool:
    """Whether the user has set up more than a password; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=FACTORS).exists())


@transaction.atomic
def spend_code(user_id: UUID, code: str, *, now: datetime) -> bool:
    """Use up a TOTP or recovery code; True for one that is right and was never used.

    ``now`` is by the real clock, which the user's phone goes by, not a market's. What is right is
    inserted first: of any number of parallel uses one succeeds.
    """
    return any(
        _spend(user_id, held, code, now=now)
        for held in Authenticator.objects.filter(user_id=user_id).order_by("id")
    )


def _spend(user_id: UUID, held: Authenticator, code: str, *, now: datetime) -> bool:
    for step, right in _codes(held, now):
        if compare_user_code(actual=code, expected=right):
            spent = SpentCode(user_id=user_id, authenticator=held.pk, step=step, spent_at=now)
            return _insert(spent) and _kept(held, code)
    return False


def _codes(held: Authenticator, now: datetime) -> Iterator[tuple[int, str]]:
    """What would be right just now, each with its step or its number."""
    if held.type == Authenticator.Type.TOTP:
        secret = decrypt(held.data["secret"])
        present = int(now.timestamp()) // app_settings.TOTP_PERIOD
        for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
            yield step, format_hotp_value(hotp_value(secret, step))
    if held.type == Authenticator.Type.RECOVERY_CODES:
        yield from enumerate(held.wrap().generate_codes())


def _insert(spent: SpentCode) -> bool:
    """Insert, waiting for a rival's commit; False where the rival was first."""
    try:
        with transaction.atomic():
            spent.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _kept(held: Authenticator, code: str) -> bool:
    """Have allauth cross out a recovery code, so that its pages count what is left."""
    if held.type == Authenticator.Type.RECOVERY_CODES:
        return bool(held.wrap().validate_code(code))
    return True
