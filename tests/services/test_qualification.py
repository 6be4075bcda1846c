"""No patient is offered, and no visit given to, a nurse who may not treat there and then."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.gates import GateName
from dispatch.models import Certificate, Licence, Visit
from dispatch.selectors.candidates import candidates_for
from dispatch.selectors.gates import gates_of
from dispatch.services import assignment
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_by_hand, assign_visit
from tests.builders import ARLINGTON, NOW, World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_a_patient_in_virginia_is_never_offered_a_nurse_licensed_in_maryland_alone(world) -> None:
    world.shift(world.nurse("mary", ARLINGTON, states=("MD",)))
    home = world.home(world.alice, ARLINGTON, state="VA")
    assert world.slots(home) == ()
    valerie = world.nurse("valerie", ARLINGTON, states=("VA",))
    world.shift(valerie)
    found = world.slots(home)
    assert found
    assert {slot.nurse_id for slot in found} == {valerie.person_id}


def test_a_certificate_that_ends_during_the_visit_excludes(world) -> None:
    """The window is 10:00–10:30 and the visit 130 minutes: it ends at 12:40 at the latest."""
    home = world.home(world.alice)
    latest_end = at(10, 30) + timedelta(seconds=world.protocol().service_s)
    world.shift(world.nurse("nina", certificates_until=latest_end))
    assert at(10) in {slot.start for slot in world.slots(home)}
    Certificate.objects.update(valid_until=latest_end - timedelta(seconds=1))
    assert at(10) not in {slot.start for slot in world.slots(home)}


def test_a_witness_who_lost_her_licence_is_not_assigned(world) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    Licence.objects.filter(code="DC").update(valid_until=at(9))
    assign_visit(visit_id, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    assert visit.status == "requested"
    assert visit.unassigned_because == {"licensed_in_state": 1}


def test_a_licence_lost_after_assignment_closes_the_gate(world) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    Licence.objects.filter(code="DC").update(valid_until=at(11))
    gates = {gate.name: gate for gate in gates_of(Visit.objects.get(id=visit_id), now=NOW)}
    assert not gates[GateName.CREDENTIALS].open
    assert "DC" in gates[GateName.CREDENTIALS].reason


def test_a_worker_takes_the_nearer_nurse_and_leaves_the_witness_free(world) -> None:
    far = world.nurse("fay", (39.29, -76.61))
    world.shift(far)
    visit_id = world.book(world.home(world.alice), world.alice, at(12))
    near = world.nurse("nell")
    world.shift(near)
    assign_visit(visit_id, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    assert visit.reservation.nurse_id == near.person_id
    assert visit.reservation.shift.reservations.count() == 1
    assert not far_has_visits(far)


def far_has_visits(nurse) -> bool:
    return Visit.objects.filter(reservation__nurse_id=nurse.person_id).exists()


def test_a_dispatcher_by_hand_is_bound_by_the_same_rules(world) -> None:
    world.shift(world.nurse("nina"))
    mary = world.nurse("mary", states=("MD",))
    world.shift(mary)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    with pytest.raises(Conflict) as refused:
        assign_by_hand(
            visit_id, mary.person_id, reason="", expected_version=None, by=world.bob, now=NOW
        )
    assert refused.value.code == "rules_broken"
    assert [breach["rule"] for breach in refused.value.facts["breaches"]] == ["licensed_in_state"]
    shown = {one.nurse_id: one for one in candidates_for(Visit.objects.get(id=visit_id), now=NOW)}
    assert [breach.rule for breach in shown[mary.person_id].breaches] == ["licensed_in_state"]


@pytest.mark.parametrize("away_from", [0, 10])
def test_a_witness_whose_hours_were_closed_since_the_look_is_not_assigned(
    world, monkeypatch, away_from
) -> None:
    nina = world.nurse("nina")
    world.shift(nina)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    look = assignment._targets

    def then_away(visit, now):
        found = look(visit, now)
        record_absence(nina.person_id, at(away_from), at(23), reason="", by=world.bob, now=NOW)
        return found

    monkeypatch.setattr(assignment, "_targets", then_away)
    assign_visit(visit_id, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    assert (visit.status, visit.reservation is None) == ("requested", False)


def test_a_witness_whose_licence_was_lost_since_the_look_is_not_assigned(
    world, monkeypatch
) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    look = assignment._targets

    def then_lost(visit, now):
        found = look(visit, now)
        Licence.objects.filter(code="DC").update(valid_until=at(9))
        return found

    monkeypatch.setattr(assignment, "_targets", then_lost)
    assign_visit(visit_id, now=NOW)
    assert Visit.objects.get(id=visit_id).status == "requested"
