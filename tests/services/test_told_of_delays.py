"""Whoever waits for a nurse who runs late is told, once for each further delay, and only then."""

from datetime import timedelta

import pytest
from django.db import transaction

from dispatch import outbox, schedule
from dispatch.domain.events import VisitProgressed
from dispatch.domain.people import Actor, Role
from dispatch.models import LocalMessage, Message, Reservation, Visit
from dispatch.selectors.visits import visit_seen_by
from dispatch.services.assignment import assign_by_hand
from dispatch.services.cancellation import cancel_visit
from dispatch.services.running import retime_day
from tests.builders import KETAMINE, NOW, World, at
from tests.door import suppose_told
from tests.reminding import lose_answer
from tests.services.running import (
    NEAR,
    a_day,
    booked,
    happened,
    heard,
    resting,
    run_workers,
    times,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


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


def test_one_who_may_have_heard_of_a_delay_hears_that_the_nurse_comes_sooner(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=90, **resting(amy, at(9)))
    run_workers(at(10, 30))
    lose_answer(ben, "running_late")
    heard(amy, at(11), extended=90, discharged_at=at(11), completed_at=at(11))
    run_workers(at(11))
    (sooner,) = told(ben)
    assert "sooner than we last told you" in sooner


def test_a_try_that_may_have_told_of_a_delay_is_no_reason_against_the_next_one(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=90, **resting(amy, at(9)))
    run_workers(at(10, 30))
    lose_answer(ben, "running_late")
    Message.objects.filter(visit=ben, kind="running_late").update(retry_at=None)
    run_workers(at(10, 31))
    (late,) = told(ben)
    assert "running late" in late


def test_a_visit_that_breaks_off_lets_those_behind_come_earlier_and_they_are_told(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=90, **resting(amy, at(9)))
    run_workers(at(10, 30))
    assert times(ben)[0] > at(12, 30)
    held = Reservation.objects.get(visit=amy)
    suppose_told(Visit.objects.get(id=amy.id), at(11), "abort")
    Visit.objects.filter(id=amy.id).update(status="aborted", reservation=None)
    with transaction.atomic():
        schedule.remove(held, now=at(11))
    retime_day(amy.id, now=at(11))
    run_workers(at(11))
    assert times(ben)[0] == at(11, 30)
    assert "sooner" in told(ben)[1]


def test_the_last_reminder_names_the_start_that_is_expected(world) -> None:
    _, amy, _, cid = a_day(world)
    run_workers(at(12))
    heard(amy, at(12, 50), **resting(amy, at(11, 50)))
    run_workers(at(13))
    late = times(cid)[0]
    assert late > cid.window_end
    reminder = Message.objects.get(visit=cid, kind="two_hours_before")
    assert (reminder.state, late <= reminder.named_start) == ("sent", True)
    assert "comes soon: Tue 8 Jun, about" in LocalMessage.objects.get(key=str(reminder.id)).body


def test_another_nurse_comes_in_the_window_again_and_is_told_of_anew(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=90, **resting(amy, at(9)))
    run_workers(at(10, 30))
    olga = world.nurse("olga", NEAR[2])
    world.shift(olga)
    assign_by_hand(
        ben.id, olga.person_id, reason="", expected_version=None, by=world.bob, now=at(10, 40)
    )
    run_workers(at(10, 40))
    heard(ben, at(12, 20), departed_at=at(12, 20))
    run_workers(at(12, 20))
    assert [("12:50" in text, "12:" in text) for text in told(ben)] == [(True, True), (False, True)]


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


def test_what_happens_at_the_door_re_times_the_day_by_itself(world) -> None:
    _, amy, ben, _ = a_day(world)
    run_workers(at(10, 30))
    happened(amy, extended=45, **resting(amy, at(9)))
    with transaction.atomic():
        outbox.record(VisitProgressed(amy.id), market_id=world.market.id, now=at(10, 30))
    run_workers(at(10, 31))
    assert times(amy)[1] == at(11, 55)
    assert len(told(ben)) == 1


def test_texts_name_no_treatment(world) -> None:
    _, amy, ben, _ = a_day(world)
    heard(amy, at(10, 30), extended=45, **resting(amy, at(9)))
    run_workers(at(10, 30))
    assert KETAMINE.split("_", maxsplit=1)[0] not in told(ben)[0]
    assert "infusion" not in told(ben)[0]
