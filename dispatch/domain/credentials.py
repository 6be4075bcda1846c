"""What a nurse holds – licences by state, certificates by skill – and how it stands on a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=60)
"""So long before it ends somebody is told: a board takes weeks to renew a licence."""


class CredentialKind(StrEnum):
    LICENCE = "licence"
    CERTIFICATE = "certificate"


class Standing(StrEnum):
    """The worst is last."""

    VALID = "valid"
    TO_COME = "to_come"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"


def standing(begins: datetime, ends: datetime, now: datetime) -> Standing:
    """Return how something stands that holds from ``begins`` up to, not including, ``ends``."""
    if ends <= now:
        return Standing.ENDED
    if begins > now:
        return Standing.TO_COME
    return Standing.ENDS_SOON if ends - now <= SOON else Standing.VALID
