"""What was planned for a visit and is not there comes back, once, and nothing else does."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.embedded.servers import CHECKOUT
from dispatch.domain.reconciling import Found
from dispatch.models import DeliveryEngine, Market, Message, MessageAttempt, Visit
from dispatch.models.clock import database_now
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.engine import look_at_database
from tests.builders import NOW, TODAY, World, at
from workers import keeping, work

pytestmark = pytest.mark.django_db

PROTOCOLS = CHECKOUT / "dispatch/protocols/shared"
AFTERWARDS = {"aftercare", "follow_up", "feedback", "next_visit"}
UNTIL_TREATMENT = {"companion_request", "companion_declined"}
"""What is of use until the nurse begins, and is planned at all for such a visit."""
TO_ANSWER = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
LEFT, DELETED, ANSWERED, CALLED_OFF, SENT = "left", "deleted", "answered", "called_off", "sent"
MOMENTS = [at(9, 30, day=TODAY), at(19, day=TODAY), at(9), at(10, 30)]
"""Soon after booking, after the evening's reminder, after the last one, and too late."""


@pytest.fixture
def world() -> World:
    world = World()
    world.shift(world.nurse("nina"))
    return world


@pytest.fixture
def visit(world: World) -> Visit:
    """Tomorrow at ten, with Carl; everything that it calls for is planned."""
    carl = world.companion(world.alice)
    visit_id = world.book(world.home(world.alice), world.alice, at(10), companion=carl)
    assign_visit(visit_id, now=NOW)
    set_clock(world, NOW)
    work.deliver_events()
    look_at_database()
    return Visit.objects.get(id=visit_id)


def set_clock(world: World, now) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=now - database_now())


def compare() -> Found:
    heard: list[Found] = []
    found = keeping.compare_all(heard.append)
    assert heard[-1] == found
    return found


def rows() -> dict[UUID, tuple]:
    named = ("id", "template", "person_id", "state", "due_at")
    return {row[0]: row[1:] for row in Message.objects.values_list(*named)}


RULES = {
    template: rule
    for name in ("visit.json", "ketamine.json")
    for template, rule in json.loads((PROTOCOLS / name).read_text())["messages"].items()
}


def comes_back(template: str, due_at, now, visit: Visit):
    """The oracle, by the words of the protocol: when a row that is lost falls due once it is
    planned again; None where it stays away. All these moments are by day."""
    rule = RULES[template]
    if due_at > now:
        return due_at
    if now >= visit.window_start:
        return now if rule["kind"] in AFTERWARDS | UNTIL_TREATMENT else None
    if "at" in rule["when"] or rule.get("if_past") == "send_now":
        return now
    later = now + TO_ANSWER
    return later if rule.get("if_past") == "give_time" and later < visit.window_start else None


@given(st.data(), st.sampled_from(MOMENTS))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_lost_comes_back_as_the_rules_say_and_only_once(world, visit, data, now):
    with transaction.atomic():
        planned = list(Message.objects.order_by("template"))
        fates = {
            row.id: data.draw(st.sampled_from([LEFT, DELETED, ANSWERED, CALLED_OFF, SENT]))
            for row in planned
        }
        suffer(fates)
        set_clock(world, now)
        kept = rows()
        found = compare()
        again = {row: told for row, told in rows().items() if row not in kept}
        assert {row: told for row, told in rows().items() if row in kept} == kept
        expected = {
            (row.template, row.person_id): comes_back(row.template, row.due_at, now, visit)
            for row in planned
            if fates[row.id] in {DELETED, CALLED_OFF}
        }
        back = {key: due_at for key, due_at in expected.items() if due_at is not None}
        assert {told[:2] for told in again.values()} == set(back)
        for template, person_id, state, due_at in again.values():
            assert state == "due"
            due = back[template, person_id]
            assert due <= due_at <= due + A_MINUTE
        assert found.planned == len(again)
        assert found.unproven == sum(fate == SENT for fate in fates.values())
        assert compare().planned == 0
        transaction.set_rollback(True)


def suffer(fates: dict[UUID, str]) -> None:
    def those(fate: str):
        return Message.objects.filter(id__in=[one for one in fates if fates[one] == fate])

    those(DELETED).delete()
    those(ANSWERED).update(state="withdrawn", state_because="answered")
    those(CALLED_OFF).update(state="withdrawn", state_because="called_off")
    those(SENT).update(state="sent", sent_at=NOW)


def test_a_visit_as_it_should_be_is_left_alone(world, visit) -> None:
    set_clock(world, NOW)
    before = rows()
    assert compare() == Found(visits=1)
    assert rows() == before


def test_a_visit_whose_event_was_lost_is_told_of_all_the_same(world) -> None:
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    set_clock(world, NOW)
    assert not Message.objects.exists()
    compare()
    kinds = set(Message.objects.filter(visit_id=visit_id).values_list("kind", flat=True))
    assert {"confirmation", "day_before", "two_hours_before", "aftercare"} <= kinds


def test_what_is_still_due_of_a_cancelled_visit_is_withdrawn_and_its_end_is_told(
    world, visit
) -> None:
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=NOW)
    due = Message.objects.filter(state="due").count()
    found = compare()
    assert (found.withdrawn, found.planned) == (due, 1), "Carl has not heard of the visit yet"
    assert set(Message.objects.filter(state="due").values_list("kind", flat=True)) == {"cancelled"}
    assert compare().is_well


def test_nobody_is_told_of_an_end_that_lies_behind(world, visit) -> None:
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=NOW)
    set_clock(world, at(11))
    compare()
    assert not Message.objects.filter(state="due").exists()


def test_what_is_long_due_without_reason_is_counted_and_what_waits_is_not(world, visit) -> None:
    set_clock(world, NOW + timedelta(minutes=11))
    long_due = Message.objects.filter(due_at__lte=NOW + timedelta(seconds=1))
    assert compare().overdue == long_due.count() > 1
    long_due.update(retry_at=database_now() + timedelta(minutes=1))
    assert compare().overdue == 0


def test_what_an_accepted_attempt_proves_is_not_counted(visit) -> None:
    sent = Message.objects.earliest("id")
    Message.objects.filter(id=sent.id).update(state="sent", sent_at=NOW)
    assert compare().unproven == 1
    MessageAttempt.objects.create(
        market_id=sent.market_id, message=sent, begun_at=NOW, channel="text", recipient="",
        body="", outcome="accepted",
    )  # fmt: skip
    assert compare().unproven == 0


def test_the_poll_goes_round_all_visits_in_small_steps(world, visit, monkeypatch) -> None:
    for hour in (12, 14):
        patient = world.patient(f"patient at {hour}")
        world.book(world.home(patient), patient, at(hour))
    Message.objects.all().delete()
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    monkeypatch.setattr(keeping, "LONGEST_S", 0.0)
    assert keeping.compare_some(0.0) is False
    engine = DeliveryEngine.objects.get()
    assert (engine.cursor, engine.round) == (None, {}), "no time, no look"
    assert keeping.compare_some(10.0) is True
    engine.refresh_from_db()
    assert (engine.last_round["visits"], engine.cursor) == (3, None)
    assert engine.last_round["planned"] == engine.planned_total == Message.objects.count() > 6


def test_one_process_at_a_time_looks(visit) -> None:
    Message.objects.all().delete()
    keeping.keep()
    planned = Message.objects.count()
    assert planned
    Message.objects.all().delete()
    keeping.keep()
    assert not Message.objects.exists(), "a minute has not passed"
    DeliveryEngine.objects.update(look_at=database_now())
    keeping.keep()
    assert Message.objects.count() == planned
