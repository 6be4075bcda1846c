"""What closes a gate that was open: a move, another nurse, a signature taken back."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import CompanionAnswer, GateName
from dispatch.domain.ids import digest, new_id
from dispatch.domain.places import LocationKind
from dispatch.domain.series import Wish
from dispatch.domain.visit import Action
from dispatch.models import CompanionRequest, Consent, Visit
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.booking import book_series
from dispatch.services.cancellation import reschedule_visit
from dispatch.services.companions import answer_as_companion
from dispatch.services.consents import sign_consent, withdraw_consent
from dispatch.services.coverage import show_price
from dispatch.services.overrides import override_gate
from dispatch.services.readiness import confirm_home, confirm_kit
from dispatch.services.series import hold_series
from tests import door
from tests.builders import KETAMINE, NOW, TOMORROW, World, at
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
def ready(world):
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    make_ready(world, visit_id)
    return visit_id


def step(world, visit_id, action) -> None:
    door.step(visit_id, action, world.nina, DEPARTS)


def stopped_by(world, visit_id, action=Action.DEPART) -> list[str]:
    with pytest.raises(Conflict) as refused:
        step(world, visit_id, action)
    return [gate["name"] for gate in refused.value.facts["gates"]]


def consent(world) -> None:
    sign_consent(protocol_code=KETAMINE, text_version=1, name="Alice A.", by=world.alice, now=NOW)


def move(world, visit_id, hour, home=None) -> None:
    visit = Visit.objects.get(id=visit_id)
    place = home or visit.location
    (slot,) = (one for one in world.slots(place) if one.start == at(hour))
    hold_id = world.hold(slot, place, world.alice)
    reschedule_visit(visit_id, hold_id, expected_version=None, by=world.alice, now=NOW)
    assign_visit(visit_id, now=NOW)


def test_a_move_voids_the_override_and_what_was_said_of_the_place(world, ready) -> None:
    confirm_home(ready, [], by=world.alice, now=NOW)
    override_gate(
        ready, GateName.HOME, reason="asked", expected_version=None, by=world.bob, now=NOW
    )
    move(world, ready, 14)
    assert shut(ready) == {"home", "companion"}
    assert look(ready)["home"].state == "closed"
    items = [one.code for one in world.protocol().readiness]
    confirm_home(ready, items, by=world.alice, now=NOW)
    assert shut(ready) == {"companion"}, "the price, once shown, stays shown"


def test_another_nurse_has_another_kit(world, ready) -> None:
    other = world.nurse("nora")
    world.shift(other)
    assign_by_hand(ready, other.person_id, reason="", expected_version=None, by=world.bob, now=NOW)
    assert shut(ready) == {"kit"}
    pack(Visit.objects.get(id=ready).reservation)
    assert shut(ready) == set()


def test_what_the_nurse_says_last_of_her_kit_counts(world, ready) -> None:
    confirm_kit(TOMORROW, ["airway"], by=world.nina, now=NOW)
    assert look(ready)["kit"].reason.startswith("The nurse has not confirmed: Infusion pump, ch")
    pack(Visit.objects.get(id=ready).reservation)
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
    secret = CompanionRequest.objects.get(visit=ready).secret
    answer_as_companion(secret, CompanionAnswer.DECLINED, now=NOW)
    assert stopped_by(world, ready) == ["companion"]


def test_a_consent_that_is_withdrawn_closes_its_gate_at_once(world, ready) -> None:
    step(world, ready, Action.DEPART)
    step(world, ready, Action.ARRIVE)
    withdraw_consent(Consent.objects.get().id, by=world.alice, now=DEPARTS)
    assert stopped_by(world, ready, Action.START_INFUSION) == ["consent"]
    with pytest.raises(Conflict) as refused:
        withdraw_consent(Consent.objects.get().id, by=world.alice, now=DEPARTS)
    assert refused.value.code == "already_withdrawn"
    consent(world)
    assert shut(ready, DEPARTS) == set()


def test_a_text_that_changed_without_a_new_version_does_not_pass_as_signed(world, ready) -> None:
    signed = Consent.objects.get()
    assert "off-label" in world.protocol().consent.text
    assert signed.name == "Alice A."
    assert shut(ready) == set()
    withdraw_consent(signed.id, by=world.alice, now=NOW)
    signed.id, signed.text_sha256 = new_id(), digest("Another text under the same version.")
    signed.save(force_insert=True)
    assert shut(ready) == {"consent"}
    consent(world)
    assert shut(ready) == set()


def test_the_price_stays_shown_for_the_other_visits_of_a_series(world) -> None:
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
