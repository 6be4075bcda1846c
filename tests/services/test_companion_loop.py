"""A visit for which nobody has confirmed is pressed for, and held back until somebody has."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import Task
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.screening import keep_answers
from tests import door
from tests.builders import KETAMINE, World, at
from tests.readying import prepare, sign_papers
from tests.reminding import (
    DAY,
    HOUR,
    SERVED,
    START,
    answer,
    booked,
    name,
    pass_hours,
    run_workers,
    sent,
    to_do,
    world_of_nina,
)
from workers import keeping

pytestmark = pytest.mark.django_db
PRESSED = ["companion_open_two_days", "companion_open_one_day"]


@pytest.fixture
def world() -> World:
    return world_of_nina()


def test_a_visit_for_which_nobody_is_named_is_pressed_for_and_held_back(world) -> None:
    visit = booked(world)
    pass_hours(72)
    assert "name_companion_stays" in sent(visit)
    pass_hours(48, 24)
    assert [one for one in sent(visit) if one in PRESSED] == PRESSED
    assert to_do(visit) == set()
    pass_hours(18)
    assert to_do(visit) == {"companion_unconfirmed"}
    run_workers(at(20, 30, day=SERVED - DAY))
    assert "on_hold" in sent(visit), "22:00 is too late to write, and the morning too late to act"
    pass_hours(12)
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}
    assert Task.objects.get(kind="visit_on_hold").urgent
    visit.refresh_from_db()
    assert (visit.status, visit.reservation_id is not None) == ("assigned", True)


def test_a_visit_on_hold_does_not_begin_until_somebody_has_confirmed(world) -> None:
    visit = booked(world, world.companion(world.alice))
    sign_papers(world, now=START - 71 * HOUR)
    prepare(world, visit.id, now=START - 20 * HOUR)
    run_workers(START - 11 * HOUR)
    leaves = START - timedelta(minutes=10)
    with pytest.raises(Conflict) as refused:
        door.step(visit.id, Action.DEPART, world.nina, leaves)
    assert [gate["name"] for gate in refused.value.facts["gates"]] == ["companion"]
    assert "visit_on_hold" in to_do(visit)
    answer(visit, CompanionAnswer.CONFIRMED, START - 10 * HOUR)
    assert to_do(visit) == set()
    door.step(visit.id, Action.DEPART, world.nina, leaves)


def test_a_companion_who_does_not_answer_is_reminded_and_the_patient_told(world) -> None:
    visit = booked(world, world.companion(world.alice))
    pass_hours(72, 48, 24)
    assert sent(visit, "companion") == [
        "companion_stays", "companion_reminder_two_days", "companion_reminder_one_day",
    ]  # fmt: skip
    assert [one for one in sent(visit) if one in PRESSED] == PRESSED
    assert "name_companion_stays" not in sent(visit)


def test_nothing_more_is_sent_once_the_companion_has_confirmed(world) -> None:
    visit = booked(world, world.companion(world.alice))
    pass_hours(48)
    answer(visit, CompanionAnswer.CONFIRMED, START - 47 * HOUR)
    pass_hours(24, 18, 12, 1)
    assert sent(visit, "companion") == ["companion_stays", "companion_reminder_two_days"]
    assert not {"companion_open_one_day", "on_hold"} & set(sent(visit))
    assert to_do(visit) == set()
    assert Task.objects.filter(visit=visit).count() == 0


def test_a_companion_lost_after_confirming_brings_the_tasks_back(world) -> None:
    visit = booked(world, world.companion(world.alice))
    pass_hours(18, 12)
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}
    answer(visit, CompanionAnswer.CONFIRMED, START - 11 * HOUR)
    assert to_do(visit) == set()
    answer(visit, CompanionAnswer.DECLINED, START - 10 * HOUR)
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}
    cancel_visit(
        visit.id, reason="", expected_version=None, by=world.alice, now=START - 9 * HOUR
    )  # fmt: skip
    run_workers(START - 9 * HOUR)
    assert to_do(visit) == set()


def test_a_companion_who_confirmed_in_time_and_declines_late_puts_the_visit_on_hold(world) -> None:
    visit = booked(world, world.companion(world.alice))
    answer(visit, CompanionAnswer.CONFIRMED, START - 60 * HOUR)
    pass_hours(18, 12)
    assert Task.objects.filter(visit=visit).count() == 0
    answer(visit, CompanionAnswer.DECLINED, START - 10 * HOUR)
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}


def test_a_companion_who_declines_early_puts_nothing_on_hold_yet(world) -> None:
    visit = booked(world, world.companion(world.alice))
    answer(visit, CompanionAnswer.DECLINED, START - 49 * HOUR)
    assert to_do(visit) == set()
    assert "companion_declined" in sent(visit)
    pass_hours(18)
    assert to_do(visit) == {"companion_unconfirmed"}


def test_a_visit_that_moves_is_pressed_for_anew(world) -> None:
    visit = booked(world)
    pass_hours(12)
    assert "visit_on_hold" in to_do(visit)
    later = SERVED + 2 * DAY
    world.shift(world.nina, later)
    now = START - 11 * HOUR
    (slot,) = (
        one for one in world.slots(visit.location, later, now=now) if one.start == at(10, day=later)
    )
    hold_id = world.hold(slot, visit.location, world.alice, now=now)
    reschedule_visit(visit.id, hold_id, expected_version=None, by=world.alice, now=now)
    run_workers(now)
    assert to_do(visit) == set()
    run_workers(at(10, day=later) - 18 * HOUR)
    assert to_do(visit) == {"companion_unconfirmed"}


def test_whoever_is_named_while_the_nurse_is_late_is_still_asked_and_opens_the_gate(world) -> None:
    visit = booked(world, world.companion(world.alice))
    answer(visit, CompanionAnswer.DECLINED, START - HOUR)
    late = START + timedelta(minutes=20)
    name(world, visit, world.companion(world.alice), late)
    assert sent(visit, "companion").count("companion_stays") == 2
    answer(visit, CompanionAnswer.DECLINED, late)
    assert sent(visit).count("companion_declined") == 2


def test_the_patient_hears_of_every_no_and_of_none_twice(world) -> None:
    visit = booked(world, world.companion(world.alice))
    for hours, told in ((49, 1), (46, 2), (43, 3)):
        answer(visit, CompanionAnswer.DECLINED, START - hours * HOUR)
        answer(visit, CompanionAnswer.DECLINED, START - (hours - 1) * HOUR)
        keeping.compare_all(lambda _: None)
        run_workers(START - (hours - 1) * HOUR)
        assert sent(visit).count("companion_declined") == told
        answer(visit, CompanionAnswer.CONFIRMED, START - (hours - 2) * HOUR)


def test_nobody_of_ours_is_pressed_for_a_visit_that_is_suspended(world) -> None:
    visit = booked(world, world.companion(world.alice))
    sign_papers(world, now=START - 71 * HOUR)
    pass_hours(18, 12)
    held = {"companion_unconfirmed", "visit_on_hold"}
    for pregnant, left in (("yes", ("suspended", set())), ("no", ("assigned", held))):
        now = START - 11 * HOUR
        keep_answers(
            patient_id=None, protocol_code=KETAMINE, answers={"pregnant": pregnant},
            by=world.alice, now=now,
        )  # fmt: skip
        run_workers(now)
        visit.refresh_from_db()
        assert (visit.status, to_do(visit) & held) == left


def test_a_visit_booked_late_gives_people_an_hour_to_answer(world) -> None:
    now = START - 11 * HOUR
    visit = booked(world, world.companion(world.alice), now=now)
    assert to_do(visit) == set()
    run_workers(now + HOUR + timedelta(minutes=1))
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}
