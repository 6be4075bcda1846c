"""Whole routes written at once: reservations keep their ids wherever they go."""

import pytest
from django.db import transaction

from dispatch import schedule
from dispatch.domain.ids import new_id
from dispatch.models import Assignment, Reservation, Visit
from dispatch.planning.timing import RouteBroken
from dispatch.selectors.claims import claim_on
from dispatch.services.assignment import assign_visit
from tests.builders import ARLINGTON, NOW, World, at
from tests.concurrency.oracle import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.nina, world.olga = world.nurse("nina"), world.nurse("olga")
    return world


def visit_of(world, name, hour, shift=None) -> Visit:
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, ARLINGTON, state="VA"), patient, at(hour))
    assign_visit(visit_id, now=NOW)
    return Visit.objects.select_related("reservation").get(id=visit_id)


def rearranged(orders, **more) -> None:
    with transaction.atomic():
        schedule.lock(orders, now=NOW)
        schedule.rearrange(orders, now=NOW, **more)
        Assignment.objects.update(until=NOW)
        schedule.settle("taken")


def test_two_visits_go_to_another_nurse_and_keep_their_reservations(world) -> None:
    hers = world.shift(world.nina)
    first, second = visit_of(world, "amy", 9), visit_of(world, "ben", 14)
    other = world.shift(world.olga)

    rearranged({hers.id: [second.reservation_id], other.id: [first.reservation_id]})

    first.refresh_from_db()
    assert first.reservation.shift_id == other.id
    assert first.reservation.nurse_id == world.olga.person_id
    assert first.reservation.start_at == at(9)
    for shift in (hers, other):
        before = shift.version
        shift.refresh_from_db()
        assert shift.version > before
    Visit.objects.all().update(status="requested")
    assert faults() == {}


def test_an_order_that_cannot_be_kept_changes_nothing(world) -> None:
    hers = world.shift(world.nina)
    first, second = visit_of(world, "amy", 9), visit_of(world, "ben", 14)
    before = list(Reservation.objects.order_by("id").values())
    with pytest.raises(RouteBroken):
        rearranged({hers.id: [second.reservation_id, first.reservation_id]})
    assert list(Reservation.objects.order_by("id").values()) == before


def test_what_is_in_no_order_is_given_back_and_what_is_new_is_made(world) -> None:
    hers = world.shift(world.nina)
    visit = visit_of(world, "amy", 9)
    location = world.home(world.alice)
    claim = claim_on(location, world.protocol(), at(13), at(13, 30), None, now=NOW)
    Visit.objects.filter(id=visit.id).update(status="requested", reservation=None)
    made = new_id()

    rearranged({hers.id: [made]}, new={made: claim})

    (only,) = Reservation.objects.all()
    assert (only.id, only.start_at, only.patient_id) == (made, at(13), world.alice.person_id)
    assert only.infusion_from - only.start_at == visit.reservation.infusion_from - (
        visit.reservation.start_at
    )
