"""What an infusion lacked when it began stands in its record, however late it is told."""

import pytest

from dispatch.models import Clearance, Task
from dispatch.selectors.records import record_seen_by
from dispatch.services.orders import confirm_order, sign_order
from tests.builders import KETAMINE, World, at
from tests.door import ready_visit, tell, whole_day
from tests.telling import told

pytestmark = pytest.mark.django_db


def begun_without(world, visit) -> set[str]:
    flags = record_seen_by(world.nina, visit.id).flags
    return {flag.subject for flag in flags if flag.code == "begun_without"}


def new_dose(world, ug_per_kg: int):
    return sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=6,
        dose_ug_per_kg=ug_per_kg, by=world.dora, now=at(10, 5),
    )  # fmt: skip


def test_papers_that_ran_out_while_the_phone_was_offline_are_named() -> None:
    world = World()
    visit = ready_visit(world)
    Clearance.objects.update(withdrawn_at=at(10, 5))
    new_dose(world, 700)
    tell(world, visit, *whole_day(world), now=at(18))
    assert begun_without(world, visit) == {"clearance", "order"}
    assert "begun_without" in Task.objects.get(kind="record_contradicts").reason
    tell(world, visit, told("note", at(13), text="x"), now=at(20))
    assert begun_without(world, visit) == {"clearance", "order"}


def test_a_dose_that_nobody_confirmed_in_time_was_not_ordered() -> None:
    world = World()
    visit = ready_visit(world)
    higher = new_dose(world, 700)
    confirm_order(higher, by=world.nina, now=at(10, 30))
    tell(world, visit, *whole_day(world), now=at(18))
    assert begun_without(world, visit) == {"order"}


def test_what_was_signed_in_time_is_not_missed() -> None:
    world = World()
    visit = ready_visit(world)
    tell(world, visit, *whole_day(world), now=at(18))
    assert begun_without(world, visit) == set()
