"""Second factors: one code, one use."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator


def spend_code(user_id: UUID, code: str, *, now: datetime) -> bool:  # noqa: ARG001
    """Use up a code of the user's generator or one of the recovery codes; False for a wrong one."""
    by_code = Authenticator.objects.filter(user_id=user_id).exclude(
        type=Authenticator.Type.WEBAUTHN
    )
    return any(one.wrap().validate_code(code) for one in by_code)
