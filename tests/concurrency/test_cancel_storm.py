"""A thousand visits are called off within 50 ms of the moment at which a message of theirs is due:
none is begun afterwards, and whoever was being sent one is told that nobody comes."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db.models import Q

from dispatch.domain.channels import Outgoing
from dispatch.domain.events import VisitCancelled
from dispatch.models import Message, MessageAttempt
from dispatch.outbox import Reactions, deliver_next
from dispatch.selectors import judged
from dispatch.selectors.clock import market_now
from dispatch.services.cancellation import cancel_visit
from dispatch.services.message_plans import plan_cancelled
from tests.builders import NOW, World, at
from tests.concurrency.leases import let_leases_last
from tests.concurrency.racing import race
from tests.concurrency.witness import watch_begins
from tests.databases import Clone
from tests.due_visits import make_visits
from tests.faults.running import set_clock
from workers import delivery, work

CANCELS, CANCELLERS, SENDERS = 1000, 4, 2
WITHIN_S = 0.05
NOTICES: Reactions = {VisitCancelled: (plan_cancelled,)}
DUE = Q(state="due", due_at__lt=at(8))


class Slow:
    """A carrier whose calls take a while, and who knows which are under way."""

    name, tells = "slow", False

    def __init__(self) -> None:
        self.calling: set[str] = set()

    def send(self, outgoing: Outgoing) -> str:
        self.calling.add(outgoing.key)
        time.sleep(random.uniform(0, 0.06))
        self.calling.discard(outgoing.key)
        return outgoing.key


class Storm:
    """Visits that are called off, each close to the moment at which its message falls due."""

    def __init__(self, world: World, carrier: Slow, count: int) -> None:
        self.world, self.carrier = world, carrier
        self.visits = make_visits(world, count, due_at=at(9))
        self.in_flight: list[UUID] = []
        self.over = threading.Event()

    def cancel(self, visits: Sequence[UUID], seed: int) -> None:
        draw = random.Random(seed)
        for visit in visits:
            soon = market_now(self.world.market.id) + timedelta(seconds=WITHIN_S)
            Message.objects.filter(id=self.visits[visit]).update(due_at=soon)
            time.sleep(WITHIN_S + draw.uniform(-WITHIN_S, WITHIN_S))
            cancel_visit(visit, reason="", expected_version=None, by=self.world.bob, now=NOW)
            if str(self.visits[visit]) in self.carrier.calling:
                self.in_flight.append(visit)

    def send(self) -> None:
        while not self.over.is_set():
            work.send_messages()
            time.sleep(0.002)

    def rage(self, *, deliver: bool) -> None:
        """Everything at once; then what is left is done."""
        parts = [list(self.visits)[part::CANCELLERS] for part in range(CANCELLERS)]
        cancellers = [partial(self.cancel, part, seed) for seed, part in enumerate(parts)]
        workers = [self.send] * SENDERS + [self.deliver] * deliver
        ended = threading.Thread(target=self.end_after, args=[len(cancellers)])
        self.still = threading.Semaphore(0)
        ended.start()
        outcomes = race([partial(self.counted, one) for one in cancellers] + workers)
        ended.join()
        assert outcomes == [None] * len(outcomes)
        while deliver_next(NOTICES) or work.send_messages() or Message.objects.filter(DUE).exists():
            pass

    def deliver(self) -> None:
        while not self.over.is_set():
            if not deliver_next(NOTICES):
                time.sleep(0.002)

    def counted(self, canceller: Callable[[], None]) -> None:
        try:
            canceller()
        finally:
            self.still.release()

    def end_after(self, cancellers: int) -> None:
        for _ in range(cancellers):
            self.still.acquire()
        self.over.set()


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Slow:
    carrier = Slow()
    monkeypatch.setattr(delivery, "carrier", lambda _: carrier)
    return carrier


@pytest.fixture
def world(fresh_database: Clone, monkeypatch: pytest.MonkeyPatch) -> World:
    let_leases_last(monkeypatch)
    world = World()
    set_clock(world.market, NOW)
    return world


def test_nothing_is_begun_after_the_cancel_and_who_was_being_written_to_is_told(
    world: World, carrier: Slow, fresh_database: Clone, record_property
) -> None:
    seen_at_begin = watch_begins(fresh_database)
    storm = Storm(world, carrier, CANCELS)
    storm.rage(deliver=True)
    begun = seen_at_begin()
    record_property("begun before the cancel", begun["requested"])
    record_property("in flight at the cancel", len(storm.in_flight))
    assert begun["cancelled"] == 0
    assert begun["requested"] > 0
    assert len(storm.in_flight) > 0
    notices = Message.objects.filter(kind="cancelled", state="sent")
    told = set(notices.values_list("visit_id", flat=True))
    assert told >= set(storm.in_flight)
    assert len(told) == CANCELS
    assert not MessageAttempt.objects.filter(settled_at__isnull=True).exists()


def test_without_a_look_at_the_visit_messages_are_begun_after_the_cancel(
    world: World, carrier: Slow, fresh_database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the one before."""
    monkeypatch.setattr(judged, "why_not", lambda *_: None)
    seen_at_begin: Callable[[], Counter[str]] = watch_begins(fresh_database)
    Storm(world, carrier, 40).rage(deliver=False)
    assert seen_at_begin()["cancelled"] > 0
