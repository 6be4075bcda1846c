"""Whoever is named once more is asked once more; whoever is replaced is told so."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.models import CompanionRequest, Visit
from dispatch.selectors.companions import answer_now, companion_request
from tests.builders import NOW, World
from tests.reminding import answer, booked, name, pass_hours, run_workers, sent, world_of_nina
from workers import keeping

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
ASKED = "companion_stays"


@pytest.fixture
def world() -> World:
    return world_of_nina()


@pytest.fixture
def carl(world):
    return world.companion(world.alice)


@pytest.fixture
def visit(world, carl) -> Visit:
    return booked(world, carl)


def said(visit: Visit) -> CompanionAnswer | None:
    return answer_now(Visit.objects.get(id=visit.id))


def test_one_who_declined_and_is_named_again_is_asked_again(world, visit, carl) -> None:
    answer(visit, CompanionAnswer.DECLINED, NOW)
    name(world, visit, carl, LATER)
    assert said(visit) is CompanionAnswer.ASKED
    assert sent(visit, "companion").count(ASKED) == 2
    answer(visit, CompanionAnswer.CONFIRMED, LATER)
    assert said(visit) is CompanionAnswer.CONFIRMED


def test_a_yes_of_before_somebody_else_was_named_opens_nothing(world, visit, carl) -> None:
    answer(visit, CompanionAnswer.CONFIRMED, NOW)
    name(world, visit, world.companion(world.alice), LATER)
    name(world, visit, carl, LATER)
    assert said(visit) is CompanionAnswer.ASKED
    assert sent(visit, "companion").count(ASKED) == 3
    closed = CompanionRequest.objects.filter(visit=visit, replaced_at__isnull=False)
    assert closed.count() == 2
    for one in closed:
        with pytest.raises(NotFound):
            companion_request(one.secret)


def test_whoever_is_named_twice_without_having_declined_keeps_link_and_answer(
    world, visit, carl
) -> None:
    answer(visit, CompanionAnswer.CONFIRMED, NOW)
    name(world, visit, carl, LATER)
    assert said(visit) is CompanionAnswer.CONFIRMED
    assert sent(visit, "companion").count(ASKED) == 1


def test_whoever_is_named_again_is_reminded_once(world, visit, carl) -> None:
    answer(visit, CompanionAnswer.DECLINED, NOW)
    name(world, visit, carl, LATER)
    keeping.compare_all(lambda _: None)
    run_workers(LATER)
    pass_hours(48, 24)
    assert sent(visit, "companion")[2:] == [
        "companion_reminder_two_days", "companion_reminder_one_day",
    ]  # fmt: skip
