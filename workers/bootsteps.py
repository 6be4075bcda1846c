"""What every Celery worker gets beside the ordinary: patience, the work loaded, and the poll."""

import subprocess
import sys
import threading
from importlib import import_module
from typing import Any

from celery import bootsteps


class Patience(bootsteps.Step):
    """The worker itself waits for a broker that hangs, as long as the connection stands.

    Where an acknowledgement times out while the connection lives on, kombu logs it and keeps the
    task's place for good; as there is one place a process, the worker would take nothing again.
    """

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        settings = worker.app.conf
        settings.broker_transport_options = {
            **settings.broker_transport_options,
            "socket_timeout": None,
        }


class Loaded(bootsteps.Step):
    """The work is loaded before the pool forks: a child that replaces another has it at once."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        for name in ("workers.work", "workers.replying"):
            import_module(name)


class Poll(bootsteps.StartStopStep):
    """A process of its own, started again should it die: it goes on while the worker waits."""

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
