"""Visits that were under way before events were kept: the migration tells of their steps."""

from importlib import import_module

import pytest
from django.apps import apps

from dispatch.domain.visit import Action
from dispatch.models import Visit
from dispatch.selectors.records import record_of
from tests.builders import World, at
from tests.door import ready_visit, step

pytestmark = pytest.mark.django_db

MIGRATION = import_module("dispatch.migrations.0020_status_is_told")


def test_a_visit_goes_on_from_the_steps_that_its_row_knows() -> None:
    world = World()
    visit = ready_visit(world)
    row = Visit.objects.filter(id=visit.id)
    row.update(departed_at=at(9, 40), arrived_at=at(10))
    MIGRATION.tell_of_steps_taken(apps, None)
    for status in ("en_route", "arrived"):
        row.update(status=status)
    assert record_of(row.get(), settled=True).status.value == "arrived"
    step(visit.id, Action.START_INFUSION, world.nina, at(10, 20))
    assert row.get().status == "in_treatment"
