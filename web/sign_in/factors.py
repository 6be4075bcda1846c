"""What a user can show beside the password."""

from __future__ import annotations

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from dispatch.models import User


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Factors:
    """``codes_left``: recovery codes that were not used; None where there are none."""

    has_generator: bool = False
    passkeys: list[Passkey] = field(default_factory=list)
    codes_left: int | None = None


def factors_of(user: User) -> Factors:
    """Return the user's second factors."""
    by_kind: dict[str, list[Authenticator]] = {}
    for one in Authenticator.objects.filter(user=user).order_by("id"):
        by_kind.setdefault(one.type, []).append(one)
    codes = by_kind.get(Authenticator.Type.RECOVERY_CODES, [])
    return Factors(
        has_generator=Authenticator.Type.TOTP in by_kind,
        passkeys=[
            Passkey(one.id, one.wrap().name) for one in by_kind.get(Authenticator.Type.WEBAUTHN, [])
        ],
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
    )
