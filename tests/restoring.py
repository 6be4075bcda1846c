"""A database dumped and restored by PostgreSQL's own programs, and the texts a stand-in got."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from config.embedded.binaries import postgres_programs
from tests.databases import Clone, TestDatabases
from tests.standin.door import Standin

SENDER = "+12025550123"


def dump(database: Clone, folder: Path) -> Path:
    """By the owner, who sees the rows of all markets only where it is asked for: the policies hold
    for everybody, so that `pg_dump` has to be told to read by them."""
    path = folder / "dump"
    options = ("--format=custom", "--enable-row-security", f"--file={path}")
    _run("pg_dump", *options, f"--dbname={database.owner_url}")
    return path


@contextmanager
def restored(path: Path, into: str, databases: TestDatabases) -> Iterator[Clone]:
    """A database of its own out of a dump; Django's connections lead to it."""
    clone = databases.empty(into)
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    try:
        restore(path, clone.owner_url)
        connection.close()
        connection.settings_dict["NAME"] = clone.name
        yield clone
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        databases.drop(clone.name)


def restore(path: Path, owner_url: str) -> None:
    """Into a database without any table."""
    _run("pg_restore", "--exit-on-error", f"--dbname={owner_url}", str(path))


def texts_by(standin: Standin) -> dict[str, str]:
    """The environment in which texts go by this account."""
    return {
        "TEXTS_GATEWAY": "dispatch.gateways.twilio_texts.TwilioTexts",
        "TWILIO_ACCOUNT_SID": standin.account.sid,
        "TWILIO_AUTH_TOKEN": standin.account.token,
        "TWILIO_FROM": SENDER,
        "TWILIO_URL": standin.url,
    }


def received(standin: Standin) -> Counter[tuple[str, str]]:
    """How often each number was told the same, whichever link stood in it."""
    with standin.account.guard:
        texts = [(one.to, one.body) for one in standin.account.messages]
    return Counter((to, re.sub(r"https?://\S+", "(link)", body)) for to, body in texts)


def _run(program: str, *arguments: str) -> None:
    command = [str(postgres_programs() / program), *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
