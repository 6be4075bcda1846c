"""Visits are called off while their messages are sent: nothing is begun after its reason went.

PostgreSQL itself is the witness: a trigger of the owner writes down, at every attempt that is
begun, the visit as it stands committed at that moment.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import transaction

from dispatch.models import LocalMessage, Message, MessageAttempt, Visit
from dispatch.services import sending
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from tests.builders import ARLINGTON, KETAMINE, NOW, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import set_clock
from workers import work

VISITS = 50

WITNESS = """
    CREATE TABLE seen_at_begin (message_id uuid, status text);
    GRANT INSERT, SELECT ON seen_at_begin TO PUBLIC;
    CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO seen_at_begin
        SELECT m.id, v.status FROM message m JOIN visit v ON v.id = m.visit_id
        WHERE m.id = NEW.message_id AND m.kind <> 'cancelled';
        RETURN NEW;
    END $$;
    CREATE TRIGGER look AFTER INSERT ON message_attempt FOR EACH ROW EXECUTE FUNCTION look();
"""


@pytest.fixture
def seen_at_begin(fresh_database: Clone) -> Callable[[], Counter[str]]:
    """How many messages were begun while their visit had which status; notices of the end apart."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(WITNESS)

    def count() -> Counter[str]:
        with psycopg.connect(fresh_database.url) as connection:
            rows = connection.execute("SELECT status FROM seen_at_begin").fetchall()
        return Counter(status for (status,) in rows)

    return count


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    return world


@pytest.mark.parametrize("seed", [1, 2])
def test_no_message_is_begun_after_its_visit_was_called_off(
    world: World, seen_at_begin: Callable[[], Counter[str]], seed: int
) -> None:
    visits = [promised_visit(world, number) for number in range(VISITS)]
    random.Random(seed).shuffle(visits)

    outcomes = race(
        [partial(cancel_all, world, visits[part::2]) for part in range(2)]
        + [partial(send_all, visits)] * 3
    )

    assert outcomes == [None] * 5
    work.deliver_events()
    work.send_messages()
    assert seen_at_begin()["cancelled"] == 0
    assert Message.objects.filter(kind="cancelled", state="sent").count() == VISITS
    sent, attempts = Message.objects.filter(state="sent").count(), MessageAttempt.objects.count()
    assert LocalMessage.objects.count() == sent == attempts, "each message was begun once"
    assert not Message.objects.filter(state="due", attempts__gt=0).exists()


def test_a_cancel_waits_for_the_message_that_is_being_begun(
    world: World, seen_at_begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_while_cancelling(world, monkeypatch)
    assert seen_at_begin() == {"requested": 1}


def test_without_the_visits_lock_a_message_is_begun_after_the_cancel(
    world: World, seen_at_begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unlocked:
        def select_for_update(self, **_: Any) -> Any:
            return Visit.objects.all()

        def select_related(self, *names: str) -> Any:
            return Visit.objects.select_related(*names)

    monkeypatch.setattr(sending, "Visit", type("Visit", (), {"objects": Unlocked()}))
    begin_while_cancelling(world, monkeypatch)
    assert seen_at_begin() == {"cancelled": 1}


def test_a_message_is_begun_for_the_place_the_visit_moved_to_meanwhile(world: World) -> None:
    """The visit is moved to another place in the moment in which its message is begun."""
    visit_id = promised_visit(world, 0)
    patient_id = Visit.objects.get(id=visit_id).patient_id
    other_place = world.home(world.alice, ARLINGTON, state="VA")
    type(other_place).objects.filter(id=other_place.id).update(patient_id=patient_id)
    lease, *_ = sending.claim_due()
    moved, looking = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            Visit.objects.filter(id=visit_id).update(location=other_place)
            moved.set()
            looking.wait(0.3)

    def begin() -> Any:
        assert moved.wait(10)
        return sending.begin(lease, now=NOW)

    _, begun = race([move, begin])
    assert isinstance(begun, sending.Sending), begun


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


def send_all(visits: list[Any]) -> None:
    """Claims a few at a time, as long as there is a visit that has not been called off."""
    while Visit.objects.filter(id__in=visits, status="requested").exists():
        work.send_messages()
        work.deliver_events()


def begin_while_cancelling(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is judged, then the visit called off if that is possible, then it is begun."""
    visit_id = promised_visit(world, 0)
    lease, *_ = sending.claim_due()
    judged, cancelled = threading.Event(), threading.Event()
    why_not = sending.why_not

    def judge(*facts: Any) -> str | None:
        reason = why_not(*facts)
        judged.set()
        cancelled.wait(1)
        return reason

    def cancel() -> None:
        assert judged.wait(10)
        cancel_all(world, [visit_id])
        cancelled.set()

    monkeypatch.setattr(sending, "why_not", judge)
    outcomes = race([partial(sending.begin, lease, now=NOW), cancel])
    assert outcomes[1] is None
    assert isinstance(outcomes[0], sending.Sending), outcomes[0]
