"""The fixtures keep their word: own databases, the application's role, nothing left behind."""

import os
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import ProgrammingError, connection, transaction

from config.embedded.processes import command_line
from config.embedded.valkey import Valkey
from tests.databases import Clone
from tests.launching import Launched, Launcher


def current_database() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        return cursor.fetchone()


@pytest.mark.django_db
def test_ordinary_tests_work_under_the_application_role() -> None:
    database, role = current_database()
    assert database.startswith("dispatch_test_")
    assert role == "dispatch_app"


@pytest.mark.django_db
def test_the_application_role_cannot_make_tables() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("CREATE TABLE intruder (id int)")


def test_a_fresh_database_is_one_of_its_own_in_every_thread(fresh_database: Clone) -> None:
    seen = []

    def look() -> None:
        seen.append(current_database()[0])
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert [current_database()[0], *seen] == [fresh_database.name] * 2


@pytest.mark.parametrize("_round", [1, 2])
def test_what_is_committed_in_a_fresh_database_goes_with_it(
    fresh_database: Clone, _round: int
) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("CREATE TABLE left_behind (id int)")


def test_processes_see_the_fresh_database_and_an_empty_broker(
    services_env: dict[str, str], launch: Launcher, fresh_database: Clone
) -> None:
    code = "import os, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep(60)"
    launch(
        [sys.executable, "-c", code],
        services_env,
        until=lambda launched: launched.said(fresh_database.url),
    )
    with redis.Redis.from_url(services_env["REDIS_URL"]) as broker:
        assert broker.dbsize() == 0


def test_a_launched_process_ends_with_its_children(launch: Launcher) -> None:
    def ready(launched: Launched) -> bool:
        return launched.said("child")

    launched = launch(["/bin/sh", "-c", "sleep 60 & echo child $!; wait"], os.environ, until=ready)
    child = int(launched.log.read_text().split()[1])
    launched.stop()
    deadline = time.monotonic() + 30
    while command_line(child) and time.monotonic() < deadline:
        time.sleep(0.01)  # it was sent the signal; how soon it is gone is the system's affair
    assert command_line(child) == ""


def test_a_broker_of_ones_own_comes_back_at_its_port(own_valkey: Valkey) -> None:
    address = own_valkey.url()
    own_valkey.stop()
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(address) as client:
        client.ping()
    own_valkey.start()
    with redis.Redis.from_url(address) as client:
        assert client.ping()


def test_the_log_of_the_server_can_be_read(postgres_log: Path) -> None:
    assert "ready to accept connections" in postgres_log.read_text()
