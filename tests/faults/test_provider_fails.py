"""One message that cannot be sent, whatever the fault: it waits and dies alone."""

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.delivering import MOST_TRIES
from dispatch.domain.channels import Outgoing
from dispatch.models import Message, MessageAttempt
from tests.builders import NOW, World, at
from tests.databases import Clone
from tests.faults.running import set_clock
from workers import delivery, work

KINDS = ["confirmation", "companion_missing"]
A_MINUTE = timedelta(minutes=1)
"""The market's clock goes on while the visit is booked."""


class Surprising:
    """A carrier whose library raises what nobody expected, for one text."""

    name = "surprising"
    tells = False

    def __init__(self, key: UUID) -> None:
        self.key = str(key)

    def send(self, outgoing: Outgoing) -> str:
        if outgoing.key == self.key:
            raise LookupError(outgoing.key)
        return "accepted"


@pytest.fixture
def messages(fresh_database: Clone) -> list[Message]:
    """Two that are due and go to the patient, in the order in which they are taken."""
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    world.book(world.home(world.alice), world.alice, at(10))
    work.deliver_events()
    due = Message.objects.filter(due_at__lte=NOW + A_MINUTE, kind__in=KINDS).order_by("due_at")
    assert len(due) == 2
    return list(due)


def test_a_fault_that_nobody_expected_of_the_provider_keeps_no_other_message_waiting(
    messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "carrier", lambda _: Surprising(messages[0].id))
    work.send_messages()
    assert states(messages) == ["due", "sent"]
    failed = MessageAttempt.objects.get(message=messages[0])
    assert (failed.outcome, failed.settled_at is not None) == ("LookupError", True)


def test_a_message_that_cannot_be_worded_keeps_no_other_waiting(messages: list[Message]) -> None:
    Message.objects.filter(id=messages[0].id).update(template="of a newer version")
    work.send_messages()
    assert states(messages) == ["due", "sent"]
    assert Message.objects.get(id=messages[0].id).attempts == 1


def test_after_the_last_try_a_message_is_dead_for_people_to_see(messages: list[Message]) -> None:
    Message.objects.filter(id=messages[0].id).update(template="of a newer version")
    for tries in range(1, MOST_TRIES + 1):
        Message.objects.filter(id=messages[0].id).update(retry_at=None)
        work.send_messages()
        assert Message.objects.get(id=messages[0].id).attempts == tries
    dead = Message.objects.get(id=messages[0].id)
    assert (dead.state, dead.state_because) == ("dead", "KeyError")


def states(messages: list[Message]) -> list[str]:
    return [Message.objects.get(id=message.id).state for message in messages]
