"""Who stays is confirmed before the nurse sets out, and seen by her before the infusion."""

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.visit import Action
from dispatch.models import CompanionRequest, Market
from dispatch.models.clock import database_now
from dispatch.services.fieldwork import perform
from tests.builders import COMPANIONS_PHONE, NOW, World, at
from tests.door import ready_visit, step, tell
from tests.telling import before_infusion, step_data, told
from tests.texting import write
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """With a visit whose every gate is open but that of Carl, who is asked by text."""
    world = World()
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    world.visit = ready_visit(world)
    CompanionRequest.objects.update(answer="asked")
    work.send_messages()
    return world


@pytest.mark.parametrize("said", ["no", "maybe", "yes?", "ok", None])
def test_the_nurse_does_not_set_out_before_somebody_has_plainly_said_yes(world, said) -> None:
    if said is not None:
        write(COMPANIONS_PHONE, said)
    with pytest.raises(Conflict) as refused:
        step(world.visit.id, Action.DEPART, world.nina, at(9, 40))
    assert refused.value.code == "gate_closed"
    assert [gate["name"] for gate in refused.value.facts["gates"]] == ["companion"]


def test_a_yes_by_text_lets_her_go_and_she_looks_again_at_the_door(world) -> None:
    write(COMPANIONS_PHONE, "Yes, I'll be there")
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, at(10))):
        step(world.visit.id, action, world.nina, now)
    protocol, begins = world.protocol(), at(10, 10)
    known = before_infusion(protocol, begins)
    tell(world, world.visit, *(one for one in known if one["type"] != "companion"), now=begins)
    assert "companion" in refusal_of(world, protocol, begins)
    tell(world, world.visit, told("companion", begins, present=False), now=begins)
    assert "companion" in refusal_of(world, protocol, begins)
    tell(world, world.visit, told("companion", at(10, 11), present=True), now=at(10, 11))
    infuse(world, protocol, at(10, 12))
    world.visit.refresh_from_db()
    assert world.visit.status == "in_treatment"


def refusal_of(world, protocol, now) -> str:
    with pytest.raises(Conflict) as refused:
        infuse(world, protocol, now)
    return str(refused.value.facts)


def infuse(world, protocol, now) -> None:
    data = step_data(protocol, Action.START_INFUSION)
    perform(
        world.visit.id, Action.START_INFUSION, reason="", data=data, expected_version=None,
        by=world.nina, now=now,
    )  # fmt: skip
