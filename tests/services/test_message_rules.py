"""What the rules send around a visit: eating, questions, suspensions, the nurse, the days after."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Language
from dispatch.domain.clock import local
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import Companion, LocalMessage, Message, Patient, Task, Visit
from dispatch.selectors.protocols import protocol_of
from dispatch.services.medication import agree_last_dose
from dispatch.services.message_notices import tell_suspended
from dispatch.services.protocols import sign_off
from dispatch.services.screening import keep_answers, record_screening
from tests import door
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TODAY, ZONE, World, at
from tests.readying import make_ready, sign_papers
from tests.reminding import (
    DAY,
    HOUR,
    SERVED,
    START,
    answer,
    bodies,
    booked,
    lose_answer,
    pass_hours,
    run_workers,
    sent,
    to_do,
    world_of_nina,
)
from workers import keeping, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return world_of_nina()


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


@pytest.mark.parametrize(("outcome", "told"), [("ReadTimeout", 1), ("", 1), ("Refused", 0)])
def test_whoever_may_have_heard_of_a_suspension_hears_that_the_visit_stands(
    world, outcome: str, told: int
) -> None:
    sign_papers(world)
    visit = booked(world)
    say(world, pregnant="yes")
    lose_answer(visit, "suspended", outcome)
    say(world, pregnant="no")
    assert sent(visit).count("resumed") == told


def test_a_suspension_perhaps_heard_of_and_lifted_unsaid_is_told_anew(world) -> None:
    sign_papers(world)
    visit = booked(world)
    say(world, pregnant="yes")
    lose_answer(visit, "suspended")
    Message.objects.filter(visit=visit, template="suspended").update(state="withdrawn")
    for _ in range(2):
        tell_suspended(visit.id, now=NOW)
    run_workers(NOW)
    assert sent(visit).count("suspended") == 1


def test_news_that_got_lost_of_a_suspension_is_found_missing(world) -> None:
    sign_papers(world)
    visit = booked(world)
    say(world, pregnant="yes")
    news = Message.objects.filter(visit=visit, template="suspended")
    news.first().tries.all().delete()
    news.delete()
    assert keeping.compare_all(lambda _: None).planned == 1
    assert keeping.compare_all(lambda _: None).planned == 0
    assert news.get().state == "due"


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
    run_workers(START - 2 * HOUR)
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


def test_a_medication_on_nobodys_list_is_put_there_before_the_visit(world) -> None:
    served = TODAY + 30 * DAY
    world.shift(world.nina, served)
    visit = booked(world, start=at(10, day=served))
    screening = record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | {"benzodiazepines": True},
        by=world.alice, now=NOW,
    )  # fmt: skip
    run_workers(NOW)
    Task.objects.update(done_at=NOW)
    run_workers(at(8, 59, day=served - 21 * DAY))
    assert "agree_medication" not in to_do(visit)
    run_workers(at(9, day=served - 21 * DAY))
    assert "agree_medication" in to_do(visit)
    agree_last_dose(
        screening, rule_code="benzodiazepine", last_dose_on=TODAY, agreed_with="Dr. Okafor",
        by=world.dora, now=at(10, day=served - 21 * DAY),
    )  # fmt: skip
    assert "agree_medication" not in to_do(visit)
