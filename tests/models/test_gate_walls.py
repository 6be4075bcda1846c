"""Overrides, checks, shown prices and signatures: PostgreSQL keeps them as they were written."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dispatch.domain.gates import TERMS, GateName
from dispatch.models import Consent, GateOverride, Visit
from dispatch.services.assignment import assign_visit
from dispatch.services.overrides import override_gate, take_override_back
from dispatch.services.readiness import confirm_home
from tests.builders import NOW, World, at
from tests.readying import make_ready

pytestmark = pytest.mark.django_db

FACTS = ["gate_override", "gate_override_end", "kit_check", "home_check", "price_shown"]


@pytest.fixture
def visit() -> Visit:
    """Ready, and with an override that was taken back."""
    world = World()
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    make_ready(world, visit_id)
    confirm_home(visit_id, [], by=world.bob, now=NOW)
    as_seen = {"expected_version": None, "by": world.bob, "now": NOW}
    override_gate(visit_id, GateName.HOME, reason="a guest room", **as_seen)
    take_override_back(visit_id, GateName.HOME, **as_seen)
    return Visit.objects.get(id=visit_id)


def run(statement, *values) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("cheat", ["DELETE FROM {}", "UPDATE {} SET at = now()", "TRUNCATE {}"])
def test_what_was_written_down_cannot_be_changed(visit, table, cheat) -> None:
    assert run(f"SELECT FROM {table}") >= 1, "the control: there is something to change"
    with pytest.raises(DatabaseError, match="permission denied"):
        run(cheat.format(table))


@pytest.mark.parametrize("gate", [*GateName, "castle", ""])
def test_an_override_of_a_hard_gate_is_refused_whoever_writes_it(visit, gate) -> None:
    columns = [f.column for f in GateOverride._meta.fields if f.column not in {"id", "gate"}]
    names = ", ".join(columns)
    statement = (
        f"INSERT INTO gate_override (id, gate, {names})"  # noqa: S608
        f" SELECT gen_random_uuid(), %s, {names} FROM gate_override LIMIT 1"
    )
    if gate in TERMS and not TERMS[gate].hard:
        assert run(statement, gate) == 1
        return
    with pytest.raises(IntegrityError, match="only_soft_gates_are_overridden"):
        run(statement, gate)


def test_an_override_is_taken_back_once(visit) -> None:
    with pytest.raises(IntegrityError, match="override_id"):
        run(
            "INSERT INTO gate_override_end (id, market_id, at, by_id, override_id)"
            " SELECT gen_random_uuid(), market_id, at, by_id, override_id FROM gate_override_end"
        )


@pytest.mark.parametrize(
    "cheat",
    [
        "DELETE FROM consent",
        "UPDATE consent SET text_sha256 = ''",
        "UPDATE consent SET name = 'x'",
        "UPDATE consent SET text_version = 2, withdrawn_at = NULL",
        "UPDATE consent SET until = 'infinity'",
    ],
)
def test_a_signature_stays_as_it_was_given(visit, cheat) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        run(cheat)
    assert run("UPDATE consent SET withdrawn_at = now()") == 1


def test_reasons_names_and_payers_are_not_readable_in_the_database(visit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM gate_override UNION ALL SELECT name FROM consent")
        stored = str(cursor.fetchall())
    assert "guest" not in stored
    assert "Alice" not in stored
    assert Consent.objects.get().name == "Alice A."
