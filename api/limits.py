"""Every request is counted before its door opens: which limits it falls under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from dispatch.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

BESIDE: dict[str, dict[str, str]] = {
    "Holds": {"POST": "booking"},
    "SeriesHold": {"POST": "booking"},
    "SeriesBook": {"POST": "booking"},
    "Visits": {"POST": "booking"},
    "VisitReschedule": {"POST": "booking"},
    "Superbill": {"GET": "exports"},
    "MyExport": {"GET": "exports"},
}
"""Doors of signed-in users with a limit of their own, beside the one for all that a user does.

Signing in and renewing are counted where it is known who does: `services/lock_out.py` and
`api/authentication.py`.
"""
OF_PROVIDERS = frozenset({"TextHook", "EmailHook"})


class WithinLimits(BasePermission):
    """Asked before the policy, so that refusals are counted, too: a throttle comes after it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Count the request. Raises TooMany beyond a limit; else always True."""
        door = type(view).__name__
        if door in OF_PROVIDERS:
            take("hooks", f"{view.kwargs['provider']} {address_of(request)}")
        elif isinstance(request.user, User):
            take("user", str(request.user.pk))
            if own := BESIDE.get(door, {}).get(str(request.method)):
                take(own, str(request.user.pk))
        else:
            take("anonymous", address_of(request))
        return True
