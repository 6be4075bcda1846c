"""A visit that runs over re-times the day: in order, nobody dropped, whoever waits is told."""

from datetime import timedelta

import pytest
from django.db import transaction

from dispatch.domain.clock import seconds
from dispatch.domain.errors import Conflict
from dispatch.domain.jobs import Cause
from dispatch.models import Hold, OutboxEvent, Reservation, Shift, Visit
from dispatch.selectors.board import board_of
from dispatch.selectors.claims import claim_of, watched
from dispatch.selectors.day_route import route_on
from dispatch.selectors.proposals import job_seen_by
from dispatch.services.applying import accept_proposal
from dispatch.services.booking import book_hold
from dispatch.services.cancellation import cancel_visit
from dispatch.services.plans import ask_for_repair
from dispatch.services.running import retime_day, retime_quiet_day
from tests.builders import NOW, TOMORROW, World, at
from tests.concurrency.oracle import faults
from tests.services.running import (
    NEAR,
    SERVICE,
    a_day,
    booked,
    drive,
    happened,
    heard,
    resting,
    run_workers,
    times,
    told,
)
from workers import planning

pytestmark = pytest.mark.django_db

ALLOWED = {"a start outside the promised window", "a reservation outside its nurse's shift"}
"""What a day that runs late may break, and nothing else."""


@pytest.fixture
def world() -> World:
    return World()


def sound() -> bool:
    return set(faults()) <= ALLOWED


@pytest.mark.parametrize("extended", [15, 30, 45])
def test_a_longer_recovery_moves_those_behind(world, extended) -> None:
    nina, amy, ben, cid = a_day(world)
    way, promised = drive(ben), (ben.window_start, ben.window_end)
    heard(amy, at(10, 30), extended=extended, **resting(amy, at(9)))
    end = at(9) + SERVICE + timedelta(minutes=extended)
    assert times(amy) == (at(9), end)
    assert times(ben)[0] == max(at(11, 30), end + way)
    assert times(ben)[1] == times(ben)[0] + SERVICE
    assert times(cid)[0] == at(15), "the slack before it takes the delay up"
    ben.refresh_from_db()
    assert (ben.window_start, ben.window_end) == promised
    assert sound()
    route = route_on(nina.person_id, TOMORROW, now=at(10, 30))
    assert [stop.start_at for stop in route.stops] == [times(one)[0] for one in (amy, ben, cid)]


def test_a_nurse_who_arrives_late_comes_later_to_everybody(world) -> None:
    _, amy, ben, cid = a_day(world)
    heard(amy, at(10), departed_at=at(9, 45), arrived_at=at(10))
    assert times(amy) == (at(10), at(10) + SERVICE)
    assert times(ben)[0] == at(10) + SERVICE + drive(ben) > ben.window_end
    assert times(cid)[0] == max(at(15), times(ben)[1] + drive(cid))
    assert sound()


def test_a_nurse_on_her_way_is_expected_after_the_drive(world) -> None:
    _, amy, _, _ = a_day(world)
    way = drive(amy)
    heard(amy, at(9, 40), departed_at=at(9, 40))
    assert times(amy)[0] == at(9, 40) + way > amy.window_end
    run_workers(at(9, 40))
    assert len(told(amy)) == 1
    heard(amy, at(9, 50), arrived_at=at(9, 50))
    run_workers(at(9, 50))
    assert len(told(amy)) == 1, "never after arrival"


def test_a_nurse_who_comes_early_is_not_expected_before_the_window(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(8, 5), departed_at=at(8, 5))
    assert times(amy)[0] == at(9)
    heard(amy, at(8, 40), arrived_at=at(8, 40))
    assert times(amy)[0] == at(8, 40)
    assert times(ben)[0] == at(11, 30)


def test_an_early_end_lets_those_behind_come_earlier_but_not_before_their_windows(world) -> None:
    _, amy, ben, cid = a_day(world)
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    assert times(ben)[0] > ben.window_end
    done = {"discharged_at": at(10, 50), "completed_at": at(11)}
    heard(amy, at(11), extended=45, **done)
    assert times(amy)[1] == at(11)
    assert [times(one)[0] for one in (ben, cid)] == [at(11, 30), at(15)]
    assert faults() == {}


def test_a_delay_that_reaches_everybody_is_shared_by_the_slack_between(world) -> None:
    _, amy, ben, cid = a_day(world)
    heard(amy, at(13), **resting(amy, at(11, 30)))
    assert times(ben)[0] == at(11, 30) + SERVICE + drive(ben)
    assert times(cid)[0] == times(ben)[1] + drive(cid) > cid.window_end
    assert [times(one)[1] - times(one)[0] for one in (ben, cid)] == [SERVICE, SERVICE]
    assert sound()


def test_the_shifts_end_may_be_overrun_and_is_shown(world) -> None:
    _, amy, ben, cid = a_day(world)
    heard(amy, at(15), **resting(amy, at(13, 30)))
    end = Shift.objects.get().end_at
    assert times(cid)[1] > end
    assert sound()
    board = board_of(world.market.id, TOMORROW, now=at(15))
    assert [stop.visit.id for stop in board.shifts[0].stops if stop.uncovered] == [cid.id]
    assert Visit.objects.filter(id__in=[ben.id, cid.id], status="assigned").count() == 2


def test_again_or_in_another_order_it_comes_to_the_same(world) -> None:
    _, amy, ben, cid = a_day(world)
    happened(amy, extended=45, **resting(amy, at(9)))
    for visit in (ben, amy, cid, amy):
        retime_day(visit.id, now=at(10, 30))
        version, seen = Shift.objects.get().version, [times(one) for one in (amy, ben, cid)]
        retime_day(visit.id, now=at(10, 30))
        assert (Shift.objects.get().version, [times(one) for one in (amy, ben, cid)]) == (
            version, seen
        )  # fmt: skip


def test_a_held_slot_that_the_nurse_can_no_longer_keep_is_not_booked(world) -> None:
    _, amy, ben, _ = a_day(world)
    cancel_visit(ben.id, reason="", expected_version=None, by=world.bob, now=NOW)
    dan = world.patient("dan")
    home, now = world.home(dan, NEAR[2]), at(7)
    (slot,) = (one for one in world.slots(home, now=now) if one.start == at(11, 30))
    hold_id = world.hold(slot, home, dan, now=now)
    heard(amy, now + timedelta(minutes=5), extended=45, **resting(amy, at(9)))
    held = Reservation.objects.get(hold=hold_id)
    assert held.start_at > at(12)
    assert sound()
    with pytest.raises(Conflict) as refused:
        book_hold(hold_id, companion_id=None, key=None, by=dan, now=now + timedelta(minutes=6))
    assert refused.value.code == "slot_taken"
    assert not OutboxEvent.objects.filter(name="ArrivalMoved").exists(), "a hold is no promise"


def test_the_day_goes_on_being_booked_around_what_is_late(world) -> None:
    """Ben is five minutes late; the hours behind Cid, and none that would delay Ben, are open."""
    _, amy, ben, cid = a_day(world)
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    cancel_visit(cid.id, reason="", expected_version=None, by=world.bob, now=at(10, 30))
    dan = world.patient("dan")
    home, now = world.home(dan, NEAR[3]), at(10, 30)
    free = [one.start for one in world.slots(home, now=now)]
    assert at(15) in free
    assert min(free) + timedelta(minutes=30) >= times(ben)[1]
    before = times(ben)
    world.book(home, dan, at(15), now=now)
    assert times(ben) == before
    assert sound()


def test_every_slot_of_a_late_day_can_be_taken_and_delays_nobody_further(world) -> None:
    _, amy, ben, cid = a_day(world)
    heard(amy, at(7), extended=75, **resting(amy, at(9)))
    cancel_visit(cid.id, reason="", expected_version=None, by=world.bob, now=at(7))
    home, before = world.home(world.alice, NEAR[4]), times(ben)
    slots = world.slots(home, now=at(7))
    assert slots
    for slot in slots:
        with transaction.atomic():
            held = Hold.objects.get(id=world.hold(slot, home, world.alice, now=at(7))).reservation
            assert slot.start <= held.start_at <= slot.window_end
            assert times(ben) == before
            assert sound()
            transaction.set_rollback(True)


def test_a_repair_sees_who_is_late_and_can_be_accepted(world) -> None:
    _, amy, ben, cid = a_day(world)
    olga = world.nurse("olga", NEAR[2])
    others = world.shift(olga)
    heard(amy, at(10, 30), extended=60, **resting(amy, at(9)))
    run_workers(at(10, 30))
    job_id = ask_for_repair(TOMORROW, by=world.bob, now=at(10, 31))
    planning.work_out_plans()
    job = job_seen_by(world.bob, job_id, Cause.REPAIR)
    best = job.proposals[0]
    assert ([one.visit for one in best.moves if "nurse" in one.tell], best.unserved) == (
        [ben.id], ()
    )  # fmt: skip
    accept_proposal(job_id, Cause.REPAIR, 1, by=world.bob, now=at(10, 31))
    ben.refresh_from_db()
    assert ben.reservation.shift_id == others.id
    assert times(ben)[0] <= ben.window_end
    assert times(cid)[0] == at(15)
    assert faults() == {}


def test_the_board_shows_who_is_at_risk_and_who_rests_long(world) -> None:
    _, amy, *_ = a_day(world)
    heard(amy, at(11, 10), extended=45, **resting(amy, at(9)))
    board = board_of(world.market.id, TOMORROW, now=at(11, 10))
    first, second, third = board.shifts[0].stops
    assert (first.recovering_long, second.at_risk, third.at_risk) == (True, True, False)
    assert (board.exceptions.at_risk, board.exceptions.recovering_long) == (1, 1)
    assert board.exceptions.late == 0
    later = board_of(world.market.id, TOMORROW, now=at(12, 1))
    assert (later.exceptions.late, later.exceptions.at_risk) == (1, 0)


def test_a_nurse_who_has_not_set_out_is_a_risk_as_soon_as_the_drive_is_too_long(world) -> None:
    _, amy, _, _ = a_day(world)
    last = amy.window_end - drive(amy)
    for now, risk in ((last, 0), (last + timedelta(seconds=1), 1)):
        assert board_of(world.market.id, TOMORROW, now=now).exceptions.at_risk == risk


def test_the_patients_other_visit_by_another_nurse_waits(world) -> None:
    """Amy has a second nurse at half past eleven; she is treated by the first until twelve."""
    nina, olga = world.nurse("nina", NEAR[0]), world.nurse("olga", NEAR[0])
    hers, others = world.shift(nina), world.shift(olga)
    amy = booked(world, "amy", at(9), 1)
    patient = world.patient("ann")
    second = Visit.objects.get(
        id=world.book(world.home(patient, NEAR[1]), patient, at(11, 30), now=NOW)
    )
    by = others if times_shift(amy) == hers.id else hers
    Reservation.objects.filter(visit=second).update(
        shift_id=by.id, nurse_id=by.nurse_id, patient_id=amy.patient_id
    )
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    assert times(second)[0] == times(amy)[1] > at(11, 30)
    assert "a patient in two visits" not in faults()


def times_shift(visit):
    return Reservation.objects.get(visit=visit).shift_id


def test_a_patient_is_busy_until_a_late_visit_is_expected_to_end(world) -> None:
    _, amy, ben, _ = a_day(world)
    olga = world.nurse("olga", NEAR[2])
    world.shift(olga)
    home = Visit.objects.select_related("location").get(id=ben.id).location
    first = min(one.start for one in world.slots(home, now=at(7)) if one.start > at(11, 30))
    assert first == at(14, 30), "two hours and ten minutes after the window's end"
    heard(amy, at(7), extended=90, **resting(amy, at(9)))
    first = min(one.start for one in world.slots(home, now=at(7)) if one.start > at(11, 30))
    assert first - timedelta(minutes=30) < times(ben)[1] <= first


def test_a_late_infusion_is_watched_when_it_is_given(world) -> None:
    """One clinician watches one infusion: what is late takes its attention later, too."""
    _, amy, ben, _ = a_day(world)
    world.supervise(1)
    claim = claim_of(Visit.objects.get(id=amy.id), now=at(7))
    heard(amy, at(7), extended=90, **resting(amy, at(9)))
    (held,) = Reservation.objects.filter(visit=ben)
    until = watched(claim, now=at(7)).request.full
    assert held.infusion_until > ben.window_end + timedelta(minutes=60)
    assert any(a < seconds(held.infusion_until) <= b for a, b in until)


def test_what_is_over_or_has_no_time_is_left_alone(world) -> None:
    _, amy, ben, _ = a_day(world)
    cancel_visit(ben.id, reason="", expected_version=None, by=world.bob, now=NOW)
    seen = times(amy)
    retime_day(ben.id, now=at(10))
    retime_quiet_day(ben.id, now=at(10))
    assert times(amy) == seen
