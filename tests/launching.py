"""Starts real processes for a test, waits until they are ready, ends them with their children."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.servers import CHECKOUT


@dataclass
class Launched:
    """A process in a group of its own, and the file that holds all it said."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """`kill -9` for the process and its children, as a machine that loses power does."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience: float = 10) -> None:
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        self.kill()

    def wait_until(self, holds: Callable[[], bool], patience: float = 90) -> None:
        deadline = time.monotonic() + patience
        while not holds():
            assert self.process.poll() is None, f"ended early:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"not after {patience} s:\n{self.log.read_text()}"
            time.sleep(0.05)

    def _signal(self, number: signal.Signals) -> None:
        """The process may be gone while its children live: the group outlasts its leader."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


@dataclass
class Launcher:
    """Called with a command; remembers what it started, so that nothing outlives the test."""

    folder: Path
    started: list[Launched] = field(default_factory=list)

    def __call__(
        self,
        command: list[str],
        env: Mapping[str, str],
        until: Callable[[Launched], bool] = lambda _launched: True,
        patience: float = 90,
    ) -> Launched:
        log = self.folder / f"{len(self.started)}-{Path(command[0]).name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=CHECKOUT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        launched = Launched(process, log)
        self.started.append(launched)
        launched.wait_until(lambda: until(launched), patience)
        return launched

    def stop_all(self) -> None:
        for launched in reversed(self.started):
            launched.stop()
