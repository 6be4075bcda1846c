"""Canaries: marked values of the tests' people, looked for in all that may hold nothing personal.

The people of ``tests/builders.py`` have names, phones, addresses and notes with ``MARKS`` in them.
Wherever one of these turns up – a log, the broker, a task, an event, a message, an address, a
refusal, a metric, a column in the clear – the test that was running fails and says where.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

MARK = "Zyxquill"
"""Stands in names, addresses and notes."""
PHONES = ("2025550100", "2025550101")
MARKS = re.compile("|".join((MARK, *PHONES)).encode(), re.IGNORECASE)
BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
REFUSED = {401, 403, 404, 405, 406, 409, 410, 412, 415, 422, 429, 500, 503}
"""Answers that hold nothing of what is there; a 400 may repeat what was sent."""


SHIPPED = {"protocol", "questionnaire", "visit_transition"}
"""Large tables that hold what was shipped, and nobody's data."""


def is_marked(content: bytes | str) -> bool:
    """Whether a marked value stands in it, in the clear or in base64 as in a task's body."""
    raw = content.encode(errors="replace") if isinstance(content, str) else content
    return bool(MARKS.search(raw)) or any(map(_hides, BASE64.findall(raw)))


def _hides(encoded: bytes) -> bool:
    try:
        return bool(MARKS.search(base64.b64decode(encoded)))
    except ValueError:
        return False


class Watch:
    """What was found where, since the last test asked."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def see(self, where: str, content: bytes | str) -> None:
        if is_marked(content):
            self.found.append(where)

    def taken(self) -> list[str]:
        found, self.found = self.found, []
        return found


WATCH = Watch()


class Log(logging.Handler):
    """Reads every line as the service's own handler would write it."""

    def __init__(self, own: logging.Handler) -> None:
        super().__init__()
        self.setFormatter(own.formatter)
        for one in own.filters:
            self.addFilter(one)

    def emit(self, record: logging.LogRecord) -> None:
        WATCH.see(f"log of {record.name}", self.format(record))


def middleware(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads the address of every request, and what is answered where nothing is to be told."""

    def watch(request: Any) -> Any:
        WATCH.see("address of a request", request.get_full_path())
        answer = get_response(request)
        if answer.status_code in REFUSED or request.path == "/metrics":
            WATCH.see(f"{answer.status_code} of {request.path}", answer.content)
        return answer

    return watch


def see_task(body: Any = None, headers: Any = None, **_: Any) -> None:
    """Celery tells of every task before it is sent."""
    WATCH.see("task", f"{body} {headers}")


READ_AS = {
    b"list": ("lrange", 0, -1), b"hash": ("hgetall",), b"set": ("smembers",),
    b"zset": ("zrange", 0, -1), b"string": ("get",),
    b"none": ("get",),
}  # fmt: skip
"""How to read a key of each type; a key that has meanwhile gone reads as nothing."""


def see_broker(url: str) -> None:
    """Every key and value in this numbered database."""
    import redis

    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(count=1000):
            read, *arguments = READ_AS[client.type(key)]
            value = getattr(client, read)(key, *arguments)
            WATCH.see(f"broker, {key!r}", f"{key!r} {value!r}")


def see_logs(folder: Path) -> None:
    """What launched processes wrote."""
    for log in folder.glob("*.log"):
        WATCH.see(f"log of {log.name}", log.read_bytes())


def see_tables() -> None:
    """Every table as PostgreSQL has it, and the words of messages, which are for the addressee."""
    from django.db import connection

    from dispatch import tenancy

    if connection.in_atomic_block and connection.needs_rollback:
        return
    with tenancy.everywhere(), connection.cursor() as cursor:
        cursor.execute(_every_table())
        for (table,) in cursor.fetchall():
            WATCH.found.append(f"table {table}")
        see_words()


def see_words() -> None:
    from dispatch.models import LocalMessage, MessageAttempt

    for kind in (LocalMessage, MessageAttempt):
        for words in kind.objects.values_list("subject", "body"):
            WATCH.see(f"words of a {kind.__name__}", "\n".join(words))


@cache
def _every_table() -> str:
    from django.apps import apps

    pattern = MARKS.pattern.decode()
    parts = (
        f"(SELECT '{table}' WHERE EXISTS ("  # noqa: S608
        f"SELECT FROM \"{table}\" t WHERE t::text ~* '{pattern}'))"
        for table in sorted({model._meta.db_table for model in apps.get_models()} - SHIPPED)
    )
    return " UNION ALL ".join(parts)


class Canaries:
    """The plugin: watches from the start of the run, and asks after every test."""

    def __init__(self) -> None:
        from celery.signals import before_task_publish
        from django.conf import settings

        before_task_publish.connect(see_task, weak=False)
        (own,) = (one for one in logging.getLogger().handlers if one.get_name() == "stderr")
        self.log = Log(own)
        settings.MIDDLEWARE = ["tests.canaries.middleware", *settings.MIDDLEWARE]

    @pytest.fixture(autouse=True)
    def nothing_personal_leaks(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Fails a test during which a marked value turned up where none may be."""
        if self.log not in logging.getLogger().handlers:  # who sets up logging takes it away
            logging.getLogger().addHandler(self.log)
        names = set(request.fixturenames)
        tables = "db" if "db" in names or request.node.get_closest_marker("django_db") else None
        tables = "fresh_database" if "fresh_database" in names else tables
        got = {
            name: request.getfixturevalue(name)
            for name in ("broker_url", "launch", tables)
            if name in names or name == tables
            if name is not None
        }
        yield
        if tables is not None:
            see_tables()
        if "broker_url" in got:
            see_broker(got["broker_url"])
        if "launch" in got:
            see_logs(got["launch"].folder)
        found = sorted(set(WATCH.taken()))
        assert not found, f"marked values of people were found: {found}"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        """What was printed by a test that passes; its log is read as the service would write it."""
        report = yield
        if report.when == "call" and report.passed:
            for title, content in report.sections:
                if title.startswith("Captured stdout"):
                    WATCH.see(title, content)
        return report


@contextmanager
def expected() -> Iterator[list[str]]:
    """For the tests of the canaries themselves: what is found meanwhile is theirs."""
    before: list[str] = WATCH.taken()
    found: list[str] = []
    yield found
    found += WATCH.taken()
    WATCH.found = before
