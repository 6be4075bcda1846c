"""People say STOP while something for them is begun: nothing is begun after the stop stands."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from dispatch import agreeing
from dispatch.domain.channels import Channel
from dispatch.models import MessageAttempt, TextReply
from dispatch.selectors import judged
from dispatch.services import replying, sending
from dispatch.services.contacts import stop_address, withdraw_agreement
from tests.builders import NOW, PHONE, World, at
from tests.concurrency.racing import PATIENCE_S, comes_first, race
from tests.databases import Clone
from tests.faults.running import set_clock
from tests.services.reaching import agrees
from tests.texting import write
from workers import work
from workers.wiring import carrier


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    work.deliver_events()
    return world


def stop(world: World) -> None:
    stop_address(Channel.TEXT, PHONE, "STOP", now=NOW)


def withdraw(world: World) -> None:
    withdraw_agreement(agrees(world.alice, Channel.TEXT), by=world.alice, now=NOW)


@pytest.mark.parametrize("end", [stop, withdraw])
def test_a_stop_waits_for_the_message_that_is_being_begun(world, monkeypatch, end) -> None:
    assert not ended_within(world, monkeypatch, end, message(world))
    assert MessageAttempt.objects.exists()


def test_a_stop_waits_for_the_answer_that_is_being_begun(world, monkeypatch) -> None:
    assert not ended_within(world, monkeypatch, stop, answer())
    assert TextReply.objects.get().attempts == 1


@pytest.mark.parametrize("end", [stop, withdraw])
def test_without_the_lock_a_message_is_begun_after_the_stop(world, monkeypatch, end) -> None:
    """The control: the stop stands, and the message goes all the same."""
    monkeypatch.setattr(agreeing, "hold_for_sending", lambda: None)
    assert ended_within(world, monkeypatch, end, message(world))
    assert MessageAttempt.objects.exists()


def test_without_the_lock_an_answer_is_begun_after_the_stop(world, monkeypatch) -> None:
    """The control."""
    monkeypatch.setattr(agreeing, "hold_for_sending", lambda: None)
    assert ended_within(world, monkeypatch, stop, answer())
    assert TextReply.objects.get().attempts == 1


def message(world: World) -> Callable[[], object]:
    """A message to Alice is due; this begins it."""
    leases: Sequence[sending.Lease] = sending.claim_due()
    return partial(sending.begin, leases, carriers=carrier, now={world.market.id: NOW})


def answer() -> Callable[[], object]:
    """Alice has written, and is to be answered; this begins it."""
    write(PHONE, "Who is this?")
    return partial(replying.claim_reply, "local")


def ended_within(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[World], None],
    begin: Callable[[], object],
) -> bool:
    """Whether texts can be ended after it was judged that one may go, before it is begun."""
    looked, ended, seen = threading.Event(), threading.Event(), []

    def paused(judge: Callable[..., Any]) -> Callable[..., Any]:
        def judge_and_wait(*facts: Any) -> Any:
            found = judge(*facts)
            looked.set()
            seen.append(comes_first(ended))
            return found

        return judge_and_wait

    def end_texts() -> None:
        assert looked.wait(PATIENCE_S)
        end(world)
        ended.set()

    monkeypatch.setattr(judged, "why_not", paused(judged.why_not))
    monkeypatch.setattr(replying, "_why_not", paused(replying._why_not))
    _, outcome = race([begin, end_texts])
    assert outcome is None
    assert ended.is_set()
    return seen[0]
