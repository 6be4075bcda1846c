"""Alice's visit tomorrow, with Carl asked to stay, and a browser without a sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from django.test import Client

    from tests.api.town import Town


@pytest.fixture
def town(db: None) -> Town:
    from tests.api.town import Town

    return Town()


@pytest.fixture
def browser() -> Client:
    from django.test import Client

    return Client(enforce_csrf_checks=True)


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Passwords that cost nothing to check, where it is not they that are tested."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
