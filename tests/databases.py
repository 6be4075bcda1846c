"""Databases of the tests: one template a run, and clones of it, made under the owner's role."""

import fcntl
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.embedded.servers import CHECKOUT, VAR

SEES_ALL = "-c app.market=*"
NO_HURRY = "-c lock_timeout=120s -c statement_timeout=120s"
MARK = "dispatch_test"
PATIENCE_S = 120
"""PostgreSQL itself waits five seconds each time."""
END_CLIENTS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Clone:
    """One database, under each role's address."""

    name: str
    url: str
    owner_url: str


class TestDatabases:
    """The databases of one test run, on whichever server `DATABASE_OWNER_URL` names."""

    __test__ = False

    def __init__(self, run: str) -> None:
        self.run = run
        self.owner_url = seeing_all(os.environ["DATABASE_OWNER_URL"])
        self.url = os.environ["DATABASE_URL"]

    @property
    def template(self) -> str:
        return f"{MARK}_{self.run}_template"

    def make_template(self) -> None:
        """As a service has its database when it starts. Whoever comes second waits for the first;
        until it is filled it has another name, so that nobody clones half a database."""
        (VAR / "locks").mkdir(parents=True, exist_ok=True)
        with (VAR / "locks" / "template").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._make_template()

    def _make_template(self) -> None:
        if self._names_like(self.template):
            return
        draft = self._clone_of(f"{MARK}_{self.run}_draft")
        self._execute("CREATE DATABASE {}", draft.name)
        environment = os.environ | {
            "DATABASE_URL": draft.url,
            "DATABASE_OWNER_URL": draft.owner_url,
        }
        filling = [sys.executable, "-m", "tests.filling"]
        subprocess.run(filling, cwd=CHECKOUT, env=environment, check=True)  # noqa: S603
        self._execute("ALTER DATABASE {} RENAME TO {}", draft.name, self.template)

    def clone(self, suffix: str) -> Clone:
        """Nobody ever connects to the template: PostgreSQL copies none that somebody looks at."""
        made = self._clone_of(f"{MARK}_{self.run}_{suffix}")
        self._execute("CREATE DATABASE {} TEMPLATE {}", made.name, self.template)
        return made

    def empty(self, suffix: str) -> Clone:
        """One without any table, to be restored into."""
        made = self._clone_of(f"{MARK}_{self.run}_{suffix}")
        self._execute("CREATE DATABASE {} TEMPLATE template0", made.name)
        return made

    def drop(self, name: str) -> None:
        """End its clients, then drop it: `FORCE` is refused where autovacuum is at work in it,
        whose processes belong to nobody; a plain DROP has those ended and waits for them."""
        self._execute("DROP DATABASE IF EXISTS {}", name, without_clients=name)

    def drop_all(self) -> None:
        for name in self._names_like(f"{MARK}_{self.run}_%"):
            self.drop(name)

    def _clone_of(self, name: str) -> Clone:
        return Clone(name, _with_name(self.url, name), _with_name(self.owner_url, name))

    def _names_like(self, pattern: str) -> list[str]:
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern]
            )
            return [name for (name,) in rows]

    def _execute(self, statement: str, *names: str, without_clients: str = "") -> None:
        """Again while somebody has the database: clients may need to end, and so may autovacuum."""
        whole = sql.SQL(statement).format(*map(sql.Identifier, names))
        gives_up = time.monotonic() + PATIENCE_S
        while True:
            with self._connection() as connection:
                connection.execute(END_CLIENTS, [without_clients])
                try:
                    connection.execute(whole)
                except psycopg.errors.ObjectInUse:
                    if time.monotonic() > gives_up:
                        raise
                else:
                    return

    def _connection(self) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(_with_name(self.owner_url, "postgres"), autocommit=True)


def seeing_all(url: str) -> str:
    """The address under which a session sees the rows of all markets until it says otherwise."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"options={quote(SEES_ALL)}"))


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if __name__ == "__main__":
    TestDatabases(os.environ["TEST_RUN"]).make_template()
