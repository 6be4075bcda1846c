"""What a phone tells of a visit, sooner or later: kept, and the visit brought to where it leads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import ledger
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.visit import Action
from dispatch.models import (
    AuditEntry,
    Clearance,
    FieldEvent,
    OutboxEvent,
    RefusedMovement,
    Task,
    Visit,
)
from dispatch.selectors.records import record_seen_by
from dispatch.services.assignment import assign_by_hand
from dispatch.services.cancellation import cancel_visit
from dispatch.services.fieldwork import fold_again
from tests import door
from tests.builders import NOW, World, at
from tests.door import ready_visit, sign_all, step, whole_day
from tests.telling import told

pytestmark = pytest.mark.django_db

EVENING = at(18)
ROW = (
    "status", "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at",
    "discharged_at", "completed_at", "arrived_lat", "arrived_lng", "arrived_off_m",
    "recovery_extended_s", "ended_because", "ended_code", "fee_cents", "reservation_id",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world) -> Visit:
    return ready_visit(world)


def tell(world, visit, *events, now=EVENING, by=None) -> None:
    door.tell(world, visit, *events, now=now, by=by)


def sign(visit) -> None:
    """A second person sees what was wasted; the record is read anew."""
    sign_all(visit.id, EVENING)
    fold_again(visit.id, now=EVENING)
    visit.refresh_from_db()


def stories(world) -> dict[str, list[dict]]:
    day = whole_day(world)
    return {
        "a whole day": day,
        "broken off in the middle": [
            *day[:14], told("abort", at(10, 45), reason="adverse_reaction", text="A rash.")
        ],
        "broken off after it was complete": [*day, told("abort", at(13), reason="patient_stopped")],
        "nobody there, and yet begun": [*day[:9], told("no-show", at(10, 5), text="Rang.")],
        "nobody there, said twice": [
            *day[:2], told("no-show", at(10, 30)), told("no-show", at(10, 40))
        ],
        "twice everything": [*day, *whole_day(world)],
        "two reasons": [*day[:2], told("abort", at(10, 40), reason="patient_stopped"),
                        told("abort", at(10, 30), reason="unfit_today")],
        "set out twice": [*day[:9], told("depart", at(9, 30)), told("arrive", at(9, 35))],
    }  # fmt: skip


def in_parts(chance, events: list[dict]) -> Iterator[list[dict]]:
    """All of them in any order, some twice, in any number of parts."""
    events = [*events, *chance.sample(events, len(events) // 3)]
    chance.shuffle(events)
    while events:
        size = chance.randint(1, len(events))
        yield events[:size]
        events = events[size:]


def outcome(world, visit) -> tuple:
    """All that people see of it, and the visit's row."""
    visit.refresh_from_db()
    return record_seen_by(world.nina, visit.id), [getattr(visit, name) for name in ROW]


@given(st.randoms(use_true_random=False), st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_in_whichever_order_and_parts_it_is_told_it_is_the_same(world, visit, chance, data) -> None:
    every = stories(world)
    name = data.draw(st.sampled_from(sorted(every)))
    found = []
    for parts in ([every[name]], list(in_parts(chance, every[name]))):
        with transaction.atomic():
            for part in parts:
                tell(world, visit, *part)
            sign(visit)
            found.append(outcome(world, visit))
            transaction.set_rollback(True)
    whole, piecemeal = found
    assert piecemeal == whole, name


@pytest.mark.parametrize(
    ("name", "status"),
    [("a whole day", "completed"), ("broken off in the middle", "aborted"),
     ("broken off after it was complete", "aborted"), ("nobody there, and yet begun", "aborted"),
     ("nobody there, said twice", "no_show"), ("two reasons", "aborted")],
)  # fmt: skip
def test_every_story_ends_as_it_should(world, visit, name, status) -> None:
    tell(world, visit, *stories(world)[name])
    sign(visit)
    assert visit.status == status
    assert (visit.reservation_id is None) is (status != "completed")


def test_the_times_are_the_phones(world, visit) -> None:
    tell(world, visit, *whole_day(world))
    sign(visit)
    assert (visit.departed_at, visit.arrived_at) == (at(9, 40), at(10))
    assert (visit.infusion_started_at, visit.completed_at) == (at(10, 20), at(12, 30))
    assert (visit.arrived_lat, visit.arrived_off_m, visit.recovery_extended_s) == (38.9072, 0, 900)
    assert not Task.objects.exists()


def test_what_is_known_is_passed_over_and_nothing_is_written(world, visit) -> None:
    day = whole_day(world)
    tell(world, visit, *day)
    before = (FieldEvent.objects.count(), OutboxEvent.objects.count(), AuditEntry.objects.count())
    version = visit.version
    tell(world, visit, *day, now=at(20))
    after = (FieldEvent.objects.count(), OutboxEvent.objects.count(), AuditEntry.objects.count())
    assert (after, visit.version) == (before, version)


@pytest.mark.parametrize("change", [{"type": "note", "data": {"text": "x"}},
                                    {"device_time": at(9, 41).isoformat()}])  # fmt: skip
def test_an_id_that_told_something_else_is_refused_and_nothing_kept(world, visit, change) -> None:
    first = told("depart", at(9, 40))
    for batches in ([[first], [told("arrive", at(10)), first | change]], [[first, first | change]]):
        with transaction.atomic():
            for batch in batches[:-1]:
                tell(world, visit, *batch)
            with pytest.raises(Conflict) as refused, transaction.atomic():
                tell(world, visit, *batches[-1])
            assert refused.value.code == "event_differs"
            assert not FieldEvent.objects.filter(type="arrive").exists()
            transaction.set_rollback(True)


def test_every_event_at_fault_is_named_and_nothing_is_kept(world, visit) -> None:
    with pytest.raises(Invalid) as refused:
        tell(
            world, visit, told("depart", at(9, 40)), told("dance", at(9, 41)),
            told("arrive", at(10), lat=91, lng=0), told("vitals", at(10)),
            told("extend-recovery", at(10), minutes=20), told("abort", at(10), reason="bored"),
            told("note", EVENING + timedelta(hours=3), text="x"),
            told("note", NOW - timedelta(seconds=1), text="x"),
            told("identity", at(10), confirmed=True, name="x"), told("give", at(10), vial="V"),
        )  # fmt: skip
    assert set(refused.value.fields) == {
        "[1].type", "[2].data.lat", "[3].data", "[4].data.minutes", "[5].data.reason",
        "[6].device_time", "[7].device_time", "[8].data.name", "[9].data.ug",
    }  # fmt: skip
    assert not FieldEvent.objects.exists()


def test_a_departure_through_a_closed_gate_that_is_told_late_is_kept_and_flagged(world, visit):
    Clearance.objects.update(withdrawn_at=at(9))
    with pytest.raises(Conflict) as refused:
        step(visit.id, Action.DEPART, world.nina, at(9, 40))
    assert refused.value.code == "gate_closed"
    tell(world, visit, told("depart", at(9, 40)))
    assert visit.status == "en_route"
    (flag,) = record_seen_by(world.nina, visit.id).flags
    assert (flag.code.value, flag.subject) == ("departed_through_closed_gate", "clearance")
    task = Task.objects.get(kind="record_contradicts")
    assert (task.visit_id, task.reason) == (visit.id, "departed_through_closed_gate")
    tell(world, visit, told("arrive", at(10)))
    assert Task.objects.count() == 1


def test_what_comes_after_a_visit_was_called_off_changes_nothing_but_is_kept(world, visit) -> None:
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=at(9, 30))
    tell(world, visit, *whole_day(world))
    assert (visit.status, visit.departed_at) == ("cancelled", None)
    record = record_seen_by(world.dora, visit.id)
    assert {flag.code.value for flag in record.flags} == {"after_it_was_called_off"}
    assert len(record.events) == len(whole_day(world))
    assert Task.objects.filter(kind="record_contradicts").exists()


def test_what_a_nurse_tells_whose_visit_another_has_by_now_does_not_count(world, visit) -> None:
    olga = world.nurse("olga")
    world.shift(olga)
    tell(world, visit, told("arrive", at(10)))
    assign_by_hand(
        visit.id, olga.person_id, reason="", expected_version=None, by=world.bob, now=at(9)
    )
    tell(world, visit, told("depart", at(9, 40)))
    assert visit.status == "assigned"
    tell(world, visit, told("depart", at(9, 50)), by=olga)
    assert visit.status == "en_route", "the arrival was the other nurse's"
    assert record_seen_by(world.nina, visit.id).events == (), "it is not hers to see"
    stranger = world.nurse("mallory")
    with pytest.raises(NotFound):
        tell(world, visit, told("note", at(10), text="x"), by=stranger)


def test_an_adverse_event_alerts_a_prescriber_once(world, visit) -> None:
    bad = told("adverse_event", at(10, 30), severity="severe", text="Short of breath.")
    for _ in range(2):
        tell(world, visit, bad)
    task = Task.objects.get(kind="adverse_event")
    assert (task.role, task.urgent, task.subject_id) == ("prescriber", True, UUID(bad["id"]))
    assert "911" in record_seen_by(world.nina, visit.id).advice


def test_a_drug_that_is_not_accounted_for_keeps_the_visit_open(world, visit, monkeypatch) -> None:
    monkeypatch.setattr(ledger, "is_settled", lambda _: False)
    tell(world, visit, *whole_day(world))
    assert (visit.status, visit.completed_at) == ("recovering", None)
    with pytest.raises(Conflict) as refused:
        step(visit.id, Action.COMPLETE, world.nina, EVENING)
    assert refused.value.code == "custody_open"
    monkeypatch.setattr(ledger, "is_settled", lambda _: True)
    fold_again(visit.id, now=at(20))
    visit.refresh_from_db()
    assert (visit.status, visit.completed_at) == ("completed", at(12, 30))
    monkeypatch.setattr(ledger, "is_settled", lambda _: False)
    tell(world, visit, told("checkout", at(10, 15), vial="V-2"), now=at(20))
    assert (visit.status, visit.completed_at) == ("recovering", None)
    assert names() == ["VisitProgressed", "VisitEnded", "VisitProgressed", "VisitProgressed"]


def test_what_the_ledger_refuses_is_kept_flagged_and_tried_again(world, visit, monkeypatch) -> None:
    in_stock: set[str] = set()

    def enter(movement, *, by, now) -> None:
        if movement.vial not in in_stock:
            raise Conflict("not_in_stock", "There is no such vial.")

    monkeypatch.setattr(ledger, "enter", enter)
    tell(world, visit, told("checkout", at(10), vial="V-7"))
    assert flags_of(world, visit) == {"custody_refused"}
    assert RefusedMovement.objects.count() == 1
    in_stock.add("V-7")
    tell(world, visit, told("note", at(10, 1), text="x"))
    assert flags_of(world, visit) == set()


def flags_of(world, visit) -> set[str]:
    return {flag.code.value for flag in record_seen_by(world.nina, visit.id).flags}


def names() -> list[str]:
    """What was recorded at the door, in order."""
    found = OutboxEvent.objects.filter(
        name__in=["VisitProgressed", "VisitEnded", "VisitBroken"]
    ).order_by("id")
    return list(found.values_list("name", flat=True))


def test_it_is_said_when_the_end_is_to_be_expected_anew(world, visit) -> None:
    tell(world, visit, told("depart", at(9, 40)))
    assert names() == ["VisitProgressed"]
    tell(world, visit, told("arrive", at(10)))
    assert names() == ["VisitProgressed"] * 2
    tell(world, visit, told("note", at(10, 1), text="x"))
    assert names() == ["VisitProgressed"] * 2
    tell(world, visit, told("abort", at(10, 2), reason="unfit_today"))
    tell(world, visit, told("abort", at(10, 1), reason="companion_missing"))
    assert names() == [*["VisitProgressed"] * 2, "VisitBroken", "VisitBroken"]


def test_a_dispatcher_sees_how_far_it_is_and_nothing_that_was_found(world, visit) -> None:
    tell(world, visit, *stories(world)["broken off in the middle"])
    whole, shown = (record_seen_by(by, visit.id) for by in (world.dora, world.bob))
    assert whole.baseline
    assert whole.events
    assert shown.baseline == {}
    assert (shown.events, shown.dose_ug, shown.ended_because) == ((), None, "")
    assert (shown.status, shown.infusion_started_at) == (whole.status, whole.infusion_started_at)
    assert {flag.code for flag in shown.flags} == {flag.code for flag in whole.flags}
    assert replace(shown, flags=()) != whole
