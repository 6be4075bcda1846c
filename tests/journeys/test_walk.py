"""`make run ONCE=1` as a newcomer runs it, on the test's own servers: the walk holds."""

import json
import socket
import subprocess
import sys

import pytest

from config.embedded.servers import CHECKOUT

PATIENCE_S = 300


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
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the service still answers"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
