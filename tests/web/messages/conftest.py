"""A town with a visit whose messages are planned, and its dispatcher before a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from django.test import Client

    from tests.api.town import Town


@pytest.fixture
def town(db: None) -> Town:
    """Alice's visit is Nina's, and what it calls for is planned."""
    from tests.api.town import Town
    from workers import work

    town = Town()
    assert town.assigned
    work.deliver_events()
    return town


@pytest.fixture
def bob(town: Town) -> Client:
    from tests.web.messages.reading import browser_of

    return browser_of(town.bob)
