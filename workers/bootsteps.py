"""Starts the one-second poll beside a Celery worker, and starts it again should it die."""

import subprocess
import sys
import threading
from typing import Any

from celery import bootsteps


class Poll(bootsteps.StartStopStep):
    """A process of its own: it goes on while the worker waits for its broker."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()

    def start(self, worker: Any) -> None:  # noqa: ARG002 - Celery's signature
        threading.Thread(target=self._keep_alive, name="poll", daemon=True).start()

    def stop(self, worker: Any) -> None:  # noqa: ARG002 - Celery's signature
        self.stopping.set()
        if self.process is not None:
            self.process.terminate()

    def terminate(self, worker: Any) -> None:
        self.stop(worker)

    def _keep_alive(self) -> None:
        while not self.stopping.is_set():
            self.process = subprocess.Popen([sys.executable, "-m", "workers.poll"])
            self.process.wait()
            self.stopping.wait(1)
