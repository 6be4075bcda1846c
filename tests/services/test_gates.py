"""Each gate of a visit: what closes it, who opens it, and whether a dispatcher may let it be."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import GateName
from dispatch.domain.ids import new_id
from dispatch.domain.visit import Action
from dispatch.models import AuditEntry, GateOverride, Licence, Visit
from dispatch.selectors import gates as judged
from dispatch.services.assignment import assign_visit
from dispatch.services.consents import sign_consent
from dispatch.services.coverage import show_price
from dispatch.services.orders import sign_order
from dispatch.services.overrides import override_gate, take_override_back
from dispatch.services.readiness import confirm_home
from dispatch.services.screening import record_screening
from tests import door
from tests.answers import CLEARED
from tests.builders import KETAMINE, NEVER, NOW, World, at
from tests.readying import confirm_companion, look, make_ready, pack, shut

pytestmark = pytest.mark.django_db

DEPARTS = at(9, 45)


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina")
    world.shift(world.nina)
    return world


@pytest.fixture
def visit_id(world):
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    return visit_id


@pytest.fixture
def ready(world, visit_id):
    make_ready(world, visit_id)
    return visit_id


def step(world, visit_id, action, now=DEPARTS) -> None:
    door.step(visit_id, action, world.nina, now)


def refused_gates(world, visit_id, action=Action.DEPART, now=DEPARTS) -> list[str]:
    with pytest.raises(Conflict) as refused:
        step(world, visit_id, action, now)
    assert refused.value.code == "gate_closed"
    return [gate["name"] for gate in refused.value.facts["gates"]]


def override(world, visit_id, name, reason="asked the nurse", now=NOW) -> None:
    override_gate(
        visit_id, GateName(name), reason=reason, expected_version=None, by=world.bob, now=now
    )


def screen(world, _visit_id) -> None:
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=NOW
    )


def order(world, _visit_id) -> None:
    sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=6, dose_ug_per_kg=500,
        by=world.dora, now=NOW,
    )  # fmt: skip


def consent(world, _visit_id=None):
    return sign_consent(
        protocol_code=KETAMINE, text_version=1, name="Alice A.", by=world.alice, now=NOW
    )


def bring_kit(_world, visit_id) -> None:
    pack(Visit.objects.get(id=visit_id).reservation)


def ready_home(world, visit_id, by=None) -> None:
    items = [one.code for one in world.protocol().readiness]
    confirm_home(visit_id, items, by=by or world.alice, now=NOW)


def read_price(world, visit_id) -> None:
    show_price(visit_id, 59500, by=world.bob, now=NOW)


def renew(_world, _visit_id) -> None:
    Licence.objects.update(valid_until=NEVER)


OPENS = {
    "clearance": ("prescriber", True, screen),
    "order": ("prescriber", True, order),
    "consent": ("patient", True, consent),
    "companion": ("patient", True, confirm_companion),
    "credentials": ("dispatcher", True, renew),
    "kit": ("nurse", False, bring_kit),
    "home": ("patient", False, ready_home),
    "coverage": ("patient", False, read_price),
}
"""Gate: who opens it, whether it is hard, and what opens it."""


@pytest.fixture(params=OPENS)
def missing(request, world, visit_id) -> str:
    """All but one of the gates are open."""
    Licence.objects.update(valid_until=at(9))
    for name, (_, _, opens) in OPENS.items():
        if name != request.param:
            opens(world, visit_id)
    return request.param


def test_a_gate_that_is_closed_stops_the_nurse_until_it_is_opened(world, visit_id, missing) -> None:
    resolver, hard, opens = OPENS[missing]
    gate = look(visit_id)[missing]
    assert (gate.state, gate.resolver, gate.hard) == ("closed", resolver, hard)
    assert refused_gates(world, visit_id) == [missing]
    opens(world, visit_id)
    step(world, visit_id, Action.DEPART)
    assert Visit.objects.get(id=visit_id).status == "en_route"


def test_a_dispatcher_overrides_what_is_soft_and_nothing_else(world, visit_id, missing) -> None:
    hard = OPENS[missing][1]
    if hard:
        with pytest.raises(Conflict) as refused:
            override(world, visit_id, missing)
        assert refused.value.code == "gate_is_hard"
        assert not GateOverride.objects.exists()
        assert refused_gates(world, visit_id) == [missing]
        return
    override(world, visit_id, missing)
    assert look(visit_id)[missing].state == "overridden"
    assert not look(visit_id)[missing].open, "what it asks for is still not there"
    line = AuditEntry.objects.get(subject="gate_override")
    assert (line.user_id, line.verb) == (world.bob.user_id, "override")
    step(world, visit_id, Action.DEPART)


def test_vials_of_an_earlier_visit_keep_the_nurse_where_she_is(world, ready, monkeypatch) -> None:
    out = (new_id(),)
    monkeypatch.setattr(judged, "open_custody_of", lambda _: out)
    assert shut(ready) == {"custody"}
    assert refused_gates(world, ready) == ["custody"]
    with pytest.raises(Conflict, match="Nobody can override"):
        override(world, ready, "custody")
    out = (ready,)
    assert shut(ready) == set(), "its own vials are out while it is under way"
    step(world, ready, Action.DEPART)


def test_an_override_ends_when_it_is_taken_back(world, ready) -> None:
    confirm_home(ready, [], by=world.alice, now=NOW)
    override(world, ready, "home")
    take_override_back(ready, GateName.HOME, expected_version=None, by=world.bob, now=NOW)
    assert refused_gates(world, ready) == ["home"]
    assert GateOverride.objects.get().end.by_id == world.bob.user_id
    override(world, ready, "home")
    step(world, ready, Action.DEPART)


def test_an_override_is_of_a_gate_that_is_closed(world, ready) -> None:
    with pytest.raises(Conflict) as refused:
        override(world, ready, "home")
    assert refused.value.code == "gate_not_closed"
    confirm_home(ready, [], by=world.alice, now=NOW)
    override(world, ready, "home")
    with pytest.raises(Conflict) as refused:
        override(world, ready, "home")
    assert refused.value.code == "gate_not_closed"


def test_an_override_that_came_after_departure_counts_at_the_infusion_only(world, ready) -> None:
    step(world, ready, Action.DEPART)
    step(world, ready, Action.ARRIVE)
    confirm_home(ready, [], by=world.alice, now=DEPARTS)
    later = DEPARTS + timedelta(minutes=20)
    assert refused_gates(world, ready, Action.START_INFUSION, later) == ["home"]
    override(world, ready, "home", now=later)
    assert look(ready, now=DEPARTS)["home"].state == "closed", "as things stood at departure"
    step(world, ready, Action.START_INFUSION, later)
    with pytest.raises(Conflict) as refused:
        take_override_back(ready, GateName.HOME, expected_version=None, by=world.bob, now=later)
    assert refused.value.code == "wrong_status"
    with pytest.raises(Conflict) as refused:
        override(world, ready, "coverage", now=later)
    assert refused.value.code == "wrong_status"
