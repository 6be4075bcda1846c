"""What the rules send around a visit: the companion's loop, suspensions, the days after."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Language
from dispatch.domain.clock import local
from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import (
    Companion,
    CompanionRequest,
    LocalMessage,
    Market,
    Message,
    MessageAttempt,
    Patient,
    Task,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.selectors.protocols import protocol_of
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.companions import answer_as_companion
from dispatch.services.protocols import sign_off
from dispatch.services.screening import keep_answers
from tests import door
from tests.builders import KETAMINE, NOW, TOMORROW, ZONE, World, at
from tests.readying import make_ready, prepare, sign_papers
from workers import work

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SERVED = TOMORROW + 4 * DAY
START = at(10, day=SERVED)
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina")
    world.shift(world.nina, SERVED)
    return world


def run_workers(now) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def booked(world, companion=None, start=START, now=NOW) -> Visit:
    run_workers(now)
    visit_id = world.book(world.home(world.alice), world.alice, start, companion=companion, now=now)
    run_workers(now)
    return Visit.objects.get(id=visit_id)


def sent(visit, audience="patient", state="sent") -> list[str]:
    rows = Message.objects.filter(visit=visit, audience=audience, state=state)
    return list(rows.order_by("sent_at", "id").values_list("template", flat=True))


def to_do(visit) -> set[str]:
    tasks = Task.objects.filter(visit=visit, done_at__isnull=True)
    return set(tasks.values_list("kind", flat=True))


def answer(visit, said, now) -> None:
    asked = CompanionRequest.objects.get(visit=visit, replaced_at__isnull=True)
    answer_as_companion(asked.secret, said, now=now)
    run_workers(now)


def pass_hours(*hours_before) -> None:
    for hours in hours_before:
        run_workers(START - hours * HOUR)


PRESSED = ["companion_open_two_days", "companion_open_one_day"]


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


def test_a_visit_booked_late_gives_people_an_hour_to_answer(world) -> None:
    now = START - 11 * HOUR
    visit = booked(world, world.companion(world.alice), now=now)
    assert to_do(visit) == set()
    run_workers(now + HOUR)
    assert to_do(visit) == {"companion_unconfirmed", "visit_on_hold"}


def test_eating_is_spoken_of_only_where_a_clinician_has_approved_it(world) -> None:
    visit = booked(world)
    run_workers(at(17, day=SERVED - DAY))
    assert "eating" not in sent(visit)
    assert "eating" in sent(visit, state="withdrawn")


def test_an_approved_rule_of_eating_is_told_in_its_own_words(world) -> None:
    visit = booked(world)
    row = world.protocol_row()
    sign_off(KETAMINE, row.version, rules=["fasting"], by=world.dora, now=NOW)
    run_workers(at(17, day=SERVED - DAY))
    (body,) = bodies(visit, "eating")
    rules = {one.code: one.text for one in protocol_of(row.id).extra_rules}
    assert rules["fasting"] in body


def test_a_sign_off_in_another_market_approves_nothing_here(world) -> None:
    visit = booked(world)
    other = World(name="Elsewhere")
    row = world.protocol_row()
    sign_off(KETAMINE, row.version, rules=["fasting"], by=other.dora, now=NOW)
    run_workers(at(17, day=SERVED - DAY))
    assert "eating" not in sent(visit)


def bodies(visit, template) -> list[str]:
    tries = MessageAttempt.objects.filter(message__visit=visit, message__template=template)
    return [one.body for one in tries]


QUESTIONS = {"screening_due", "screening_still_due"}


def test_the_questions_of_a_visit_are_asked_for_until_they_are_answered(world) -> None:
    visit = booked(world)
    pass_hours(73)
    assert not QUESTIONS & set(sent(visit))
    pass_hours(72)
    assert "screening_due" in sent(visit)
    pass_hours(24)
    assert set(sent(visit)) >= QUESTIONS


def test_questions_that_are_answered_are_not_asked_for(world) -> None:
    visit = booked(world)
    sign_papers(world, now=START - 71 * HOUR)
    pass_hours(70, 24)
    assert not QUESTIONS & set(sent(visit))


def test_patient_and_companion_hear_of_a_suspension_and_that_the_visit_stands_again(world) -> None:
    sign_papers(world)
    visit = booked(world, world.companion(world.alice))
    answer(visit, CompanionAnswer.CONFIRMED, NOW)
    for times in (1, 2):
        say(world, pregnant="yes")
        assert sent(visit).count("suspended") == times
        assert sent(visit, "companion").count("companion_suspended") == times
        assert sent(visit).count("resumed") == times - 1
        say(world, pregnant="no")
        assert sent(visit).count("resumed") == times
        assert sent(visit, "companion").count("companion_resumed") == times
    assert "(" not in "".join(bodies(visit, "suspended"))


def say(world, **answers) -> None:
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers=answers, by=world.alice, now=NOW
    )  # fmt: skip
    run_workers(NOW)


def test_whoever_heard_of_no_suspension_hears_of_no_end_to_it(world) -> None:
    sign_papers(world)
    visit = booked(world)
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers={"pregnant": "yes"}, by=world.alice,
        now=NOW,
    )  # fmt: skip
    work.deliver_events()
    say(world, pregnant="no")
    assert not {"suspended", "resumed"} & set(sent(visit))


def treated(world) -> Visit:
    visit = booked(world, world.companion(world.alice))
    make_ready(world, visit.id, now=START - 20 * HOUR)
    steps = {
        Action.DEPART: -10,
        Action.ARRIVE: 0,
        Action.START_INFUSION: 20,
        Action.END_INFUSION: 60,
        Action.DISCHARGE: 125,
        Action.COMPLETE: 135,
    }
    for action, minutes in steps.items():
        now = START + timedelta(minutes=minutes)
        door.step(visit.id, action, world.nina, now)
        run_workers(now)
    return visit


def test_the_patient_is_told_that_the_nurse_is_on_her_way_and_when_she_comes(world) -> None:
    visit = treated(world)
    assert sent(visit).count("on_the_way") == 1
    (body,) = bodies(visit, "on_the_way")
    told = Message.objects.get(visit=visit, template="on_the_way").named_start
    assert f"about {local(told, ZONE):%-I:%M %p}" in body
    assert "running_late" not in sent(visit)


def test_the_days_after_a_visit_are_told_once(world) -> None:
    visit = treated(world)
    run_workers(at(20, day=SERVED))
    assert sent(visit).count("aftercare_rest") == 1
    for hours in range(0, 60, 4):
        run_workers(at(8, day=SERVED + DAY) + hours * HOUR)
    after = [one for one in sent(visit) if one in {"follow_up", "feedback", "next_visit"}]
    assert after == ["follow_up", "feedback"]


def test_whoever_has_another_visit_booked_is_told_when_it_is(world) -> None:
    visit = treated(world)
    later = SERVED + 3 * DAY
    world.shift(world.nina, later)
    world.book(
        world.home(world.alice), world.alice, at(14, day=later), now=START + 3 * HOUR
    )  # fmt: skip
    run_workers(at(17, day=SERVED + DAY))
    (body,) = bodies(visit, "next_visit")
    assert f"{later:%a} {later.day} {later:%b}, 2:00 PM-2:30 PM" in body


def test_each_reads_their_own_language(world) -> None:
    carl = world.companion(world.alice)
    Companion.objects.filter(id=carl.id).update(language=Language.SPANISH.value)
    visit = booked(world, carl)
    (asked,) = bodies(visit, "companion_stays")
    assert asked.startswith("Le nombraron como el adulto")
    assert f"{START.day} jun, 10:00 a. m.-10:30 a. m." in asked
    Patient.objects.update(language=Language.SPANISH.value)
    run_workers(at(18, day=SERVED - DAY))
    (near,) = bodies(visit, "day_before")
    assert "lista de medicamentos" in near
    subjects = LocalMessage.objects.filter(key=str(Message.objects.get(template="day_before").id))
    assert subjects.get().subject == "Su visita se acerca"
