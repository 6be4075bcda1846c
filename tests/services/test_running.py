"""A visit that runs over re-times the day: in order, nobody dropped, whoever waits is told."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor, Role
from dispatch.models import Message, OutboxEvent, Reservation, Shift, Visit
from dispatch.selectors.board import board_of
from dispatch.selectors.day_route import route_on
from dispatch.selectors.visits import visit_seen_by
from dispatch.services.booking import book_hold
from dispatch.services.cancellation import cancel_visit
from dispatch.services.running import retime_day, retime_quiet_day
from tests.builders import KETAMINE, NOW, TOMORROW, World, at
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


def test_only_whoever_is_not_reached_in_the_window_is_told(world) -> None:
    _, amy, ben, cid = a_day(world)
    run_workers(at(10, 30))
    for minute, (extended, texts) in enumerate(((15, 0), (30, 0), (45, 1)), 30):
        heard(amy, at(10, minute), extended=extended, **resting(amy, at(9)))
        run_workers(at(10, minute))
        assert (len(told(ben)), len(told(cid))) == (texts, 0)
    (text,) = told(ben)
    by = Actor(ben.patient.user_id, Role.PATIENT, world.market.id, ben.patient_id)
    assert visit_seen_by(by, ben.id, now=at(10, 33)).expected_start == at(12, 5)
    assert "is running late" in text
    assert "Tue 8 Jun, about 12:05 PM" in text


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


def test_once_a_further_quarter_of_an_hour_and_not_in_between(world) -> None:
    _, amy, ben, _ = a_day(world)
    facts, minute = resting(amy, at(9)), 0
    for extended, texts in ((45, 1), (55, 1), (58, 1), (62, 2), (75, 2), (90, 3)):
        for now in (at(10, minute := minute + 1), at(10, minute := minute + 1)):
            heard(amy, now, extended=extended, **facts)
            run_workers(now)
        assert len(told(ben)) == texts, extended


def test_a_delay_made_good_before_the_text_went_out_is_not_told(world) -> None:
    _, amy, ben, _ = a_day(world)
    run_workers(at(10))
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    deliver()
    heard(amy, at(10, 31), extended=0)
    run_workers(at(10, 31))
    row = Message.objects.get(visit=ben, kind="running_late", audience="patient")
    assert (row.state, row.state_because) == ("withdrawn", "made_good")
    heard(amy, at(10, 32), extended=45)
    run_workers(at(10, 32))
    assert len(told(ben)) == 1, "late again: told after all"


def deliver() -> None:
    from dispatch.outbox import deliver_next
    from workers.reactions import REACTIONS

    while deliver_next(REACTIONS):
        pass


def test_one_who_was_told_of_a_delay_hears_that_the_nurse_comes_sooner_after_all(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=90, **resting(amy, at(9)))
    run_workers(at(10, 30))
    heard(amy, at(11), extended=90, discharged_at=at(11), completed_at=at(11))
    run_workers(at(11))
    late, sooner = told(ben)
    assert ("running late" in late, "sooner than we last told you" in sooner) == (True, True)
    assert "about 11:30 AM" in sooner


def test_whoever_has_called_off_is_not_told(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    deliver()
    cancel_visit(ben.id, reason="", expected_version=None, by=world.bob, now=at(10, 31))
    run_workers(at(10, 31))
    assert told(ben) == []


def test_the_companion_is_told_too_unless_they_declined(world) -> None:
    from dispatch.models import CompanionRequest

    nina = world.nurse("nina", NEAR[0])
    world.shift(nina)
    amy = booked(world, "amy", at(9), 1)
    pairs = [named(world, "ben", at(11, 30), 2), named(world, "cid", at(14), 3)]
    run_workers(NOW)
    CompanionRequest.objects.filter(visit=pairs[1]).update(answer="declined", answered_at=NOW)
    heard(amy, at(12), **resting(amy, at(11)))
    run_workers(at(12))
    assert [len(told(one)) for one in pairs] == [1, 1]
    assert [len(told(one, "companion")) for one in pairs] == [1, 0]


def named(world, name, start, place) -> Visit:
    patient = world.patient(name)
    visit_id = world.book(
        world.home(patient, NEAR[place]), patient, start, companion=world.companion(patient)
    )
    run_workers(NOW)
    return Visit.objects.get(id=visit_id)


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


def test_where_nothing_is_heard_the_day_moves_on_and_each_is_told_once(world) -> None:
    _, amy, ben, _ = a_day(world)
    happened(amy, **resting(amy, at(9)))
    run_workers(at(10, 30))
    run_workers(at(11, 14))
    assert times(amy)[1] == at(11, 10), "a few minutes are no news"
    for minute, texts in ((16, 0), (30, 0), (52, 1), (58, 1)):
        run_workers(at(11, minute))
        assert len(told(ben)) == texts
    run_workers(at(12, 30))
    assert timedelta() <= times(amy)[1] - at(12, 30) < timedelta(minutes=1)
    assert len(told(ben)) == 1
    heard(amy, at(12, 40), discharged_at=at(12, 30))
    run_workers(at(12, 40))
    assert len(told(ben)) == 2, "heard of: told again"


def test_long_after_the_shift_nobody_waits_for_word_any_more(world) -> None:
    _, amy, *_ = a_day(world)
    happened(amy, **resting(amy, at(9)))
    run_workers(at(22))
    assert times(amy)[1] == at(11, 10)


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


def test_what_is_over_or_has_no_time_is_left_alone(world) -> None:
    _, amy, ben, _ = a_day(world)
    cancel_visit(ben.id, reason="", expected_version=None, by=world.bob, now=NOW)
    seen = times(amy)
    retime_day(ben.id, now=at(10))
    retime_quiet_day(ben.id, now=at(10))
    assert times(amy) == seen


def test_texts_name_no_treatment(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    run_workers(at(10, 30))
    assert KETAMINE.split("_", maxsplit=1)[0] not in told(ben)[0]
    assert "infusion" not in told(ben)[0]
