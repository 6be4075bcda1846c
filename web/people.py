"""Who sits before the screen, and which screens are theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from dispatch import tenancy
from dispatch.domain.people import Actor, Role
from dispatch.gateways.second_factor import second_factor_of, was_shown
from dispatch.models import User

Page = Callable[..., HttpResponse]
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


def for_roles(*roles: Role) -> Callable[[Page], Page]:
    """Open a page to these roles: others are sent to sign in, to show a second factor, or away.

    The page sees the rows of the market of whoever is signed in.
    """

    def decorate(page: Page) -> Page:
        @never_cache
        @wraps(page)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = user_of(request)
            if user is None:
                return _go("account_login", request)
            with tenancy.within(user.market_id):
                if (missing := missing_step(request, user)) is not None:
                    return _go(missing, request)
                if Role(user.role) not in roles:
                    return HttpResponseRedirect("/")
                return page(request, *args, **kwargs)

        return wrapped

    return decorate


def missing_step(request: HttpRequest, user: User) -> str | None:
    """Return the name of the page where staff enrol or show a second factor, if that is to be."""
    if Role(user.role) is Role.PATIENT or not settings.SECOND_FACTOR_REQUIRED:
        return None
    if was_shown(request, user):
        return None
    return AGAIN.get(second_factor_of(user.id), "account_second_factor")


def _go(name: str, request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': request.path})}")
