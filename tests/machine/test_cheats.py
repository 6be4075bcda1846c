"""Every cheat by raw SQL, each where there is something to gain by it, is refused by PostgreSQL."""

import pytest
from django.db import DatabaseError, connection

from dispatch.models import Visit
from dispatch.services.consents import sign_consent, withdraw_consent
from dispatch.services.orders import sign_order
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, World, at
from tests.door import ready_visit, tell, whole_day
from tests.machine.cheats import KINDS, cheat

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    """Under way, with a waste that nobody signed, a changed dose that waits, papers old and new,
    answers that clear nobody, and somebody else's visit beside it."""
    world = World()
    visit = ready_visit(world)
    *day, _, _, _ = whole_day(world)
    tell(world, visit, *day, now=at(12, 20))
    alice, dora = world.alice, world.dora
    again = sign_consent(protocol_code=KETAMINE, text_version=1, name="A.", by=alice, now=NOW)
    withdraw_consent(again, by=alice, now=NOW)
    sign_order(patient_id=alice.person_id, protocol_code=KETAMINE, infusions=6,
               dose_ug_per_kg=600, by=dora, now=at(12))  # fmt: skip
    record_screening(patient_id=None, protocol_code=KETAMINE, by=alice, now=at(12),
                     answers=CLEARED | {"blood_pressure": "unknown"})  # fmt: skip
    amy = world.patient("amy")
    world.book(world.home(amy), amy, at(14))
    return visit


@pytest.mark.parametrize("kind", KINDS)
def test_postgresql_refuses_every_one(visit, kind) -> None:
    before = everything()
    assert {name for name in KINDS[kind] if not refused(visit, KINDS[kind][name])} == set()
    assert everything() == before


def refused(visit: Visit, statement: str) -> bool:
    """False too where there was nothing to gain: then the cheat would prove nothing."""
    try:
        cheat(statement, visit=visit.id)
    except DatabaseError:
        return True
    return False


def everything() -> list[tuple]:
    tables = ("visit", "field_event", "custody_entry", "consent", "clearance", "clinical_order",
              "reservation", "assignment", "gate_override")  # fmt: skip
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {table} AS t")  # noqa: S608
            found += cursor.fetchall()
    return found
