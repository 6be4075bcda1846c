"""Proving who one is, at the API: a password, and a code where there is a second factor."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed

from api.authentication import begin
from dispatch import tenancy
from dispatch.domain.errors import Forbidden, TooMany
from dispatch.domain.people import Role
from dispatch.gateways.callers import address_of
from dispatch.models import User
from dispatch.models.clock import database_now
from dispatch.services.lock_out import forgive, give_back, note_failure
from dispatch.services.second_factor import has_second_factor, spend_code

NEEDED = "second_factor_needed"


def sign_in(request: HttpRequest, username: str, password: str, code: str) -> dict[str, str]:
    """Return the first pair of tokens.

    A wrong name and a wrong password are answered alike, and take as long. Raises TooMany after
    too many tries, whether or not anybody has the name, and Forbidden ``second_factor_needed``
    where the password was right and the code is not. What was counted is committed first.
    """
    with tenancy.everywhere():
        proven = _prove(request, username, password, code)
        if isinstance(proven, UUID):
            return begin(proven)
    raise proven


def _prove(request: HttpRequest, username: str, password: str, code: str) -> UUID | Exception:
    """Return whose password and code these are, or what to say instead."""
    user = authenticate(request, username=username, password=password)
    if retry_after_s := getattr(request, "retry_after_s", 0):
        return TooMany(retry_after_s)
    if not isinstance(user, User):
        return AuthenticationFailed("The user name or the password is wrong.")
    if missing := _missing(user, code):
        if code and missing.code == NEEDED:
            note_failure(username, "second_factor_failed")
        else:
            give_back(username, address_of(request))
        return missing
    forgive(username, address_of(request))
    return user.id


def _missing(user: User, code: str) -> Forbidden | None:
    """Return what is missing beside the password."""
    if not has_second_factor(user.id):
        if Role(user.role) is Role.PATIENT or not settings.SECOND_FACTOR_REQUIRED:
            return None
        return Forbidden("second_factor_missing", "Set up a second factor first, at the screens.")
    if not code:
        return Forbidden(NEEDED, "Send the code of your second factor, too.")
    if not spend_code(user.id, code, now=database_now()):
        return Forbidden(NEEDED, "The code is wrong, or was used before.")
    return None
