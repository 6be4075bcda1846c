"""One process of the service under our control: started, killed, frozen, started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.embedded.processes import command_line
from config.embedded.servers import CHECKOUT
from tests.harness.outages import Outages

PATIENCE_S = 60
LOOK_S = 0.05

Ready = Callable[["Running"], bool]


class NotReady(RuntimeError):
    """A process did not start."""


class Running:
    """A process in a group of its own. ``guard`` is held by whoever does something to it."""

    def __init__(
        self,
        name: str,
        command: list[str],
        env: Mapping[str, str],
        log: Path,
        ready: Ready,
        outages: Outages,
    ) -> None:
        self.name, self.command, self.env, self.log = name, command, env, log
        self.ready, self.outages = ready, outages
        self.guard = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.said_before = 0

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=CHECKOUT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self.ready(self):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotReady(f"{self.name} does not start; see {self.log}")
            time.sleep(LOOK_S)
        self.outages.ended(self.name)

    def said(self, text: str) -> bool:
        """Whether it has said so since it was started."""
        with self.log.open("rb") as log:
            log.seek(self.said_before)
            return text in log.read().decode(errors="replace")

    def kill(self) -> None:
        """`kill -9` for the process and its children."""
        self.outages.began(self.name)
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def again(self) -> None:
        self.kill()
        self.start()

    def freeze(self, seconds: float) -> None:
        """Stop the process and its children where they stand, and let them go on later."""
        self.outages.began(self.name)
        self._signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(signal.SIGCONT)
        self.outages.ended(self.name)

    def stop(self, patience: float = 10) -> None:
        self._signal(signal.SIGTERM)
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()

    def child(self, mark: str) -> int | None:
        """Return a child whose command line carries the mark."""
        pids = [] if self.process is None else children(self.process.pid)
        return next((pid for pid in pids if mark in command_line(pid)), None)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def children(parent: int) -> list[int]:
    """Return the processes that this one has started, the newest first."""
    table = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True
    )
    rows = [line.split() for line in table.stdout.splitlines()]
    return sorted((int(pid) for pid, above in rows if int(above) == parent), reverse=True)


def end_by_force(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
