"""Visits are called off while their messages are sent: nothing is begun after its reason went.

PostgreSQL itself is the witness (`witness.py`).
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from dispatch.models import LocalMessage, Message, MessageAttempt, Visit
from dispatch.selectors import judged
from dispatch.services import sending
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.sending import beginning
from dispatch.services.sending.settling import NOT_CALLED
from tests.builders import ARLINGTON, KETAMINE, NOW, World, at
from tests.concurrency.leases import let_leases_last
from tests.concurrency.racing import PATIENCE_S, comes_first, race
from tests.concurrency.witness import watch_begins
from tests.databases import Clone
from tests.faults.running import set_clock
from workers import work
from workers.wiring import carrier

VISITS = 50


@pytest.fixture
def seen_at_begin(fresh_database: Clone) -> Callable[[], Counter[str]]:
    return watch_begins(fresh_database)


@pytest.fixture
def world(fresh_database: Clone, monkeypatch: pytest.MonkeyPatch) -> World:
    let_leases_last(monkeypatch)
    world = World()
    set_clock(world.market, NOW)
    return world


@pytest.mark.parametrize("seed", [1, 2])
def test_no_message_is_begun_after_its_visit_was_called_off(
    world: World, seen_at_begin: Callable[[], Counter[str]], seed: int
) -> None:
    visits = [promised_visit(world, number) for number in range(VISITS)]
    random.Random(seed).shuffle(visits)
    ended: list[int] = []

    def call_off(part: int) -> None:
        try:
            cancel_all(world, visits[part::2])
        finally:
            ended.append(part)

    def send_meanwhile() -> None:
        """A few at a time."""
        while len(ended) < 2:
            work.send_messages()
            work.deliver_events()

    outcomes = race([partial(call_off, 0), partial(call_off, 1)] + [send_meanwhile] * 3)

    assert outcomes == [None] * 5
    work.deliver_events()
    work.send_messages()
    assert seen_at_begin()["cancelled"] == 0
    assert Message.objects.filter(kind="cancelled", state="sent").count() == VISITS
    sent = Message.objects.filter(state="sent").count()
    calls = MessageAttempt.objects.exclude(outcome=NOT_CALLED).count()
    assert LocalMessage.objects.count() == sent == calls, "each message was handed over once"
    assert not Message.objects.filter(state="due", attempts__gt=0).exists()


def test_a_cancel_waits_for_the_message_that_is_being_begun(
    world: World, seen_at_begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_while_cancelling(world, monkeypatch)
    assert seen_at_begin() == {"requested": 1}


def test_without_the_visits_lock_a_message_is_begun_after_the_cancel(
    world: World, seen_at_begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "locked_visits", set)
    begin_while_cancelling(world, monkeypatch)
    assert seen_at_begin() == {"cancelled": 1}


def test_a_visit_that_is_being_moved_is_not_waited_for_and_begun_at_its_new_place(
    world: World,
) -> None:
    """The visit is moved to another place in the moment in which its message is begun."""
    visit_id = promised_visit(world, 0)
    patient_id = Visit.objects.get(id=visit_id).patient_id
    other_place = world.home(world.alice, ARLINGTON, state="VA")
    type(other_place).objects.filter(id=other_place.id).update(patient_id=patient_id)
    leases = [confirmation_among(sending.claim_due())]
    moved, looked = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            Visit.objects.filter(id=visit_id).update(location=other_place)
            moved.set()
            assert looked.wait(PATIENCE_S)

    def begin() -> Any:
        assert moved.wait(PATIENCE_S)
        begun = begin_all(world, leases)
        looked.set()
        return begun

    assert race([move, begin]) == [None, ()]
    time.sleep(beginning.BLINK.total_seconds())
    assert len(begin_all(world, [confirmation_among(sending.claim_due())])) == 1


def confirmation_among(leases: Sequence[sending.Lease]) -> sending.Lease:
    """The other messages of the visit may be tasks, or have lost their reason."""
    kinds = dict(Message.objects.values_list("id", "kind"))
    (found,) = [one for one in leases if kinds[one.message_id] == "confirmation"]
    return found


def begin_all(world: World, leases: Sequence[sending.Lease]) -> Sequence[sending.Sending]:
    return sending.begin(leases, carriers=carrier, now={world.market.id: NOW})


def promised_visit(world: World, number: int) -> object:
    """A visit whose window is promised, with a confirmation that is due."""
    patient = world.patient(f"patient {number}")
    visit_id = request_visit(
        location_id=world.home(patient).id, protocol_code=KETAMINE, start=at(9), end=at(10),
        companion_id=None, key=None, by=patient, now=NOW,
    )  # fmt: skip
    Visit.objects.filter(id=visit_id).update(window_promised=True)
    work.deliver_events()
    return visit_id


def cancel_all(world: World, visits: list[Any]) -> None:
    for visit_id in visits:
        cancel_visit(visit_id, reason="", expected_version=None, by=world.bob, now=NOW)


def begin_while_cancelling(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is judged, then the visit called off if that is possible, then it is begun."""
    visit_id = promised_visit(world, 0)
    lease = confirmation_among(sending.claim_due())
    looked, cancelled = threading.Event(), threading.Event()
    why_not = judged.why_not

    def judge(*facts: Any) -> str | None:
        reason = why_not(*facts)
        looked.set()
        comes_first(cancelled)
        return reason

    def cancel() -> None:
        assert looked.wait(PATIENCE_S)
        cancel_all(world, [visit_id])
        cancelled.set()

    monkeypatch.setattr(judged, "why_not", judge)
    begun, called_off = race([partial(begin_all, world, [lease]), cancel])
    assert called_off is None
    assert not isinstance(begun, Exception), begun
    assert len(begun) == 1
