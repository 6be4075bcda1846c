"""One key, one row: fifty at once of a real gunicorn, or a process killed before its answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from dispatch.models import Companion, IdempotencyRecord
from tests.builders import World
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import ANSWER_S, START_S, start_api, token_of, within
from tests.launching import Launcher

pytestmark = pytest.mark.journey

CARL = {"name": "Carl", "phone": "+12025550101"}
AT_ONCE = 50
OUTSIDE = (OSError, HTTPException)


@pytest.fixture
def url(launch: Launcher, services_env: dict[str, str]) -> str:
    return start_api(launch, services_env)


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


def test_of_fifty_at_once_under_one_key_one_is_written_and_all_hear_of_it(
    world: World, url: str
) -> None:
    ask = partial(add_carl, url, token_of(world.alice), "a key")
    answers = race([ask] * AT_ONCE)

    codes = Counter(status for status, _, _ in answers)
    assert codes.keys() <= {201, 409}, codes
    assert {body["code"] for status, body, _ in answers if status == 409} <= {"in_flight"}
    (carl,) = Companion.objects.values_list("id", flat=True)
    assert {body["id"] for status, body, _ in answers if status == 201} == {str(carl)}
    status, body, replayed = ask()
    assert (status, body["id"], replayed) == (201, str(carl), "true")


def test_of_fifty_at_once_without_a_key_all_are_written(world: World, url: str) -> None:
    """The control."""
    answers = race([partial(add_carl, url, token_of(world.alice), None)] * AT_ONCE)
    assert Counter(status for status, _, _ in answers) == {201: AT_ONCE}
    assert Companion.objects.count() == AT_ONCE


@pytest.mark.parametrize(("key", "rows"), [("a key", 1), (None, 2)], ids=["key", "control"])
def test_a_process_killed_between_the_commit_and_its_answer(
    world: World, url: str, launch: Launcher, key: str | None, rows: int
) -> None:
    """The answer lies in no hands when the processes are killed: whoever asks again cannot know."""
    token = token_of(world.alice)
    with unanswered(url, token, key):
        within(START_S, lambda: Companion.objects.count() == 1)
        kill_children(launch)
    status, body, replayed = repeated(url, token, key)
    assert status == 201
    assert Companion.objects.count() == rows
    assert replayed == ("true" if key else None)
    assert Companion.objects.filter(id=body["id"]).exists()


def test_a_process_killed_before_it_has_committed_has_written_nothing(
    world: World, url: str, launch: Launcher, fresh_database: Clone
) -> None:
    """It stands before the row of its key, with the companion written and not committed."""
    token = token_of(world.alice)
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("LOCK TABLE idempotency_record IN EXCLUSIVE MODE")
        with unanswered(url, token, "a key"):
            within(START_S, lambda: waiting_for_a_lock(fresh_database))
            kill_children(launch)
        owner.rollback()
    status, _, replayed = repeated(url, token, "a key")
    assert (status, replayed) == (201, None)
    assert Companion.objects.count() == IdempotencyRecord.objects.count() == 1


def add_carl(url: str, token: str, key: str | None) -> tuple[int, dict[str, Any], str | None]:
    """Return status, body, and whether the answer is a kept one."""
    with contextlib.closing(asked(url, token, key)) as connection:
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("Idempotency-Replayed")


def asked(url: str, token: str, key: str | None) -> HTTPConnection:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_S)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers |= {} if key is None else {"Idempotency-Key": key}
    connection.request("POST", "/api/v1/companions", json.dumps(CARL), headers)
    return connection


@contextlib.contextmanager
def unanswered(url: str, token: str, key: str | None) -> Iterator[None]:
    """Ask, and never look at the answer."""
    connection = asked(url, token, key)
    try:
        yield
    finally:
        connection.close()


def repeated(url: str, token: str, key: str | None) -> tuple[int, dict[str, Any], str | None]:
    """Ask again as a client does: until somebody is there who does not say that it is busy."""
    answers: list[tuple[int, dict[str, Any], str | None]] = []

    def answered() -> bool:
        with contextlib.suppress(*OUTSIDE):
            answers.append(add_carl(url, token, key))
        return bool(answers) and answers[-1][0] not in {409, 503}

    within(START_S, answered)
    return answers[-1]


def kill_children(launch: Launcher) -> None:
    """Kill the processes that serve, and leave their parent, which starts others."""
    parent = launch.started[0].pid
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def waiting_for_a_lock(database: Clone) -> bool:
    with psycopg.connect(database.owner_url) as looking:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            " AND wait_event_type = 'Lock' AND query LIKE '%%idempotency_record%%'"
        )
        row = looking.execute(query, [database.name]).fetchone()
        return row is not None and row[0] > 0
