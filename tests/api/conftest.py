"""A town at 8:00 on a Monday, and a client for each of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from tests.api.town import Client, Town


@pytest.fixture
def town(db: None) -> Town:
    from tests.api.town import Town

    return Town()


@pytest.fixture
def patient(town: Town) -> Client:
    return town.as_(town.alice)


@pytest.fixture
def dispatcher(town: Town) -> Client:
    return town.as_(town.bob)


@pytest.fixture
def prescriber(town: Town) -> Client:
    return town.as_(town.dora)


@pytest.fixture
def nurse(town: Town) -> Client:
    return town.as_(town.nina)


@pytest.fixture
def administrator(town: Town) -> Client:
    return town.as_(town.anna)


@pytest.fixture
def anonymous() -> Client:
    from tests.api.town import Client

    return Client()
