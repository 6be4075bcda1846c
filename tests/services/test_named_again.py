"""Whoever is named once more is asked once more; whoever is replaced is told so."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Channel, Language
from dispatch.domain.errors import NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.models import CompanionRequest, ContactConsent, Message, Visit
from dispatch.selectors.companions import answer_now, companion_request
from dispatch.selectors.wording import NotYetAsked, words_of
from dispatch.services.cancellation import cancel_visit
from tests.builders import NOW, TODAY, World, at
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


NOT_NEEDED = "companion_replaced"


def told(companion) -> list[str]:
    rows = Message.objects.filter(person_id=companion.id, state="sent")
    return sorted(rows.values_list("template", flat=True))


@pytest.mark.parametrize("yes", [True, False])
def test_whoever_is_replaced_hears_that_they_are_not_needed_and_nothing_more(
    world, visit, carl, yes
) -> None:
    if yes:
        answer(visit, CompanionAnswer.CONFIRMED, NOW)
    dana = world.companion(world.alice)
    name(world, visit, dana, LATER)
    assert told(carl) == [NOT_NEEDED, ASKED]
    keeping.compare_all(lambda _: None)
    name(world, visit, world.companion(world.alice), LATER)
    cancel(world, visit)
    assert told(carl) == [NOT_NEEDED, ASKED]
    assert told(dana) == [NOT_NEEDED, ASKED]


def test_whoever_declined_is_not_told_that_they_are_not_needed(world, visit, carl) -> None:
    answer(visit, CompanionAnswer.DECLINED, NOW)
    name(world, visit, world.companion(world.alice), LATER)
    assert told(carl) == [ASKED]


def test_whoever_was_never_asked_hears_of_no_end(world, visit, carl) -> None:
    silent = world.companion(world.alice)
    ContactConsent.objects.filter(person_id=silent.id).update(withdrawn_at=NOW)
    name(world, visit, silent, LATER)
    cancel(world, visit)
    assert not Message.objects.filter(person_id=silent.id, kind="cancelled").exists()
    assert not Message.objects.filter(person_id=silent.id, kind=NOT_NEEDED).exists()


@pytest.mark.parametrize(("said", "told_of_it"), [("confirmed", 1), ("declined", 0)])
def test_whoever_would_come_hears_of_the_end_and_nobody_else(
    world, visit, carl, said, told_of_it
) -> None:
    answer(visit, CompanionAnswer(said), NOW)
    cancel(world, visit)
    assert told(carl).count("companion_cancelled") == told_of_it


def test_one_replaced_by_night_hears_so_in_the_morning_though_the_visit_is_off(
    world, visit, carl
) -> None:
    night = at(23, day=TODAY)
    name(world, visit, world.companion(world.alice), night)
    cancel(world, visit, night)
    assert told(carl) == [ASKED]
    run_workers(at(8, 1))
    assert told(carl) == [NOT_NEEDED, ASKED]


def cancel(world, visit, now=LATER) -> None:
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=now)
    run_workers(now)


def test_nobody_is_sent_the_link_of_somebody_else(world, visit, carl) -> None:
    dana = world.companion(world.alice)
    row = Message.objects.get(visit=visit, template=ASKED)
    row.person_id = dana.id
    named = Visit.objects.select_related("location", "market").get(id=visit.id)
    with pytest.raises(NotYetAsked):
        words_of(named, row, Language.ENGLISH, Channel.TEXT)
