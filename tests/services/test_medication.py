"""Medication that has to end first: a clinician agrees the last dose, the rest follows from it."""

from datetime import date, timedelta

import pytest
from django.db import connection

from dispatch.domain.clock import service_date, to_instant
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.series import Wish
from dispatch.domain.tasks import TaskKind
from dispatch.models import Agreement, Hold, Task
from dispatch.selectors.clearance import standing
from dispatch.services.booking import request_visit
from dispatch.services.medication import agree_last_dose
from dispatch.services.screening import clear_screening, keep_answers, record_screening
from dispatch.services.series import hold_series
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TODAY, ZONE, World, at

pytestmark = pytest.mark.django_db

TAKES = CLEARED | {"benzodiazepines": True}
LAST_DOSE = date(2027, 6, 10)
EARLIEST = date(2027, 6, 24)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def screen(world: World, answers=TAKES, now=NOW):
    return record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=answers, by=world.alice, now=now
    )


def agree(world: World, screening, last_dose=LAST_DOSE, rule="benzodiazepine", now=NOW) -> date:
    return agree_last_dose(
        screening, rule_code=rule, last_dose_on=last_dose, agreed_with="Dr. Okafor",
        by=world.dora, now=now,
    )  # fmt: skip


def agreed(world: World):
    screening = screen(world)
    agree(world, screening)
    clear_screening(screening, by=world.dora, now=NOW)
    return screening


def open_kinds() -> set[str]:
    return set(Task.objects.filter(done_at__isnull=True).values_list("kind", flat=True))


def midnight(day: date):
    from datetime import time

    return to_instant(day, time(), ZONE)


def test_a_clinician_agrees_the_last_dose_before_anybody_is_cleared(world) -> None:
    screening = screen(world)
    assert open_kinds() == {TaskKind.AGREE_MEDICATION, TaskKind.REVIEW_SCREENING}
    with pytest.raises(Conflict) as refused:
        clear_screening(screening, by=world.dora, now=NOW)
    assert refused.value.code == "medication_open"
    assert agree(world, screening) == EARLIEST
    assert open_kinds() == {TaskKind.REVIEW_SCREENING}
    clear_screening(screening, by=world.dora, now=NOW)
    assert open_kinds() == set()
    assert standing(world.alice.person_id, KETAMINE, now=NOW).since == midnight(EARLIEST)


def test_nothing_before_the_earliest_day_is_offered_held_or_booked(world) -> None:
    nina, home = world.nurse("nina"), world.home(world.alice)
    world.shift(nina, EARLIEST - DAY)
    world.shift(nina, EARLIEST)
    (early, *_) = world.slots(home, EARLIEST - DAY)
    agreed(world)
    assert world.slots(home, EARLIEST - DAY) == ()
    assert world.slots(home, EARLIEST)
    with pytest.raises(Conflict) as refused:
        world.hold(early, home, world.bob)
    assert refused.value.code == "not_cleared"
    assert refused.value.facts["earliest"].startswith(EARLIEST.isoformat())
    assert world.book(home, world.alice, at(10, day=EARLIEST))


def test_a_wish_for_any_time_begins_with_the_earliest_day(world) -> None:
    from dispatch.models import Visit

    home = world.home(world.alice)
    agreed(world)
    asked = {"location_id": home.id, "protocol_code": KETAMINE, "companion_id": None, "key": None,
             "by": world.alice, "now": NOW}  # fmt: skip
    with pytest.raises(Conflict, match="later"):
        request_visit(start=at(9), end=at(17), **asked)
    visit = request_visit(start=at(9, day=EARLIEST - DAY), end=at(17, day=EARLIEST), **asked)
    assert Visit.objects.get(id=visit).window_start == midnight(EARLIEST)


def test_a_series_begins_on_the_earliest_day_where_no_other_was_asked_for(world) -> None:
    nina = world.nurse("nina")
    for number in range(34):
        world.shift(nina, TODAY + number * DAY)
    home = world.home(world.alice)
    agreed(world)
    wanted = {"location_id": home.id, "protocol_code": KETAMINE, "by": world.alice, "now": NOW}
    with pytest.raises(Conflict) as refused:
        hold_series(wish=Wish(first_day=TODAY + DAY), **wanted)
    assert refused.value.code == "no_series"
    hold_series(wish=Wish(), **wanted)
    first = Hold.objects.order_by("series_number")[0]
    assert service_date(first.window_start, ZONE) == EARLIEST


def test_whoever_takes_it_back_the_next_day_is_not_cleared_by_that(world) -> None:
    screen(world)
    no = keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers={"benzodiazepines": False},
        by=world.alice, now=NOW + DAY,
    )  # fmt: skip
    assert standing(world.alice.person_id, KETAMINE, now=NOW + DAY) is None
    with pytest.raises(Conflict):
        clear_screening(no.screening_id, by=world.dora, now=NOW + DAY)
    later = NOW + 14 * DAY
    keep_answers(patient_id=None, protocol_code=KETAMINE, by=world.alice, now=later,
                 answers={name: CLEARED[name] for name in
                          ("mania", "suicidal_now", "pregnant", "breastfeeding")})  # fmt: skip
    assert standing(world.alice.person_id, KETAMINE, now=later) is not None


def test_a_new_yes_after_the_agreement_opens_it_again(world) -> None:
    agreed(world)
    after = NOW + 5 * DAY
    answers = {"benzodiazepines": True}
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers=answers, by=world.alice, now=after
    )
    assert standing(world.alice.person_id, KETAMINE, now=after) is None
    assert TaskKind.AGREE_MEDICATION in open_kinds()


def test_a_no_after_the_agreement_keeps_the_earliest_day(world) -> None:
    agreed(world)
    after = NOW + 5 * DAY
    answers = {"benzodiazepines": False}
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers=answers, by=world.alice, now=after
    )
    assert standing(world.alice.person_id, KETAMINE, now=after).since == midnight(EARLIEST)


def test_what_cannot_be_agreed_is_refused(world) -> None:
    screening = screen(world)
    for fault in ({"rule": "naltrexone"}, {"last_dose": TODAY + 90 * DAY}):
        with pytest.raises(Invalid):
            agree(world, screening, **fault)
    well = screen(world, CLEARED | {"aneurysm": True}, NOW + 20 * DAY)
    with pytest.raises(Invalid):
        agree(world, well, now=NOW + 20 * DAY)
    with pytest.raises(Conflict, match="not waiting"):
        agree(world, screening, now=NOW + 20 * DAY)
    assert not Agreement.objects.exists()


def test_nothing_of_an_agreement_is_readable_in_the_database(world) -> None:
    agreed(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text FROM medication_agreement m")
        (row,) = cursor.fetchone()
    assert not any(word in row for word in ("Okafor", "benzo", LAST_DOSE.isoformat()))
