"""Looks people up before it is known where they belong."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from dispatch import tenancy
from dispatch.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]  # comes without types
    """Names and passwords, and the users behind sessions, of every market."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        with tenancy.everywhere():
            user: User | None = super().authenticate(request, **credentials)
        return user

    def get_user(self, user_id: Any) -> User | None:
        with tenancy.everywhere():
            user: User | None = super().get_user(user_id)
        return user
