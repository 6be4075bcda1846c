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
    "BreakGlass": {"POST": "break_glass"},
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
BY_TOKEN = frozenset({"Refresh", "SignOut"})
"""Counted by the sign-in they are of: strangers at one address keep nobody from renewing."""
OF_PROVIDERS = frozenset({"TextHook", "EmailHook"})
"""What is signed is never refused, as it may be a STOP: `api/views/hooks.py` counts the others."""


class WithinLimits(BasePermission):
    """Asked before the policy, so that refusals are counted, too: a throttle comes after it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Count the request. Raises TooMany beyond a limit; else always True."""
        door = type(view).__name__
        if door in OF_PROVIDERS:
            return True
        if isinstance(request.user, User):
            take("user", str(request.user.pk))
            if own := BESIDE.get(door, {}).get(str(request.method)):
                take(own, str(request.user.pk))
        elif door not in BY_TOKEN:
            take("anonymous", address_of(request))
        return True
