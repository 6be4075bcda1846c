"""Beside the plain way: late papers, moves, answers to another time, treatments cut short."""

from datetime import timedelta

import pytest

from dispatch.domain.clock import to_instant
from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer, GateName
from dispatch.domain.visit import Action
from dispatch.holding import HELD_FOR
from dispatch.models import CompanionRequest, Hold, Market, Message, Reservation, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.gates import gates_of
from dispatch.services import assignment
from dispatch.services.cancellation import reschedule_visit
from dispatch.services.companions import answer_as_companion, name_companion
from dispatch.services.consents import sign_consent
from tests import door
from tests.builders import ARLINGTON, KETAMINE, NOW, TOMORROW, World, at
from tests.readying import make_ready, sign_papers
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina")
    world.shift(world.nina)
    return world


def run_workers(now=NOW) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def booked(world, hour=10, **more) -> Visit:
    visit_id = world.book(world.home(world.alice), world.alice, at(hour), **more)
    run_workers()
    return Visit.objects.get(id=visit_id)


def step(world, visit, action, now) -> None:
    door.step(visit.id, action, world.nina, now)


def move(world, visit, hour) -> None:
    (slot,) = (one for one in world.slots(visit.location) if one.start == at(hour))
    hold_id = world.hold(slot, visit.location, world.alice)
    reschedule_visit(visit.id, hold_id, expected_version=None, by=world.alice, now=NOW)


def gate(visit, name, now) -> bool:
    (found,) = (one for one in gates_of(visit, now=now) if one.name is name)
    return found.open


def sent(visit, audience="patient") -> list[str]:
    rows = Message.objects.filter(visit=visit, audience=audience, state="sent")
    return list(rows.order_by("sent_at", "id").values_list("kind", flat=True))


def test_papers_signed_at_the_door_after_the_planned_start_open_their_gates(world) -> None:
    visit = booked(world)
    late = at(10, 5)
    sign_papers(world, now=late)
    for name in (GateName.CLEARANCE, GateName.ORDER, GateName.CONSENT):
        assert gate(visit, name, late)


def test_a_second_signature_closes_no_gate(world) -> None:
    visit = booked(world)
    sign_papers(world)
    sign_consent(
        protocol_code=KETAMINE, text_version=1, name="Alice A.", by=world.alice, now=at(10, 5)
    )
    assert gate(visit, GateName.CONSENT, NOW)


def test_a_worker_that_looked_before_a_move_does_not_undo_it(world, monkeypatch) -> None:
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    visit = Visit.objects.get(id=visit_id)
    look = assignment._targets

    def look_and_then_be_overtaken(seen, now):
        found = look(seen, now)
        monkeypatch.setattr(assignment, "_targets", look)
        move(world, visit, 14)
        return found

    monkeypatch.setattr(assignment, "_targets", look_and_then_be_overtaken)
    assignment.assign_visit(visit_id, now=NOW)
    visit.refresh_from_db()
    assert (visit.window_start, visit.status) == (at(14), "requested")
    assignment.assign_visit(visit_id, now=NOW)
    visit.refresh_from_db()
    assert (visit.window_start, visit.status) == (at(14), "assigned")


def test_a_hold_that_ran_out_leaves_no_false_drive_behind(world) -> None:
    """Amos holds a slot in Arlington before Alice's visit and lets it lapse."""
    visit = booked(world, hour=13)
    amos = world.patient("amos")
    away = world.home(amos, ARLINGTON)
    drive = Reservation.objects.get().start_at - Reservation.objects.get().leave_at
    (slot,) = (one for one in world.slots(away) if one.start == at(10, 30))
    world.hold(slot, away, amos)
    held = Visit.objects.get(id=visit.id).reservation
    assert held.start_at - held.leave_at > drive
    run_workers(NOW + HELD_FOR)
    held.refresh_from_db()
    assert not Hold.objects.exists()
    assert held.start_at - held.leave_at == drive


def test_a_yes_to_another_time_opens_no_gate(world) -> None:
    carl, eve = world.companion(world.alice), world.companion(world.alice)
    visit = booked(world, companion=carl)
    answer_as_companion(secret(visit, carl), CompanionAnswer.CONFIRMED, now=NOW)
    assert gate(visit, GateName.COMPANION, NOW)
    name_companion(visit.id, eve.id, expected_version=None, by=world.alice, now=NOW)
    run_workers()
    move(world, visit, 14)
    name_companion(visit.id, carl.id, expected_version=None, by=world.alice, now=NOW)
    run_workers()
    visit.refresh_from_db()
    assert not gate(visit, GateName.COMPANION, NOW)
    asked = Message.objects.filter(visit=visit, person_id=carl.id, state="sent", move=1)
    assert asked.count() == 1


def secret(visit, companion) -> str:
    return CompanionRequest.objects.get(visit=visit, companion=companion).secret


def test_a_page_that_showed_another_time_does_not_answer(world) -> None:
    carl = world.companion(world.alice)
    visit = booked(world, companion=carl)
    move(world, visit, 14)
    run_workers()
    with pytest.raises(Conflict) as refused:
        answer_as_companion(secret(visit, carl), CompanionAnswer.CONFIRMED, move=0, now=NOW)
    assert refused.value.code == "moved"
    answer_as_companion(secret(visit, carl), CompanionAnswer.CONFIRMED, move=1, now=NOW)
    visit.refresh_from_db()
    assert gate(visit, GateName.COMPANION, NOW)


def test_the_patient_is_told_of_every_no(world) -> None:
    carl, eve = world.companion(world.alice), world.companion(world.alice)
    visit = booked(world, companion=carl)
    answer_as_companion(secret(visit, carl), CompanionAnswer.DECLINED, now=NOW)
    run_workers()
    assert sent(visit).count("companion_declined") == 1
    name_companion(visit.id, eve.id, expected_version=None, by=world.alice, now=NOW)
    run_workers()
    answer_as_companion(secret(visit, eve), CompanionAnswer.DECLINED, now=NOW)
    run_workers()
    assert sent(visit).count("companion_declined") == 2


def test_every_move_is_told_once_to_each(world) -> None:
    carl = world.companion(world.alice)
    visit = booked(world, companion=carl)
    for moves, hour in enumerate((14, 10, 14), start=1):
        move(world, visit, hour)
        run_workers()
        visit.refresh_from_db()
        assert sent(visit).count("rescheduled") == moves
        assert sent(visit, "companion").count("rescheduled") == moves
    assert sent(visit).count("confirmation") == 1
    assert sent(visit, "companion").count("companion_request") == 1


def test_a_patient_treated_late_is_looked_after_all_the_same(world) -> None:
    visit = treated(world, depart=at(19, 40))
    run_workers(at(20))
    assert "aftercare" not in sent(visit)
    for minutes, action in enumerate((Action.DISCHARGE, Action.COMPLETE)):
        step(world, visit, action, at(22, minutes))
    run_workers(at(22, 5))
    assert sent(visit).count("aftercare") == 1


def treated(world, depart, infusions=6) -> Visit:
    """Up to the infusion's end, everything opened that must be."""
    visit = booked(world, companion=world.companion(world.alice))
    make_ready(world, visit.id, infusions=infusions)
    run_workers(depart)
    for minutes, action in enumerate((Action.DEPART, Action.ARRIVE)):
        step(world, visit, action, depart + timedelta(minutes=minutes))
    run_workers(at(20) if depart > at(19) else depart)
    step(world, visit, Action.START_INFUSION, depart + timedelta(minutes=30))
    step(world, visit, Action.END_INFUSION, depart + timedelta(minutes=70))
    return visit


def test_an_infusion_that_was_given_uses_up_the_order_though_the_visit_was_aborted(world) -> None:
    visit = treated(world, depart=at(9, 50), infusions=1)
    step(world, visit, Action.ABORT, at(11, 10))
    in_two_days = TOMORROW + timedelta(days=2)
    world.shift(world.nina, in_two_days)
    start = at(14, day=in_two_days)
    later = Visit.objects.get(id=world.book(world.home(world.alice), world.alice, start))
    assert not gate(later, GateName.ORDER, NOW)


def test_nobody_sets_out_before_the_shift_or_from_another_patient(world) -> None:
    amos = world.patient("amos")
    other = Visit.objects.get(id=world.book(world.home(amos), amos, at(15)))
    treated(world, depart=at(9, 50))
    make_ready(world, other.id)
    for now, code in ((at(6, 59), "too_early"), (at(7), "still_under_way")):
        with pytest.raises(Conflict) as refused:
            step(world, other, Action.DEPART, now)
        assert refused.value.code == code


def test_a_shift_rule_in_the_spring_gap_begins_after_it(world) -> None:
    from datetime import date, time

    from dispatch.models import ShiftRule
    from dispatch.services.shifts import roll_shifts

    spring = date(2027, 3, 14)
    ShiftRule.objects.create(
        market=world.market, nurse_id=world.nina.person_id, weekday=spring.weekday(),
        starts=time(2, 30), ends=time(10), first_day=spring,
    )  # fmt: skip
    zone = world.market.zone
    assert roll_shifts(world.market.id, days=1, now=to_instant(spring, time(0), zone)) == 1
    shift = next(one for one in world.market_shifts() if one.service_date == spring)
    assert shift.start_at == to_instant(spring, time(3), zone)
