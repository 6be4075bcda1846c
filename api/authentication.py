"""Who is asking: access tokens, and the refresh tokens they are renewed with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from dispatch.domain.errors import Forbidden
from dispatch.domain.people import Actor, Role
from dispatch.models import User
from dispatch.services.sign_in import begin_sign_in, end_sign_in, spend_token

FAMILY = "family"


class TokenAuthentication(JWTAuthentication):
    """Reads the access token of the Authorization header."""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def sign_in(username: str, password: str) -> dict[str, str]:
    """Return the first pair of tokens; the same answer for a wrong name and a wrong password."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        User().set_password(password)  # as long as checking one, so that names cannot be timed
        raise AuthenticationFailed("The user name or the password is wrong.")
    if not user.check_password(password):
        raise AuthenticationFailed("The user name or the password is wrong.")
    return _pair(user.id, begin_sign_in(user.id))


def refresh(text: str) -> dict[str, str]:
    """Spend a refresh token and return the next pair."""
    token = _read(text)
    family = UUID(token[FAMILY])
    spend_token(family, UUID(token["jti"]))
    return _pair(UUID(token["user_id"]), family)


def sign_out(text: str) -> None:
    """End the token's family."""
    end_sign_in(UUID(_read(text)[FAMILY]))


def actor_of(user: User) -> Actor:
    """Return the person behind a signed-in user."""
    own = {Role.PATIENT: "patient", Role.NURSE: "nurse"}.get(Role(user.role))
    person = getattr(user, own, None) if own else None
    return Actor(user.id, Role(user.role), user.market_id, None if person is None else person.id)


def _pair(user_id: UUID, family: UUID) -> dict[str, str]:
    token = RefreshToken()
    token["user_id"], token[FAMILY] = str(user_id), str(family)
    access = AccessToken()
    access["user_id"] = str(user_id)
    return {"access": str(access), "refresh": str(token)}


def _read(text: str) -> RefreshToken:
    try:
        return RefreshToken(text)  # type: ignore[arg-type]  # the stub knows no text
    except TokenError as fault:
        raise Forbidden("signed_out", "Please sign in again.") from fault
