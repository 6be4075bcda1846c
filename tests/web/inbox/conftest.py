"""Browsers in which people of the town have signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from django.test import Client

    from dispatch.domain.people import Actor


@pytest.fixture
def before(quick_passwords: None) -> Callable[[Actor], Client]:
    """The browser of somebody who has signed in."""
    from django.test import Client

    from tests.web.signing_in import sign_in, with_password

    def opened(person: Actor) -> Client:
        client = Client()
        sign_in(client, with_password(person.user_id))
        return client

    return opened
