"""What the tests of carriers share: a message to hand over, and no connection that outlasts one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import PATIENCE_S

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
        "good_until": datetime.now(UTC) + timedelta(seconds=4),
    }
    return Outgoing(**{**told, **changes})


@dataclass
class Timed:
    seconds: float = 0.0


@contextmanager
def in_time(most_s: float = PATIENCE_S + 0.5) -> Iterator[Timed]:
    """What is done within takes no longer than this, however it ends."""
    timed, begun = Timed(), time.monotonic()
    try:
        yield timed
    finally:
        timed.seconds = time.monotonic() - begun
        assert timed.seconds < most_s, f"took {timed.seconds:.2f} s"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """Carriers wait a second, so that a test of one that hangs is short; in seconds."""
    monkeypatch.setattr("dispatch.gateways.handover.PATIENCE_S", 1.0)
    return 1.5


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    from dispatch.gateways.handover import client, made

    yield
    client().close()
    made.cache_clear()
