"""`make run ONCE=1` as a newcomer runs it, on the test's own servers: the walk holds."""

import json
import subprocess
import sys

import pytest

from config.embedded.ports import free_port, is_taken
from config.embedded.servers import CHECKOUT

PATIENCE_S = 900


@pytest.mark.journey
def test_the_walk_holds_and_leaves_nothing_running(services_env: dict[str, str]) -> None:
    port = free_port()
    done = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=CHECKOUT,
        env=services_env | {"ONCE": "1", "PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert set(summary) == {
        "booked", "assigned", "messages_sent", "route_stops", "completed", "seconds"
    }  # fmt: skip
    assert all(summary.values()), summary
    assert not is_taken(port), "the service still answers"
