"""Whoever tells of a severe reaction is told to call for help, whosever the visit is by then."""

import pytest

from dispatch.selectors.records import record_seen_by
from dispatch.services.cancellation import cancel_visit
from tests.builders import World, at
from tests.door import ready_visit, tell
from tests.telling import told

pytestmark = pytest.mark.django_db


def test_also_a_nurse_whose_visit_was_called_off_meanwhile() -> None:
    world = World()
    visit = ready_visit(world)
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=at(9, 30))
    tell(world, visit, told("adverse_event", at(10), severity="severe", text="x"), now=at(10, 5))
    assert "911" in record_seen_by(world.nina, visit.id).advice
    assert record_seen_by(world.bob, visit.id).advice == ""
