"""The running service as its launcher sees it: started, ready, still alive, stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import urlopen

from config.embedded.servers import CHECKOUT

PATIENCE = 90.0


class ServiceError(RuntimeError):
    """The service did not start, or one of its processes ended by itself."""


class Service:
    """The supervisor of API, worker and beat, and the address of the API."""

    def __init__(self, supervisor: subprocess.Popen[bytes], url: str) -> None:
        self.supervisor = supervisor
        self.url = url

    def check(self) -> None:
        """Raises when a process has ended; the supervisor then stops the others and ends too."""
        if self.supervisor.poll() is not None:
            raise ServiceError("A process of the service ended by itself; see var/log/.")

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (answer := self._ready()).startswith("200"):
            self.check()
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{self.url}/readyz is not ready after {PATIENCE:.0f} s: {answer}"
                )
            time.sleep(0.1)

    def wait_forever(self) -> None:
        while True:
            self.check()
            time.sleep(0.5)

    def _ready(self) -> str:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310
                return str(answer.status)
        except (URLError, HTTPException, OSError) as error:
            return repr(error)


@contextmanager
def running(url: str, environment: Mapping[str, str]) -> Iterator[Service]:
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "config.processes"],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Service(supervisor, url)
    finally:
        if supervisor.stdin:
            supervisor.stdin.close()
        supervisor.wait()


def manage(*arguments: str, environment: Mapping[str, str]) -> str:
    """Runs a management command; its output is kept for the caller, its complaints are shown."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceError(f"manage.py {arguments[0]} failed ({done.returncode}): {done.stdout}")
    return done.stdout


def with_programs_first(environment: Mapping[str, str]) -> dict[str, str]:
    """The Procfile names programs of this virtual environment without their folder."""
    folder = os.path.dirname(sys.executable)  # noqa: PTH120  (resolving would leave the environment)
    return {**environment, "PATH": f"{folder}{os.pathsep}{environment.get('PATH', os.defpath)}"}
