"""What the tests of carriers share: a message to hand over, and no connection that outlasts one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.channels import Outgoing

HANGS_S = 6
"""For how long, at the least, a provider that hangs says nothing."""
LINK = "http://127.0.0.1:8000/m/abc"
TO = "+12025550100"


def outgoing(**changes) -> Outgoing:
    """A message whose lease has just begun; nobody has tried it before."""
    told = {
        "key": "01a",
        "to": TO,
        "subject": "Your visit",
        "body": f"There is news about your visit: {LINK}",
        "link": LINK,
        "tried_since": None,
        "good_until": datetime.now(UTC) + timedelta(seconds=60),
    }
    return Outgoing(**{**told, **changes})


@dataclass
class Timed:
    seconds: float = 0.0


@contextmanager
def in_time(most_s: float = 30) -> Iterator[Timed]:
    """What is done within takes no longer than this, however it ends. Of a provider that hangs:
    less than it hangs; how soon exactly is the affair of a busy machine."""
    timed, begun = Timed(), time.monotonic()
    try:
        yield timed
    finally:
        timed.seconds = time.monotonic() - begun
        assert timed.seconds < most_s, f"took {timed.seconds:.2f} s"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider on a busy machine may take its time, where that is not what is judged."""
    monkeypatch.setattr("dispatch.gateways.handover.PATIENCE_S", 60.0)
    monkeypatch.setattr("dispatch.gateways.handover.CONNECT_S", 60.0)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Carriers wait a moment, so that a test of one that hangs is short; called, they wait long
    again."""
    monkeypatch.setattr("dispatch.gateways.handover.PATIENCE_S", 1.5)
    return lambda: monkeypatch.setattr("dispatch.gateways.handover.PATIENCE_S", 60.0)


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    from dispatch.gateways.handover import client, made

    yield
    client().close()
    made.cache_clear()
