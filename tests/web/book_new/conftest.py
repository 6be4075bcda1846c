"""Alice signed in, with a place of hers and times that can be served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from tests.web.book_new.booking import Booking


@pytest.fixture
def booking(db: None) -> Booking:
    from tests.web.book_new.booking import Booking

    return Booking()
