"""Who sits before the screen, and the steps of signing in that they still have before them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from dispatch.domain.people import Actor, Role
from dispatch.gateways.second_factor import second_factor_of, was_shown
from dispatch.models import User

AGAIN: dict[str | None, str] = {
    "totp": "mfa_reauthenticate",
    "webauthn": "mfa_reauthenticate_webauthn",
}
"""The page where each kind of second factor is shown."""


def actor_of(user: User) -> Actor:
    """Return the person behind a signed-in user."""
    own = {Role.PATIENT: "patient", Role.NURSE: "nurse"}.get(Role(user.role))
    person = getattr(user, own, None) if own else None
    return Actor(user.id, Role(user.role), user.market_id, None if person is None else person.id)


def user_of(request: HttpRequest) -> User | None:
    """Return who is signed in in this browser."""
    return request.user if isinstance(request.user, User) else None


def missing_step(request: HttpRequest, user: User) -> str | None:
    """Return the name of the page where staff enrol or show a second factor, if that is to be."""
    if Role(user.role) is Role.PATIENT or not settings.SECOND_FACTOR_REQUIRED:
        return None
    if was_shown(request, user):
        return None
    return AGAIN.get(second_factor_of(user.id), "account_second_factor")
