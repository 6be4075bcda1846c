"""A walk over PostgreSQL's own catalogue: no table that holds anything of a person is without its
wall, and nothing leads round one."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from dispatch import walls
from dispatch.models.encrypted import EncryptedText
from tests.databases import Clone

TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND {} "
TABLES += "AND relnamespace = 'public'::regnamespace"
WITH_A_MARKET = """
    SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'market_id'
"""
LEADING = """
    SELECT conrelid::regclass::text, confrelid::regclass::text
      FROM pg_constraint WHERE contype = 'f'
"""
WALLS = """
    SELECT tablename, permissive, roles::text, cmd FROM pg_policies WHERE schemaname = 'public'
"""
ROUND_IT = """
    SELECT oid::regprocedure::text FROM pg_proc
     WHERE prosecdef AND pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT oid::regclass::text FROM pg_class
     WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
"""
ROLE = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = "
ABOVE = "SELECT rolname FROM pg_roles WHERE pg_has_role({}, oid, 'MEMBER') AND rolname <> {}"
OWNERS = """
    SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""


def found(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def names(statement: str) -> set[str]:
    return {row[0] for row in found(statement)}


def personal() -> set[str]:
    """Worked out from columns: a market, something encrypted, or a key into such a table."""
    tables = names(WITH_A_MARKET)
    for model in apps.get_models(include_auto_created=True):
        if any(isinstance(one, EncryptedText) for one in model._meta.fields):
            tables.add(model._meta.db_table)
    while more := {here for here, there in found(LEADING) if there in tables} - tables:
        tables |= more
    return tables


def test_no_table_that_holds_anything_of_a_person_is_without_a_wall(db) -> None:
    forced = names(TABLES.format("relrowsecurity AND relforcerowsecurity"))
    assert personal() - forced == set()
    assert len(personal()) > 60


def test_of_every_other_table_it_is_said_why_it_needs_none(db) -> None:
    bare = names(TABLES.format("NOT (relrowsecurity AND relforcerowsecurity)"))
    assert bare - set(walls.OPEN) == set()
    assert all(walls.OPEN.values())


def test_one_wall_stands_for_everybody_and_every_statement(db) -> None:
    forced = names(TABLES.format("relrowsecurity"))
    assert sorted(found(WALLS)) == [
        (one, "PERMISSIVE", "{public}", "ALL") for one in sorted(forced)
    ]


def test_nothing_leads_round_the_walls(db) -> None:
    """A view and a function of its definer's see what their owner sees."""
    assert names(ROUND_IT) == set()


def test_the_applications_role_cannot_step_over_them(db) -> None:
    role = f"'{settings.APPLICATION_ROLE}'"
    assert found(ROLE + role) == [(False, False, False, False)]
    assert names(ABOVE.format(role, role)) == set(), "it is in no other role's place"
    assert settings.APPLICATION_ROLE not in names(OWNERS)


@pytest.mark.parametrize(
    "cheat",
    [
        "ALTER TABLE patient DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE patient NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY wall ON patient",
        "CREATE POLICY gap ON patient USING (true)",
    ],
)
def test_the_applications_role_cannot_take_one_down(db, cheat) -> None:
    with pytest.raises(Exception, match="must be owner"), transaction.atomic():
        found(cheat)


def test_a_table_of_which_nothing_is_said_stops_the_owner(db, monkeypatch) -> None:
    """So it has no rights for the application's role, and cannot be used before."""
    excuses = {table: why for table, why in walls.OPEN.items() if table != "stop"}
    monkeypatch.setattr(walls, "OPEN", excuses)
    with pytest.raises(CommandError, match="Whose are the rows of stop"):
        call_command("grant_application_role")


def test_without_one_the_walk_finds_it(fresh_database: Clone) -> None:
    """The control: of a table that the owner forgot, and of one that is no longer forced."""
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("CREATE TABLE forgotten (id int, patient_id uuid REFERENCES patient (id))")
        owner.execute("ALTER TABLE visit NO FORCE ROW LEVEL SECURITY")
    forced = names(TABLES.format("relrowsecurity AND relforcerowsecurity"))
    assert personal() - forced == {"forgotten", "visit"}
