"""What the board tells of a day beyond its stops: who could, what ends soon, and what changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.models import Certificate, Message, Reservation, Visit
from dispatch.selectors.board import board_of, flags_of
from dispatch.selectors.board_warnings import SOON
from dispatch.selectors.candidates import candidates_for
from dispatch.selectors.takers import takers_of
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import cancel_visit
from tests.big_day import BigDay
from tests.builders import ARLINGTON, BETHESDA, NOW, TOMORROW, World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def booked(world: World, name: str, hour: int) -> Visit:
    patient = world.patient(name)
    return Visit.objects.select_related("location").get(
        id=world.book(world.home(patient), patient, at(hour))
    )


def let_go(visit: Visit, **changes: str) -> None:
    """The visit's time is free for others again."""
    Visit.objects.filter(id=visit.id).update(reservation=None, **changes)
    Reservation.objects.filter(id=visit.reservation_id).delete()
    visit.refresh_from_db()


def test_as_many_could_take_a_visit_as_candidates_have_nothing_broken(world) -> None:
    for name, place, more in (
        ("nina", BETHESDA, {}),
        ("olga", ARLINGTON, {}),
        ("mary", BETHESDA, {"states": ("MD",)}),
        ("cora", ARLINGTON, {"certificates": ("acls",)}),
    ):
        world.shift(world.nurse(name, place, **more))
    visits = [booked(world, name, hour) for name, hour in (("a", 9), ("b", 9), ("c", 12))]
    assign_visit(visits[0].id, now=NOW)
    Visit.objects.filter(id=visits[2].id).update(
        window_promised=False, window_start=at(8), window_end=at(17)
    )
    left = list(Visit.objects.filter(status="requested").select_related("location"))
    counted = takers_of(left, now=NOW)
    assert counted == {
        one.id: sum(not each.breaches for each in candidates_for(one, now=NOW)) for one in left
    }
    assert set(counted.values()) & {1, 2}


def test_supervision_that_is_full_leaves_nobody(world) -> None:
    """Counted for many at once as for one alone: those without a reservation are watched."""
    world.shift(world.nurse("nina"))
    world.shift(world.nurse("olga"))
    first, second = booked(world, "a", 10), booked(world, "b", 10)
    assign_visit(first.id, now=NOW)
    let_go(second)
    assert takers_of([second], now=NOW)[second.id] == 1
    world.supervise(1)
    assert takers_of([second], now=NOW)[second.id] == 0


def test_those_that_fewest_can_take_come_first(world) -> None:
    BigDay(world, at(9), nurses=3, waiting=6).fill()
    shown = board_of(world.market.id, TOMORROW, now=at(9)).unassigned
    counts = [one.candidates for one in shown]
    assert counts == sorted(counts)
    assert {flags_of(one)[0] for one in shown} == {"unassigned"}


def test_a_paper_that_ends_soon_is_told_until_it_is_renewed(world) -> None:
    nina = world.nurse("nina", certificates_until=at(12) + SOON)
    world.shift(nina)
    visit = booked(world, "a", 10)
    assign_visit(visit.id, now=NOW)
    assert expiring(world) == 1
    for one in Certificate.objects.filter(nurse_id=nina.person_id):
        Certificate.objects.create(
            market=world.market, nurse_id=nina.person_id, code=one.code,
            valid_from=one.valid_until, valid_until=one.valid_until + timedelta(days=365),
        )  # fmt: skip
    assert expiring(world) == 0


def expiring(world: World) -> int:
    return board_of(world.market.id, TOMORROW, now=NOW).exceptions.credential_expiring


def test_what_left_the_routes_is_shown_while_it_wants_an_eye(world) -> None:
    world.shift(world.nurse("nina"))
    stopped, called_off = booked(world, "a", 9), booked(world, "b", 13)
    let_go(stopped, status="suspended")
    cancel_visit(called_off.id, reason="", expected_version=None, by=world.bob, now=NOW)
    board = board_of(world.market.id, TOMORROW, now=NOW)
    assert [flags_of(one) for one in board.aside] == [("clearance_suspended",)]
    Message.objects.create(
        market=world.market, visit=called_off, kind="cancellation", audience="patient",
        person_id=called_off.patient_id, template="cancelled", about_id=called_off.id, move=0,
        due_at=NOW, state="dead",
    )  # fmt: skip
    board = board_of(world.market.id, TOMORROW, now=NOW)
    assert [flags_of(one) for one in board.aside] == [
        ("clearance_suspended",), ("dead_messages",),
    ]  # fmt: skip
    assert (board.exceptions.clearance_suspended, board.exceptions.dead_messages) == (1, 1)
