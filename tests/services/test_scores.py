"""PHQ-9 and GAD-7: added up, kept encrypted, and never a dead end for whoever is in danger."""

import pytest
from django.db import connection

from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.scores import Instrument
from dispatch.models import Score, Task
from dispatch.selectors.dashboard import dashboard_of_patient, score_taken
from dispatch.services.assignment import assign_visit
from dispatch.services.scores import record_score
from tests.builders import KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db

PHQ, GAD = Instrument.PHQ_9, Instrument.GAD_7


@pytest.fixture
def world() -> World:
    return World()


def score(world, instrument, items, by=None):
    by = by or world.alice
    return record_score(
        patient_id=world.alice.person_id, instrument=instrument, items=items, by=by, now=NOW
    )


@pytest.mark.parametrize(
    ("instrument", "items", "total"),
    [(PHQ, [3] * 9, 27), (PHQ, [1, 2, 3, 0, 0, 0, 0, 0, 0], 6), (GAD, [0] * 7, 0)],
)
def test_the_items_are_added_up_and_shown_with_their_date(world, instrument, items, total) -> None:
    score(world, instrument, items)
    (line,) = dashboard_of_patient(world.alice, world.alice.person_id, KETAMINE, now=NOW).scores
    assert (line.instrument, line.total, line.taken_at) == (instrument.value, total, NOW)


@pytest.mark.parametrize(
    ("instrument", "items"), [(PHQ, [1] * 7), (GAD, [1] * 9), (PHQ, [4] * 9), (GAD, [-1] * 7)]
)
def test_what_is_missing_or_out_of_range_is_named(world, instrument, items) -> None:
    with pytest.raises(Invalid) as refused:
        score(world, instrument, items)
    assert list(refused.value.fields) == ["items"]
    assert not Score.objects.exists()


@pytest.mark.parametrize("points", [1, 2, 3])
def test_thoughts_of_death_alert_a_clinician_and_name_a_crisis_line(world, points) -> None:
    score_id = score(world, PHQ, [0] * 8 + [points])
    task = Task.objects.get(kind="red_flag")
    assert (task.role, task.urgent, task.subject_id) == ("prescriber", True, score_id)
    taken = score_taken(world.alice, score_id, red_flag=True)
    assert "988" in taken.crisis


@pytest.mark.parametrize(("instrument", "items"), [(PHQ, [3] * 8 + [0]), (GAD, [3] * 7)])
def test_other_answers_alert_nobody(world, instrument, items) -> None:
    score(world, instrument, items)
    assert not Task.objects.exists()


def test_nothing_of_it_is_readable_in_the_database(world) -> None:
    score(world, PHQ, [3] * 9)
    with connection.cursor() as cursor:
        cursor.execute("SELECT items, total FROM score")
        items, total = cursor.fetchone()
    assert items.startswith("[") is False
    assert total != "27"


def test_a_nurse_keeps_those_of_the_patients_on_the_route_only(world) -> None:
    nina = world.nurse("nina")
    world.shift(nina)
    with pytest.raises(NotFound):
        score(world, GAD, [1] * 7, by=nina)
    assign_visit(world.book(world.home(world.alice), world.alice, at(10)), now=NOW)
    assert score(world, GAD, [1] * 7, by=nina)


def test_nobody_keeps_scores_of_another_patient(world) -> None:
    with pytest.raises(NotFound):
        score(world, GAD, [1] * 7, by=world.patient("mallory"))
