"""The main job as a story: booked, assigned, reminded, the route pulled, completed."""

import re
from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import LocalMessage, Message, Visit
from dispatch.selectors.day_route import route_on
from dispatch.services.companions import answer_as_companion
from tests.builders import NOW, TOMORROW, World, at
from tests.door import step
from tests.readying import prepare, sign_papers
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def run_workers(now) -> None:
    """Let the workers do all that is due in a market whose clock shows ``now``."""
    from dispatch.models import Market
    from dispatch.models.clock import database_now

    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def test_alice_books_and_nina_completes(world) -> None:
    nina = world.nurse("nina")
    world.shift(nina)
    home, carl = world.home(world.alice), world.companion(world.alice)
    sign_papers(world)

    visit_id = world.book(home, world.alice, at(10), companion=carl)
    assert Visit.objects.get(id=visit_id).status == "requested"
    run_workers(NOW)
    assert Visit.objects.get(id=visit_id).status == "assigned"

    with pytest.raises(Conflict) as refused:
        step(visit_id, Action.DEPART, nina, at(9))
    closed = [gate["name"] for gate in refused.value.facts["gates"]]
    assert closed == ["companion", "kit", "home", "coverage"]
    prepare(world, visit_id)
    with pytest.raises(Conflict) as refused:
        step(visit_id, Action.DEPART, nina, at(9))
    assert [gate["name"] for gate in refused.value.facts["gates"]] == ["companion"]

    asked = LocalMessage.objects.get(key=str(Message.objects.get(kind="companion_request").id))
    secret = re.search(r"/companion/(\S+)", asked.body)[1]
    answer_as_companion(secret, CompanionAnswer.CONFIRMED, now=NOW)
    run_workers(at(18, day=TOMORROW - timedelta(days=1)))
    run_workers(at(8))
    assert sent_kinds(visit_id) == {
        "confirmation", "companion_request", "day_before", "two_hours_before"
    }  # fmt: skip

    (stop,) = route_on(nina.person_id, TOMORROW, now=at(8)).stops
    assert stop.visit == visit_id
    for now, action in (
        (at(9, 50), Action.DEPART), (at(10), Action.ARRIVE), (at(10, 20), Action.START_INFUSION),
        (at(11), Action.END_INFUSION), (at(12), Action.DISCHARGE), (at(12, 10), Action.COMPLETE),
    ):  # fmt: skip
        step(visit_id, action, nina, now)
    assert Visit.objects.get(id=visit_id).status == "completed"
    run_workers(at(20))
    assert "aftercare" in sent_kinds(visit_id)


def sent_kinds(visit_id) -> set[str]:
    return set(
        Message.objects.filter(visit_id=visit_id, state="sent").values_list("kind", flat=True)
    )
