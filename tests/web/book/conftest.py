"""Alice before her browser, signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from django.test import Client

    from tests.api.town import Town


@pytest.fixture
def alice(town: Town, quick_passwords: None) -> Client:
    from tests.web.book.reading import signed_in

    return signed_in(town.alice)
