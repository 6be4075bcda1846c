"""What was answered is written down, whatever becomes of the answers beside it."""

from __future__ import annotations

from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from dispatch.models import Message
from dispatch.selectors import judged
from dispatch.services.sending import settle
from tests.builders import NOW, World, at
from tests.faults.running import set_clock
from tests.scripted import Scripted
from workers import delivery, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(texts: Scripted) -> UUID:
    """Alice's confirmation, due now."""
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    world.book(world.home(world.alice), world.alice, at(10))
    work.deliver_events()
    Message.objects.exclude(kind="confirmation").delete()
    return Message.objects.get().id


def state(message: UUID) -> tuple[str, str]:
    row = Message.objects.get(id=message)
    return row.state, row.channel


class Failing:
    """The database gives up so many times, and then settles."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, answers, *, now) -> None:
        self.times -= 1
        if self.times >= 0:
            raise OperationalError
        settle(answers, now=now)


def test_a_deadlock_while_settling_loses_no_answer(message, monkeypatch) -> None:
    monkeypatch.setattr(delivery, "settle", Failing(1))
    work.send_messages()
    assert state(message) == ("sent", "text")


def test_answers_that_come_after_a_fault_of_the_database_are_settled(
    message, texts, monkeypatch
) -> None:
    row = Message.objects.get(id=message)
    row.id = row.about_id = UUID(int=row.id.int + 1)
    row.save(force_insert=True)
    monkeypatch.setattr(delivery, "SETTLE_EVERY_S", 0.05)
    texts.waits_s[str(row.id)] = 0.3
    monkeypatch.setattr(delivery, "settle", Failing(2))
    with pytest.raises(OperationalError):
        work.send_messages()
    assert (state(message)[0], state(row.id)[0]) == ("due", "sent")


def test_a_worker_whose_time_is_up_counts_no_fault(message, monkeypatch) -> None:
    def stop(*_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(judged, "why_not", stop)
    with pytest.raises(SoftTimeLimitExceeded):
        work.send_messages()
    assert Message.objects.get(id=message).attempts == 0
