"""Each gate of a visit: what closes it, who opens it, and whether a dispatcher may let it be."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer, GateName
from dispatch.domain.ids import new_id
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import Action
from dispatch.models import AuditEntry, Consent, GateOverride, Licence, Visit
from dispatch.selectors import gates as judged
from dispatch.selectors.gates import gates_of
from dispatch.selectors.protocols import protocol_of
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.cancellation import reschedule_visit
from dispatch.services.clinical import record_screening, sign_consent, withdraw_consent
from dispatch.services.companions import answer_as_companion
from dispatch.services.coverage import show_price
from dispatch.services.fieldwork import perform
from dispatch.services.orders import sign_order
from dispatch.services.overrides import override_gate, take_override_back
from dispatch.services.readiness import confirm_home
from tests.answers import CLEARED
from tests.builders import KETAMINE, NEVER, NOW, TOMORROW, World, at
from tests.readying import confirm_companion, make_ready, pack

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


def look(visit_id, now=NOW) -> dict:
    return {str(one.name): one for one in gates_of(Visit.objects.get(id=visit_id), now=now)}


def shut(visit_id, now=NOW) -> set[str]:
    return {name for name, gate in look(visit_id, now).items() if not gate.open}


def step(world, visit_id, action, now=DEPARTS) -> None:
    perform(visit_id, action, reason="", expected_version=None, by=world.nina, now=now)


def refused_gates(world, visit_id, action=Action.DEPART, now=DEPARTS) -> list[str]:
    with pytest.raises(Conflict) as refused:
        step(world, visit_id, action, now)
    assert refused.value.code == "gate_closed"
    return [gate["name"] for gate in refused.value.facts["gates"]]


def override(world, visit_id, name, reason="asked the nurse", now=NOW) -> None:
    override_gate(visit_id, GateName(name), reason=reason, by=world.bob, now=now)


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
    take_override_back(ready, GateName.HOME, by=world.bob, now=NOW)
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
        take_override_back(ready, GateName.HOME, by=world.bob, now=later)
    assert refused.value.code == "wrong_status"
    with pytest.raises(Conflict) as refused:
        override(world, ready, "coverage", now=later)
    assert refused.value.code == "wrong_status"


def move(world, visit_id, hour, home=None) -> None:
    visit = Visit.objects.get(id=visit_id)
    place = home or visit.location
    (slot,) = (one for one in world.slots(place) if one.start == at(hour))
    hold_id = world.hold(slot, place, world.alice)
    reschedule_visit(visit_id, hold_id, expected_version=None, by=world.alice, now=NOW)
    assign_visit(visit_id, now=NOW)


def test_a_move_voids_the_override_and_what_was_said_of_the_place(world, ready) -> None:
    confirm_home(ready, [], by=world.alice, now=NOW)
    override(world, ready, "home")
    move(world, ready, 14)
    assert shut(ready) == {"home", "companion"}
    assert look(ready)["home"].state == "closed"
    ready_home(world, ready)
    assert shut(ready) == {"companion"}, "the price, once shown, stays shown"


def test_another_nurse_has_another_kit(world, ready) -> None:
    other = world.nurse("nora")
    world.shift(other)
    assign_by_hand(ready, other.person_id, reason="", expected_version=None, by=world.bob, now=NOW)
    assert shut(ready) == {"kit"}
    pack(Visit.objects.get(id=ready).reservation)
    assert shut(ready) == set()


def test_what_the_nurse_says_last_of_her_kit_counts(world, ready) -> None:
    from dispatch.services.readiness import confirm_kit

    confirm_kit(TOMORROW, ["airway"], by=world.nina, now=NOW)
    assert look(ready)["kit"].reason.startswith("The nurse has not confirmed: Infusion pump, ch")
    bring_kit(world, ready)
    assert shut(ready) == set()


@pytest.mark.parametrize("kind", [LocationKind.HOTEL, LocationKind.OFFICE, LocationKind.OTHER])
def test_away_from_home_a_driver_is_needed_where_an_adult_was(world, ready, kind) -> None:
    """Judged from where the visit now is; who said yes to the other place is asked again."""
    assert look(ready)["companion"].reason == "Confirmed: a responsible adult who stays."
    move(world, ready, 14, world.home(world.alice, kind=kind))
    gate = look(ready)["companion"]
    assert (gate.open, gate.reason) == (False, "Asked, not yet confirmed: a driver home.")
    confirm_companion(world, ready)
    assert look(ready)["companion"].reason == "Confirmed: a driver home."


def test_a_companion_who_declines_closes_the_gate_again(world, ready) -> None:
    from dispatch.models import CompanionRequest

    secret = CompanionRequest.objects.get(visit=ready).secret
    answer_as_companion(secret, CompanionAnswer.DECLINED, now=NOW)
    assert refused_gates(world, ready) == ["companion"]


def test_a_consent_that_is_withdrawn_closes_its_gate_at_once(world, ready) -> None:
    step(world, ready, Action.DEPART)
    step(world, ready, Action.ARRIVE)
    withdraw_consent(Consent.objects.get().id, by=world.alice, now=DEPARTS)
    assert refused_gates(world, ready, Action.START_INFUSION) == ["consent"]
    with pytest.raises(Conflict) as refused:
        withdraw_consent(Consent.objects.get().id, by=world.alice, now=DEPARTS)
    assert refused.value.code == "already_withdrawn"
    consent(world)
    assert shut(ready, DEPARTS) == set()


def test_a_text_that_changed_without_a_new_version_does_not_pass_as_signed(world, ready) -> None:
    from dispatch.models import Protocol

    signed = Consent.objects.get()
    assert "off-label" in world.protocol().consent.text
    assert signed.name == "Alice A."
    row = Protocol.objects.get(id=Visit.objects.get(id=ready).protocol_id)
    row.data["consent"]["text"] += " And I sing."
    row.save(update_fields=["data"])
    protocol_of.cache_clear()
    try:
        assert shut(ready) == {"consent"}
        consent(world)
        assert shut(ready) == set()
    finally:
        protocol_of.cache_clear()


def test_the_price_stays_shown_for_the_other_visits_of_a_series(world) -> None:
    from dispatch.domain.series import Wish
    from dispatch.services.booking import book_series
    from dispatch.services.series import hold_series

    for days in (1, 8, 15):
        world.shift(world.nina, TOMORROW + timedelta(days=days))
    series_id = hold_series(
        location_id=world.home(world.alice).id, protocol_code="ketamine_weekly_then_monthly",
        wish=Wish(), by=world.alice, now=NOW,
    )  # fmt: skip
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    first, *_, last = Visit.objects.filter(series=series_id).order_by("series_number")
    assert not look(last.id)["coverage"].open
    show_price(first.id, 59500, by=world.alice, now=NOW)
    assert look(last.id)["coverage"].open
