"""An order keeps the protocol's limits, and another dose is checked by a second person."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dispatch.domain.errors import Conflict, Forbidden, Invalid, NotFound
from dispatch.domain.people import Actor, Role
from dispatch.models import Order, Task, Visit
from dispatch.selectors.gates import gates_of
from dispatch.selectors.orders import order_line, orders_of, orders_seen_by
from dispatch.services.assignment import assign_visit
from dispatch.services.orders import confirm_order, sign_order, withdraw_order
from tests.builders import KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db

HYDRATION = "hydration_drip"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def dan(world) -> Actor:
    """A second prescriber."""
    return Actor(world.user("dan", Role.PRESCRIBER).id, Role.PRESCRIBER, world.market.id)


def sign(world, dose=500, code=KETAMINE, now=NOW, **more):
    order = {"infusions": 6 if code == KETAMINE else 1} | more
    return sign_order(
        patient_id=world.alice.person_id, protocol_code=code, dose_ug_per_kg=dose,
        by=world.dora, now=now, **order,
    )  # fmt: skip


def order_gate(world):
    world.shift(world.nurse("nina"))
    visit = Visit.objects.get(id=world.book(world.home(world.alice), world.alice, at(10)))

    def state():
        (gate,) = (one for one in gates_of(visit, now=LATER) if one.name == "order")
        return gate

    return state


@pytest.mark.parametrize("dose", [300, 1000])
def test_a_dose_on_the_limit_is_taken(world, dose) -> None:
    assert sign(world, dose)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("dose_ug_per_kg", {"dose": 299}),
        ("dose_ug_per_kg", {"dose": 1001}),
        ("dose_ug_per_kg", {"dose": None}),
        ("dose_ug_per_kg", {"dose": 500, "code": HYDRATION}),
        ("infusions", {"infusions": 7}),
        ("until", {"until": NOW}),
        ("until", {"until": NOW + timedelta(days=60, seconds=1)}),
        ("diagnoses", {"diagnoses": ["depression"]}),
        ("diagnoses", {"diagnoses": ["F33.2", "F33.2"]}),
    ],
)
def test_what_the_protocol_does_not_allow_is_named(world, field, wrong) -> None:
    with pytest.raises(Invalid) as refused:
        sign(world, **wrong)
    assert list(refused.value.fields) == [field]
    assert not Order.objects.exists()


def test_an_order_holds_until_the_day_that_was_named(world) -> None:
    sign(world, until=NOW + timedelta(days=60))
    soon = NOW + timedelta(days=3)
    order = Order.objects.get(id=sign(world, until=soon, diagnoses=["F33.2", "G89.4"]))
    assert order.until == soon
    assert order_line(order, world.dora).diagnoses == ["F33.2", "G89.4"]
    assert order_line(order, world.nurse("nina")).diagnoses is None


def test_the_codes_are_not_readable_in_the_database(world) -> None:
    sign(world, diagnoses=["F33.2"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT diagnoses FROM clinical_order")
        assert "F33" not in cursor.fetchone()[0]


def test_another_dose_opens_no_gate_until_a_second_person_has_confirmed_it(world, dan) -> None:
    gate = order_gate(world)
    sign(world, 500)
    assert gate().open
    changed = sign(world, 600, now=LATER)
    assert not gate().open
    assert gate().reason == "The new dose waits for a second person to confirm it."
    assert {one.role for one in Task.objects.filter(done_at=None)} == {"prescriber", "nurse"}
    with pytest.raises(Forbidden) as refused:
        confirm_order(changed, by=world.dora, now=LATER)
    assert refused.value.code == "second_person"
    assert not gate().open
    confirm_order(changed, by=dan, now=LATER)
    assert gate().open
    assert not Task.objects.filter(done_at=None).exists()
    with pytest.raises(Conflict) as refused:
        confirm_order(changed, by=dan, now=LATER)
    assert refused.value.code == "not_to_confirm"


def test_a_nurse_confirms_too_and_finds_the_order_that_waits(world) -> None:
    nina = world.nurse("nina")
    first = sign(world, 500)
    assert list(orders_of(nina)) == []
    with pytest.raises(NotFound):
        confirm_order(first, by=nina, now=LATER)
    changed = sign(world, 600)
    assert [one.id for one in orders_of(nina)] == [changed]
    confirm_order(changed, by=nina, now=LATER)
    assert Order.objects.get(id=changed).confirmed_by_id == nina.user_id


@pytest.mark.parametrize("trick", ["sign it again", "withdraw the old one", "withdraw both"])
def test_no_way_round_the_second_person(world, trick) -> None:
    first = sign(world, 500)
    if trick != "sign it again":
        withdraw_order(first, by=world.dora, now=LATER)
    changed = sign(world, 600, now=LATER)
    if trick == "withdraw both":
        withdraw_order(changed, by=world.dora, now=LATER)
    again = sign(world, 600, now=LATER + timedelta(minutes=1))
    assert Order.objects.get(id=again).to_confirm


def test_the_same_dose_again_waits_for_nobody(world, dan) -> None:
    sign(world, 500)
    changed = sign(world, 600, now=LATER)
    confirm_order(changed, by=dan, now=LATER)
    again = sign(world, 600, now=LATER + timedelta(minutes=1))
    assert not Order.objects.get(id=again).to_confirm
    back = sign(world, 500, now=LATER + timedelta(minutes=2))
    assert Order.objects.get(id=back).to_confirm


def test_what_is_withdrawn_opens_no_gate_and_is_not_confirmed(world, dan) -> None:
    gate = order_gate(world)
    first = sign(world, 500)
    withdraw_order(first, by=dan, now=LATER)
    assert not gate().open
    with pytest.raises(Conflict):
        withdraw_order(first, by=dan, now=LATER)
    changed = sign(world, 600, now=LATER)
    withdraw_order(changed, by=dan, now=LATER)
    with pytest.raises(Conflict):
        confirm_order(changed, by=dan, now=LATER)


def test_of_another_market_there_is_no_such_order(world) -> None:
    stranger = World("Elsewhere").dora
    order = sign(world)
    for verb in (confirm_order, withdraw_order):
        with pytest.raises(NotFound):
            verb(order, by=stranger, now=LATER)


@pytest.mark.parametrize(
    "cheat",
    [
        "UPDATE clinical_order SET confirmed_by_id = signed_by_id, confirmed_at = since",
        "UPDATE clinical_order SET to_confirm = false",
        "UPDATE clinical_order SET dose_ug_per_kg = 900",
        "UPDATE clinical_order SET infusions = 60",
        "UPDATE clinical_order SET until = until + interval '1 year'",
        "UPDATE clinical_order SET withdrawn_at = NULL WHERE NOT to_confirm",
        "UPDATE clinical_order SET signed_by_id = (SELECT user_id FROM nurse LIMIT 1)",
        "UPDATE clinical_order SET confirmed_at = now() WHERE to_confirm",
    ],
)
def test_raw_sql_does_not_get_round_the_second_person(world, cheat) -> None:
    world.nurse("nina")
    sign(world, 500)
    sign(world, 600, now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(cheat)


def test_raw_sql_signs_no_other_dose_without_a_second_person(world) -> None:
    sign(world, 500)
    columns = [one.column for one in Order._meta.fields if one.column not in {"id", "to_confirm"}]
    names = ", ".join(columns)
    changed = names.replace("dose_ug_per_kg", "900")
    with (
        pytest.raises(IntegrityError, match="second person"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO clinical_order (id, to_confirm, {names})"  # noqa: S608
            f" SELECT gen_random_uuid(), false, {changed} FROM clinical_order"
        )


def test_no_order_is_deleted(world) -> None:
    sign(world)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM clinical_order")


def test_a_nurse_on_the_route_sees_the_order_of_the_patient(world) -> None:
    nina = world.nurse("nina")
    world.shift(nina)
    order = sign(world)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    assert [one.id for one in orders_seen_by(nina, world.alice.person_id)] == [order]
