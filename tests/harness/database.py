"""The harness's own PostgreSQL: what it keeps, how it is killed, and when it answers again."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import psycopg
from psycopg import sql

from config.embedded.postgres import DATABASE, Postgres
from config.embedded.roles import APPLICATION, OWNER
from tests.databases import SEES_ALL
from tests.harness.outages import DATABASE as AWAY
from tests.harness.outages import Outages
from tests.harness.running import children, end_by_force

TEMPLATE = "clean"
LOOK_S = 0.02
BACKENDS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
REMEMBER_BEGINNINGS = """
    CREATE TABLE begun (attempt_id uuid NOT NULL);
    CREATE FUNCTION remember_begun() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO public.begun VALUES (NEW.id); RETURN NULL; END $$;
    CREATE TRIGGER remember_begun AFTER INSERT ON message_attempt
    FOR EACH ROW EXECUTE FUNCTION remember_begun();
"""
"""An attempt is written again when it is settled; a row beside it keeps the transaction in which it
was begun. That and the cancelling one both hold the visit, so that they commit in their order."""


class Database:
    """The server of one run. Its power never fails, so it need not wait for the disk; what it has
    committed must survive its own death, so it does write before it answers."""

    def __init__(self, server: Postgres, outages: Outages) -> None:
        self.server, self.outages = server, outages

    def prepare(self) -> None:
        """Have every commit written at once, and its time remembered."""
        with self._connection("postgres", autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            connection.execute(
                sql.SQL("ALTER ROLE {} SET synchronous_commit = on").format(
                    sql.Identifier(APPLICATION)
                )
            )
        self.server.stop()
        self.server.start()

    def keep_clean(self) -> None:
        """Keep the migrated, empty database, to make others from."""
        with self.connection() as connection:
            connection.execute(REMEMBER_BEGINNINGS)
        self._make(TEMPLATE, DATABASE)

    def another(self, name: str) -> None:
        self._make(name, TEMPLATE)

    def url(self, name: str = DATABASE, role: str = APPLICATION) -> str:
        return self.server.url(role, name)

    def connection(self, name: str = DATABASE) -> psycopg.Connection[tuple]:
        return psycopg.connect(self.url(name, OWNER), connect_timeout=3, options=SEES_ALL)

    def kill_backend(self, draw: random.Random) -> None:
        """`kill -9` for one session: PostgreSQL then ends all of them and recovers."""
        with suppress(psycopg.OperationalError), self._connection("postgres") as connection:
            pids = [pid for (pid,) in connection.execute(BACKENDS, [DATABASE]).fetchall()]
            if not pids:
                return
            self.outages.began(AWAY)
            end_by_force(draw.choice(pids))
            while connection.execute("SELECT 1"):
                time.sleep(LOOK_S)
        self._wait_until_back()

    def kill_server(self) -> None:
        """`kill -9` for the postmaster and all that it has started, and a new one."""
        process = self.server.process
        assert process is not None
        self.outages.began(AWAY)
        started = children(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for pid in started:
            end_by_force(pid)
        while any(_lives(pid) for pid in started):
            time.sleep(LOOK_S)
        self.server.start()
        self._wait_until_back()

    def _wait_until_back(self) -> None:
        while True:
            with suppress(psycopg.OperationalError):
                with self.connection() as connection:
                    connection.execute("SELECT 1")
                break
            time.sleep(LOOK_S)
        self.outages.ended(AWAY)

    def _make(self, name: str, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        names = map(sql.Identifier, (name, template, OWNER))
        with self._connection("postgres", autocommit=True) as connection:
            connection.execute(statement.format(*names))

    def _connection(self, name: str, **options: bool) -> psycopg.Connection[tuple]:
        url = self.server.url("postgres", name)
        return psycopg.connect(url, connect_timeout=3, **options)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
