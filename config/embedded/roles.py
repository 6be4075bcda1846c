"""The two roles of the database: one owns the tables, one works with their rows."""

from typing import TypeAlias

import psycopg
from psycopg import sql

OWNER = "dispatch_owner"
APPLICATION = "dispatch_app"

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]


def close_public_schema(connection: Connection) -> None:
    """PostgreSQL 14 lets everybody create tables there; newer ones start closed."""
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.execute("ALTER SCHEMA public OWNER TO pg_database_owner")


def ensure_roles(connection: Connection, passwords: dict[str, str]) -> None:
    _ensure_role(connection, OWNER, sql.SQL("LOGIN CREATEDB"), passwords[OWNER])
    _ensure_role(connection, APPLICATION, sql.SQL("LOGIN"), passwords[APPLICATION])
    # dropping a test database means ending the sessions in it, which only a member may do
    connection.execute(
        sql.SQL("GRANT {} TO {}").format(sql.Identifier(APPLICATION), sql.Identifier(OWNER))
    )


def ensure_database(connection: Connection, name: str) -> None:
    known = "SELECT 1 FROM pg_database WHERE datname = %s"
    if connection.execute(known, [name]).fetchone() is None:
        create = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER)))


def _ensure_role(connection: Connection, role: str, rights: sql.SQL, password: str) -> None:
    known = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    exists = connection.execute(known, [role]).fetchone() is not None
    verb = sql.SQL("ALTER" if exists else "CREATE")
    statement = sql.SQL("{} ROLE {} {} PASSWORD {}")
    connection.execute(statement.format(verb, sql.Identifier(role), rights, sql.Literal(password)))
