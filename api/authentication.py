"""Who is asking: access tokens, and the refresh tokens they are renewed with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from dispatch import tenancy
from dispatch.domain.errors import Forbidden
from dispatch.domain.people import Actor, Role
from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from dispatch.models import User
from dispatch.models.clock import database_now
from dispatch.selectors.sessions import running_sign_ins
from dispatch.services.service_accounts import TOKEN_PREFIX, account_of
from dispatch.services.sign_in import begin_sign_in, end_sign_in, spend_token

USER, FAMILY = "user_id", "family"


class TokenAuthentication(JWTAuthentication):
    """Reads the Authorization header: a person's access token, which ends with the sign-in it is
    of, or a service account's own."""

    def authenticate(self, request: Request) -> Any:
        """Return user and token, or of a service account who acts, with its scopes.

        A token that is none counts against the address it came from.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
                return _service(token)
            return super().authenticate(request)
        except AuthenticationFailed:
            take("bad_token", address_of(request))
            raise

    def get_user(self, validated_token: Any) -> Any:
        """Return the user with the person they are, by one query."""
        with tenancy.everywhere():
            user = _signed_in(validated_token.get(USER), validated_token.get(FAMILY))
        if user is None:
            raise AuthenticationFailed("Please sign in again.")
        return user


def _service(token: str) -> tuple[User, Actor]:
    """The second of the pair is who acts, with its scopes; ``Door.by`` takes it from there."""
    found = account_of(token)
    if found is None:
        raise AuthenticationFailed("The token is unknown, was revoked or has run out.")
    return found


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def begin(user_id: UUID) -> dict[str, str]:
    """Return the first pair of tokens for a user who has proven who they are."""
    return _pair(user_id, begin_sign_in(user_id, now=database_now()))


def refresh(text: str, address: str) -> dict[str, str]:
    """Spend a refresh token and return the next pair."""
    token = _read(text, address)
    family, user_id = UUID(token[FAMILY]), UUID(token[USER])
    take("refresh", str(family))
    with tenancy.everywhere():
        spent = spend_token(family, UUID(token["jti"]), now=database_now())
    if not spent:
        raise Forbidden("signed_out", "Please sign in again.")
    return _pair(user_id, family)


def sign_out(text: str, address: str) -> None:
    """End the token's family."""
    family = UUID(_read(text, address)[FAMILY])
    take("refresh", f"out {family}")
    with tenancy.everywhere():
        end_sign_in(family, now=database_now())


def actor_of(user: User) -> Actor:
    """Return the person behind a signed-in user."""
    own = {Role.PATIENT: "patient", Role.NURSE: "nurse"}.get(Role(user.role))
    person = getattr(user, own, None) if own else None
    return Actor(user.id, Role(user.role), user.market_id, None if person is None else person.id)


def _signed_in(user_id: Any, family: Any) -> User | None:
    """Return the user while the sign-in goes on: signing out and reuse end access at once."""
    going_on = running_sign_ins().filter(id=family, user_id=OuterRef("pk"))
    users = User.objects.filter(Exists(going_on), id=user_id)
    return users.select_related("patient", "nurse").first()


def _pair(user_id: UUID, family: UUID) -> dict[str, str]:
    refresh_token, access = RefreshToken(), AccessToken()
    for token in (refresh_token, access):
        token[USER], token[FAMILY] = str(user_id), str(family)
    return {"access": str(access), "refresh": str(refresh_token)}


def _read(text: str, address: str) -> RefreshToken:
    """Raises Forbidden for a token that is none, which counts against where it came from."""
    try:
        return RefreshToken(text)  # type: ignore[arg-type]  # the stub knows no text
    except TokenError as fault:
        take("bad_token", address)
        raise Forbidden("signed_out", "Please sign in again.") from fault
