"""The hour that a text names is the same at each try, and a text that waits kills no other."""

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Busy
from dispatch.models import CarrierLine, Market, Message, Visit
from dispatch.models.clock import database_now
from tests.builders import World, at
from tests.scripted import Scripted
from tests.services.running import a_day, heard, resting
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(texts: Scripted) -> tuple[World, Visit, Message]:
    """Ben is to be told that the nurse, who is still with Amy, runs late; nothing else is due."""
    world = World()
    _, amy, ben, _ = a_day(world)
    Market.objects.update(clock_offset=at(10, 30) - database_now())
    heard(amy, at(10, 30), extended=60, **resting(amy, at(9)))
    work.deliver_events()
    message = Message.objects.get(visit=ben, kind="running_late", audience="patient")
    Message.objects.exclude(id=message.id).delete()
    return world, amy, message


def tried_twice(late, texts: Scripted, fault: Exception) -> tuple[Outgoing, Outgoing]:
    """What the provider was given: once, with this fault, and again once the hour is another."""
    _, amy, _ = late
    texts.fault = fault
    work.send_messages()
    heard(amy, at(10, 31), extended=70)
    Message.objects.update(retry_at=None)
    work.send_messages()
    first, second = texts.given
    return first, second


def test_a_try_of_unknown_outcome_is_repeated_in_the_same_words(late, texts) -> None:
    first, second = tried_twice(late, texts, TimeoutError())
    assert (first.body, second.tried_since is not None) == (second.body, True)


def test_a_try_that_came_to_nothing_names_the_hour_anew(late, texts) -> None:
    first, second = tried_twice(late, texts, Busy())
    assert first.body != second.body


def test_one_that_the_line_puts_off_does_not_count_as_told(late, texts) -> None:
    _, _, message = late
    other = Message.objects.get(id=message.id)
    other.id = other.about_id = UUID(int=message.id.int + 1)
    other.save(force_insert=True)
    CarrierLine.objects.create(
        carrier="texts", channel="text", failures=5, filled_at=database_now(),
        open_until=database_now() + timedelta(minutes=1), tokens=1,
    )  # fmt: skip
    work.send_messages()
    assert set(Message.objects.values_list("state", flat=True)) == {"due"}
    CarrierLine.objects.update(failures=0, open_until=None)
    for _ in range(2):
        Message.objects.update(retry_at=None)
        work.send_messages()
    states = Message.objects.order_by("due_at", "id").values_list("state", "state_because")
    assert list(states) == [("sent", ""), ("withdrawn", "made_good")]
