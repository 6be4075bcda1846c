"""Who is asking from our own pages: the session of the browser, with the proof that it is ours."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.request import Request

from dispatch.domain.people import Role
from dispatch.gateways.second_factor import was_shown
from dispatch.models import User


class SessionAuthentication(authentication.SessionAuthentication):
    """Takes the browser's session; what changes something needs the CSRF token as well.

    A request with an Authorization header is judged by that alone. Staff who have yet to show
    a second factor are nobody here.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        if "Authorization" in request.headers:
            return None
        found = super().authenticate(request)
        if found is None or not isinstance(found[0], User):
            return None
        user = found[0]
        lacks = settings.SECOND_FACTOR_REQUIRED and Role(user.role) is not Role.PATIENT
        return None if lacks and not was_shown(request._request, user) else (user, None)


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.sessions.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": (
                "For our own pages, of the same origin: after signing in at /sign-in. What changes"
                " something carries the CSRF token in the header X-CSRFToken."
            ),
        }
