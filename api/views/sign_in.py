"""Signing in and out."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import refresh, sign_out
from api.door import Door, parsed
from api.proving import sign_in
from dispatch import tenancy
from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take

LONGEST_TOKEN = 2000
LONGEST_CODE = 32


class Tokens(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Good for ten minutes, as a bearer token.")
    refresh = serializers.CharField(help_text="Good for one use.")


class RefreshToken(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=LONGEST_TOKEN)


class Outside(Door):
    """A door for people who are not signed in; one that stays shut says how to sign in."""

    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="api"'


class SignIn(Outside):
    class Body(serializers.Serializer[Any]):
        username = serializers.CharField(max_length=150)
        password = serializers.CharField(max_length=128, trim_whitespace=False)
        code = serializers.CharField(
            max_length=LONGEST_CODE,
            required=False,
            help_text="Of the second factor, where there is one: from the app, or a recovery code.",
        )

    @extend_schema(operation_id="auth_token", request=Body, responses=Tokens)
    @tenancy.everywhere()
    def post(self, request: Request) -> Response:
        """Sign in with name and password; who has a second factor is asked for its code."""
        body = parsed(self.Body, request.data)
        asked = request._request
        return Response(sign_in(asked, body["username"], body["password"], body.get("code", "")))


class Refresh(Outside):
    @extend_schema(operation_id="auth_refresh", request=RefreshToken, responses=Tokens)
    @tenancy.everywhere()
    def post(self, request: Request) -> Response:
        """Spend a refresh token for the next pair; used twice, it ends the sign-in."""
        return Response(refresh(*_sent(request)))


class SignOut(Outside):
    @extend_schema(operation_id="auth_logout", request=RefreshToken, responses={204: None})
    @tenancy.everywhere()
    def post(self, request: Request) -> Response:
        """Sign out: no refresh token of this sign-in works any more."""
        sign_out(*_sent(request))
        return Response(status=204)


def _sent(request: Request) -> tuple[str, str]:
    """Return the token, and where it came from; a body without one counts as a bad token."""
    address = address_of(request)
    try:
        return parsed(RefreshToken, request.data)["refresh"], address
    except ValidationError:
        take("bad_token", address)
        raise
