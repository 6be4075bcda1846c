"""Who is asking: access tokens, and the refresh tokens they are renewed with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from dispatch import tenancy
from dispatch.domain.errors import Forbidden
from dispatch.domain.people import Actor, Role
from dispatch.models import User
from dispatch.services.service_accounts import TOKEN_PREFIX, account_of
from dispatch.services.sign_in import begin_sign_in, end_sign_in, spend_token

FAMILY = "family"


class TokenAuthentication(JWTAuthentication):
    """Reads the Authorization header: a person's access token, or a service account's own."""

    def authenticate(  # type: ignore[override]  # a service account has no JWT
        self, request: Request
    ) -> tuple[User, Any] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
            return _service(token)
        return super().authenticate(request)  # type: ignore[return-value]  # a user of ours


def _service(token: str) -> tuple[User, Actor]:
    """The second of the pair is who acts, with its scopes; ``Door.by`` takes it from there."""
    actor = account_of(token)
    if actor is None:
        raise AuthenticationFailed("The token is unknown, was revoked or has run out.")
    with tenancy.everywhere():
        return User.objects.get(id=actor.user_id), actor


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
