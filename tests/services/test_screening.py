"""Answers given one at a time and judged anew: the clearance follows what is true now."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.gates import GateName
from dispatch.domain.tasks import TaskKind
from dispatch.models import Answer, Clearance, OutboxEvent, Screening, Task, Visit
from dispatch.selectors.clearance import standing
from dispatch.selectors.gates import gates_of, visit_questions_seen_by
from dispatch.selectors.screening import progress_seen_by
from dispatch.services.screening import clear_screening, keep_answers, record_screening
from tests.answers import CLEARED, CLEARED_FOR_A_DRIP
from tests.builders import KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db

DRIP = "hydration_drip"
DAY = timedelta(days=1)
VISIT_ANSWERS = {"suicidal_now": False, "pregnant": "no", "breastfeeding": False}


@pytest.fixture
def world() -> World:
    return World()


WEEKLY = (12, 19, 26, 33)


def screen(world: World, now=NOW, protocol=KETAMINE, answers=CLEARED):
    return record_screening(
        patient_id=None, protocol_code=protocol, answers=answers, by=world.alice, now=now
    )


def say(world: World, now=NOW, protocol=KETAMINE, **answers):
    return keep_answers(
        patient_id=None, protocol_code=protocol, answers=answers, by=world.alice, now=now
    )


def cleared(world: World, protocol=KETAMINE, now=NOW) -> bool:
    return standing(world.alice.person_id, protocol, now=now) is not None


def events(name: str) -> int:
    return OutboxEvent.objects.filter(name=name).count()


def open_tasks(kind: TaskKind) -> int:
    return Task.objects.filter(kind=kind.value, done_at__isnull=True).count()


def clearance_gate(visit_id, now):
    gates = gates_of(Visit.objects.get(id=visit_id), now=now)
    return next(gate for gate in gates if gate.name is GateName.CLEARANCE)


def test_one_question_after_the_other_ends_with_a_verdict(world) -> None:
    answers, asked = CLEARED | {"therapist": None, "notes": None}, []
    for _ in answers:
        progress = progress_seen_by(world.alice, None, KETAMINE, now=NOW)
        assert progress.answered == len(asked)
        asked.append(progress.next.id)
        kept = say(world, **{progress.next.id: answers[progress.next.id]})
        assert (kept.screening_id is None) == (len(asked) < len(answers))
    assert sorted(asked) == sorted(answers)
    assert progress_seen_by(world.alice, None, KETAMINE, now=NOW).next is None
    assert Screening.objects.get(id=kept.screening_id).outcome == "cleared"
    assert cleared(world)


def test_answers_of_one_form_count_in_the_other(world) -> None:
    screen(world)
    left = progress_seen_by(world.alice, None, DRIP, now=NOW)
    assert left.questions - left.answered == 3
    say(world, protocol=DRIP, heart_failure=False, kidney_disease=False)
    assert say(world, protocol=DRIP, feeling_very_ill=False).screening_id is not None
    assert cleared(world, DRIP)


def test_a_bad_answer_is_named_and_nothing_is_kept(world) -> None:
    with pytest.raises(Invalid) as refused:
        say(world, pregnant="perhaps", mania=False, shoe_size=42)
    assert set(refused.value.fields) == {"pregnant", "shoe_size"}
    assert not Answer.objects.exists()


def test_a_red_flag_is_answered_at_once_and_the_questions_go_on(world) -> None:
    say(world, birth_date="1980-05-17")
    kept = say(world, suicidal_now=True)
    assert "988" in kept.crisis[0]
    assert "911" in kept.crisis[0]
    task = Task.objects.get(kind=TaskKind.RED_FLAG.value)
    assert (task.urgent, task.role, task.patient_id) == (True, "prescriber", world.alice.person_id)
    assert progress_seen_by(world.alice, None, KETAMINE, now=NOW).next.id == "indication"
    assert say(world, indication=["ptsd"]).crisis == ()
    assert open_tasks(TaskKind.RED_FLAG) == 1


def test_a_changed_answer_takes_every_clearance_that_it_speaks_against(world) -> None:
    screen(world)
    screen(world, protocol=DRIP, answers=CLEARED_FOR_A_DRIP)
    say(world, NOW + DAY, protocol=DRIP, pregnant="yes")
    assert not cleared(world, now=NOW + DAY)
    assert not cleared(world, DRIP, now=NOW + DAY)
    assert events("ClearanceLost") == 2
    latest = {one.protocol.code: one.outcome for one in Screening.objects.order_by("id")}
    assert latest == {KETAMINE: "refused", DRIP: "review"}
    assert open_tasks(TaskKind.REVIEW_SCREENING) == 1


def test_an_answer_that_changes_nothing_takes_nothing(world) -> None:
    screen(world)
    say(world, NOW + DAY, mania=False)
    assert cleared(world)
    assert events("ClearanceLost") == 0


def test_a_clearance_never_outlives_the_answers_it_rests_on(world) -> None:
    screen(world)
    until = standing(world.alice.person_id, KETAMINE, now=NOW).until
    assert until == NOW + 90 * DAY
    for day in range(1, 30):
        say(world, NOW + day * DAY, **VISIT_ANSWERS)
    assert standing(world.alice.person_id, KETAMINE, now=NOW + 29 * DAY).until == until


def test_what_a_clinician_decided_stands_until_something_new_is_said(world) -> None:
    reviewed = screen(world, answers=CLEARED | {"aneurysm": True, "pregnant": "possibly"})
    clear_screening(reviewed, by=world.dora, now=NOW)
    assert open_tasks(TaskKind.REVIEW_SCREENING) == 0
    assert say(world, NOW + DAY, mania=False, aneurysm=True).screening_id == reviewed
    assert cleared(world)
    say(world, NOW + DAY, pregnant="possibly")
    assert not cleared(world, now=NOW + DAY), "of each visit: the same answer is news"
    assert open_tasks(TaskKind.REVIEW_SCREENING) == 1


def test_newer_answers_end_the_task_of_the_older(world) -> None:
    old = screen(world, answers=CLEARED | {"aneurysm": True})
    screen(world, NOW + DAY, answers=CLEARED | {"liver": True})
    (task,) = Task.objects.filter(kind=TaskKind.REVIEW_SCREENING.value, done_at__isnull=True)
    assert task.subject_id != old
    with pytest.raises(Conflict, match="not waiting"):
        clear_screening(old, by=world.dora, now=NOW + DAY)


def test_the_questions_of_a_visit_are_asked_for_that_visit(world) -> None:
    nina, home = world.nurse("nina"), world.home(world.alice)
    for days in (1, 5, *WEEKLY):
        world.shift(nina, (NOW + days * DAY).date())
    screen(world)
    first = world.book(home, world.alice, at(10))
    assert clearance_gate(first, NOW).open, "the screening was today"
    fifth = at(10, day=(NOW + 5 * DAY).date())
    second = world.book(home, world.alice, fifth)
    gate = clearance_gate(second, NOW)
    assert (gate.open, gate.resolver.value) == (False, "patient")
    assert "before each visit" in gate.reason
    found = visit_questions_seen_by(world.alice, second, now=NOW)
    assert {one.id for one in found.questions} == set(VISIT_ANSWERS)
    assert found.asked_from == fifth - 3 * DAY

    say(world, found.asked_from - timedelta(seconds=1), **VISIT_ANSWERS)
    assert not clearance_gate(second, found.asked_from).open
    say(world, found.asked_from, **VISIT_ANSWERS)
    assert clearance_gate(second, found.asked_from).open

    *_, third = (
        world.book(home, world.alice, at(10, day=(NOW + days * DAY).date())) for days in WEEKLY
    )
    before = NOW + 32 * DAY
    say(world, before, **VISIT_ANSWERS)
    assert "too old" in clearance_gate(third, before).reason
    due = visit_questions_seen_by(world.alice, third, now=before).questions
    say(world, before, **{one.id: CLEARED[one.id] for one in due})
    assert clearance_gate(third, before).open


def test_an_answer_before_the_visit_before_is_not_for_this_one(world) -> None:
    nina, home = world.nurse("nina"), world.home(world.alice)
    days = [(NOW + days * DAY).date() for days in (1, 3)]
    for day in days:
        world.shift(nina, day)
    screen(world)
    first, second = (world.book(home, world.alice, at(10, day=day)) for day in days)
    assert clearance_gate(first, NOW).open
    assert not clearance_gate(second, NOW).open
    say(world, at(13), **VISIT_ANSWERS)
    assert clearance_gate(second, at(13)).open


def test_answers_and_judgements_are_not_readable_in_the_database(world) -> None:
    from django.db import connection

    screen(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM answer WHERE question = 'mental_health_provider'")
        assert "Okafor" not in cursor.fetchone()[0]
    assert Clearance.objects.count() == 1
