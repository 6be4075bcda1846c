"""Several processes compare the same visits while their events are delivered."""

import pytest

from dispatch.domain.reconciling import Found
from dispatch.models import Message
from dispatch.services.engine import look_at_database
from tests.builders import NOW, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import locked, set_clock
from workers import keeping, work

VISITS = 12


@pytest.fixture
def visits(fresh_database: Clone) -> list:
    world = World()
    for number in range(VISITS):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    look_at_database()
    people = [world.patient(f"patient {number}") for number in range(VISITS)]
    return [world.book(world.home(each), each, at(10)) for each in people]


def compare() -> Found:
    return keeping.compare_all(lambda _: None)


def test_a_message_is_planned_once_however_many_plan_it(visits) -> None:
    assert not [
        one for one in race([compare, work.deliver_events] * 3) if isinstance(one, Exception)
    ]
    planned = Message.objects.values_list("visit_id", "template", "person_id")
    assert len(planned) == len(set(planned))
    assert set(planned.filter(kind="confirmation").values_list("visit_id", flat=True)) == set(
        visits
    )
    compare()
    assert compare() == Found(visits=VISITS)


def test_a_visit_that_somebody_is_changing_is_left_for_the_next_time(
    visits, fresh_database: Clone
) -> None:
    with locked(fresh_database, "SELECT id FROM visit ORDER BY id LIMIT 1 FOR UPDATE"):
        assert compare().visits == VISITS - 1, "nobody is waited for"
    compare()
    assert Message.objects.filter(visit_id=visits[0], kind="confirmation").count() == 1
