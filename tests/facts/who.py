"""Proofs of who is treated by whom: the nurse's skill, the clearance, the order and its dose."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.visit import Action
from dispatch.models import Task
from dispatch.selectors.clearance import standing
from dispatch.services.orders import sign_order
from dispatch.services.screening import clear_screening, record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, World, at
from tests.door import ready_visit, step, tell
from tests.facts.proof import proves
from tests.readying import shut
from tests.telling import before_infusion

TEN, SECOND = at(10), timedelta(seconds=1)


def screened(world: World, now=NOW, **answers: object):
    return record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | answers, by=world.alice, now=now
    )


def ordered(world: World, now=NOW, dose: int = 500, infusions: int = 6) -> None:
    sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=infusions,
        dose_ug_per_kg=dose, by=world.dora, now=now,
    )  # fmt: skip


@proves("who.difficult_iv")
def only_a_nurse_with_the_skill_is_offered(world: World) -> None:
    home = world.home(world.alice)
    world.shift(world.nurse("nina"))
    screened(world, difficult_iv=True)
    assert world.slots(home) == (), "nobody rather than one who lacks it"
    sue = world.nurse("sue", certificates=("iv_ketamine", "acls", "difficult_iv"))
    world.shift(sue)
    assert {slot.nurse_id for slot in world.slots(home)} == {sue.person_id}


@proves("who.clearance")
def a_clearance_is_a_clinicians_dated_and_expires(world: World) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, TEN)
    whom = (world.alice.person_id, KETAMINE)
    screened(world, now=NOW - timedelta(days=90))
    assert standing(*whom, now=NOW - SECOND).since == NOW - timedelta(days=90)
    assert standing(*whom, now=NOW) is None, "it held for ninety days"
    assert "clearance" in shut(visit_id)
    paper = screened(world, aneurysm=True)
    assert Task.objects.get(kind="review_screening").role == "prescriber"
    assert "clearance" in shut(visit_id), "a clinician has not looked yet"
    clear_screening(paper, by=world.dora, now=NOW)
    assert standing(*whom, now=NOW).decided_by_id == world.dora.user_id
    assert "clearance" not in shut(visit_id)


@proves("who.order")
def an_order_is_dated_expires_and_is_used_up(world: World) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, TEN)
    assert "order" in shut(visit_id)
    ordered(world, now=NOW - timedelta(days=60))
    assert "order" in shut(visit_id), "it held for sixty days"
    ordered(world, now=NOW - timedelta(days=58))
    assert "order" not in shut(visit_id)


@proves("who.dose")
def the_dose_is_by_weight_and_within_the_order(world: World) -> None:
    for dose in (299, 1001):
        with pytest.raises(Invalid):
            ordered(world, dose=dose)
    visit = ready_visit(world)
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, TEN)):
        step(visit.id, action, world.nina, now)
    tell(world, visit, *before_infusion(world.protocol(), at(10, 5)), now=at(10, 5))
    with pytest.raises(Conflict) as refused:
        step(visit.id, Action.START_INFUSION, world.nina, at(10, 20), dose_ug=35_001)
    assert refused.value.facts["missing"] == ["dose_within_order"], "70 kg at 0.5 mg each"
    step(visit.id, Action.START_INFUSION, world.nina, at(10, 20), dose_ug=35_000)
