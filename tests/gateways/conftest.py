"""Routing engines for the tests: the stand-in that can fail, and the real ones over a real map."""

import secrets
from collections.abc import Iterator

import pytest

from dispatch.gateways.calling import client
from tests.gateways import real_engines
from tests.gateways.stand_in import StandIn, standing_in


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    """No connection outlasts its test."""
    yield
    client().close()
    client.cache_clear()


@pytest.fixture(autouse=True)
def patient(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine on a busy machine may take its time, where that is not what is judged."""
    settings.ROUTING_TIMEOUT_S = 60.0
    monkeypatch.setattr("dispatch.gateways.calling.CONNECT_S", 60.0)
    monkeypatch.setattr("dispatch.gateways.roads.QUESTION_S", 300.0)


@pytest.fixture
def engine(settings, patient: None) -> Iterator[StandIn]:
    """The stand-in, configured as the service's engine; nobody has asked it for this profile."""
    with standing_in() as engine:
        settings.ROUTING_ENGINE, settings.ROUTING_URL = "osrm", engine.url
        settings.ROUTING_PROFILE = secrets.token_hex(4)
        yield engine


@pytest.fixture(scope="session")
def osrm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_engines.osrm(tmp_path_factory.mktemp("osrm")) as url:
        yield url


@pytest.fixture(scope="session")
def valhalla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_engines.valhalla(tmp_path_factory.mktemp("valhalla")) as url:
        yield url
