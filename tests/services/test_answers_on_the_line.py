"""Our answers to texts keep to what holds for every message: the hold, and the provider's line."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Outgoing
from dispatch.domain.lines import MOST_FAILURES
from dispatch.gateways.carriers import Busy
from dispatch.models import CarrierLine, DeliveryEngine, Market, TextReply
from dispatch.models.clock import database_now
from dispatch.services.engine import look_at_database
from tests.builders import NOW, World
from tests.texting import write
from workers import replying

pytestmark = pytest.mark.django_db

NUMBERS = [f"+1202555{number:04}" for number in range(100, 100 + MOST_FAILURES + 3)]


class Texts:
    """A provider that accepts, or fails as it is told to."""

    name, tells = "texts", True

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> str:
        self.asked.append(outgoing)
        if self.fault is not None:
            raise self.fault
        return outgoing.key


@pytest.fixture(autouse=True)
def asked() -> None:
    """As many numbers ask something as open a line, and some more."""
    world = World()
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    look_at_database()
    for number in NUMBERS:
        write(number, "Who is this?")


def test_while_messages_are_held_no_answer_goes(monkeypatch) -> None:
    texts = Texts()
    monkeypatch.setattr(replying, "carrier", lambda _: texts)
    DeliveryEngine.objects.update(fingerprint="another")
    assert replying.send_replies() == 0
    assert texts.asked == []


def test_a_provider_that_does_not_answer_is_left_alone_by_answers_too(monkeypatch) -> None:
    texts = Texts(ConnectionError())
    monkeypatch.setattr(replying, "carrier", lambda _: texts)
    replying.send_replies()
    assert len(texts.asked) == MOST_FAILURES
    assert CarrierLine.objects.get().failures == MOST_FAILURES
    assert not TextReply.objects.filter(retry_at=None).exists(), "the others wait for the line"

    texts.fault = None
    CarrierLine.objects.update(open_until=database_now())
    TextReply.objects.update(retry_at=None)
    replying.send_replies()
    assert CarrierLine.objects.get().failures == 0
    assert set(TextReply.objects.values_list("state", flat=True)) == {"sent"}


def test_answers_share_what_the_line_takes_in_a_second(settings, monkeypatch) -> None:
    settings.MESSAGES_PER_S = {**settings.MESSAGES_PER_S, "text": 1.0}
    texts = Texts()
    monkeypatch.setattr(replying, "carrier", lambda _: texts)
    replying.send_replies()
    assert 1 <= len(texts.asked) < len(NUMBERS)


def test_a_busy_provider_gets_no_answer_for_as_long_as_it_asks(monkeypatch) -> None:
    monkeypatch.setattr(replying, "carrier", lambda _: Texts(Busy(60.0)))
    before = database_now()
    replying.send_replies()
    tried = TextReply.objects.filter(attempts=1)
    assert tried.count() == MOST_FAILURES
    assert all(one.retry_at >= before + timedelta(seconds=60) for one in tried)
