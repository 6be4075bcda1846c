"""Who had a visit last, and who is named for it now, is never in doubt."""

import pytest

from dispatch.domain.visit import Status
from dispatch.models import Visit
from dispatch.selectors.companions import answer_now
from dispatch.services.assignment import assign_by_hand
from dispatch.services.companions import name_companion
from dispatch.services.fieldwork import record_events
from tests.builders import NOW, World, at
from tests.readying import confirm_companion
from tests.telling import HERE, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_of_two_nurses_given_a_visit_at_one_moment_the_second_has_it(world) -> None:
    """And what she tells after she broke it off still counts."""
    nurses = [world.nurse("nina"), world.nurse("nora")]
    for nurse in nurses:
        world.shift(nurse)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    for nurse in nurses:
        assign_by_hand(visit_id, nurse.person_id, reason="", expected_version=None,
                       by=world.bob, now=NOW)  # fmt: skip
    last = nurses[-1]
    broken = [told("depart", at(9, 40)), told("arrive", at(10), **HERE),
              told("abort", at(10, 5), reason="unfit_today")]  # fmt: skip
    record_events(visit_id, broken, by=last, now=at(11))
    record_events(visit_id, [told("arrive", at(9, 55), **HERE)], by=last, now=at(11))
    visit = Visit.objects.get(id=visit_id)
    assert (visit.status, visit.arrived_at) == (Status.ABORTED.value, at(9, 55))


def test_a_yes_of_somebody_who_is_no_longer_named_does_not_count(world) -> None:
    """From the moment on: workers have not come to it yet."""
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    confirm_companion(world, visit_id)
    assert answer_now(Visit.objects.get(id=visit_id)) == "confirmed"
    dan = world.companion(world.alice)
    name_companion(visit_id, dan.id, expected_version=None, by=world.alice, now=NOW)
    assert answer_now(Visit.objects.get(id=visit_id)) is None
