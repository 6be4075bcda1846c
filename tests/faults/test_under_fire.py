"""Half a minute of `make faults`: processes die as people book, and each message arrives once."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.embedded.servers import CHECKOUT
from tests.databases import Clone
from tests.restoring import dump

pytestmark = pytest.mark.journey

SECONDS, KILLS = 30, 15
LEAST_BOOKINGS, LEAST_MESSAGES = 10, 20
PATIENCE_S = 900
NONE_ALLOWED = ("overlaps", "lost", "unsent", "twice", "after_cancel")


def test_what_people_booked_under_fire_stands_and_each_was_told_once(
    fresh_database: Clone, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Lateness is judged by `make faults` alone: here other tests take what time there is."""
    dumped = dump(fresh_database, tmp_path)
    command = [sys.executable, "-m", "tests.harness", "--any-lateness", "--dump", str(dumped)]
    done = subprocess.run(  # noqa: S603
        [*command, "--seconds", str(SECONDS), "--kills", str(KILLS), "--seed", "5"],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:] + done.stdout
    result = json.loads(done.stdout.splitlines()[-1])
    record_property("under fire", result)
    assert {name: result[name] for name in NONE_ALLOWED} == dict.fromkeys(NONE_ALLOWED, 0)
    assert (result["bookings"] > LEAST_BOOKINGS, result["messages"] > LEAST_MESSAGES) == (True,) * 2
    assert result["controls_tripped"] == 3
