"""`make run`: from nothing to the running service, then the walk through it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

from config.embedded.errors import EmbeddedError
from config.embedded.keys import SERVICE_KEYS, load_or_create
from config.embedded.ports import HOST, is_taken
from config.embedded.servers import CHECKOUT, VAR, lasting
from config.service import Service, ServiceError, manage, running, with_programs_first

console = Console(stderr=True, highlight=False)

Logins = dict[str, dict[str, str]]


def main() -> int:
    signal.signal(signal.SIGTERM, _leave)
    port = int(os.environ.get("PORT") or 8000)
    once = os.environ.get("ONCE") == "1"
    try:
        status, summary = _run(f"http://{HOST}:{port}", port, once=once)
    except (EmbeddedError, ServiceError) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    if summary:
        print(summary, flush=True)  # noqa: T201  (the result, on stdout)
    return status


def _run(url: str, port: int, *, once: bool) -> tuple[int, str]:
    if is_taken(port):
        raise ServiceError(f"Port {port} is in use; choose another: make run PORT={port + 1}")
    with _environment(url, port) as environment:
        logins = _prepare(environment)
        _write_demo(url, logins)
        with running(url, environment) as service:
            console.print("Starting API, worker and beat …")
            service.wait_until_ready()
            status, summary = _walk(environment)
            if not once:
                _stay(service, logins, summary)
    return status, summary


@contextmanager
def _environment(url: str, port: int) -> Iterator[dict[str, str]]:
    """With both URLs set, servers of one's own are used and nothing embedded is started."""
    passing = VAR / "tmp"
    passing.mkdir(parents=True, exist_ok=True)
    environment = with_programs_first(os.environ) | {"PORT": str(port), "URL": url}
    environment["TMPDIR"] = str(passing)  # what the processes write in passing stays here, too
    environment.setdefault("PUBLIC_URL", url)
    environment.setdefault("AUDIT_ANCHORS", str(VAR / "audit"))
    environment.setdefault("SECOND_FACTOR_REQUIRED", "false")  # the demo's people have none
    if environment.get("DATABASE_URL") and environment.get("REDIS_URL"):
        secrets = load_or_create(VAR / "secrets.env")
        yield {name: secrets[name] for name in SERVICE_KEYS} | environment
        return
    console.print("Starting PostgreSQL and Valkey …")
    with lasting() as servers:
        yield environment | servers.environment()


def _prepare(environment: dict[str, str]) -> Logins:
    console.print("Migrating …")
    manage("migrate", "--no-input", environment=environment)
    manage("grant_application_role", environment=environment)
    console.print("Looking after the demo market …")
    logins: Logins = json.loads(manage("demo_market", environment=environment).splitlines()[-1])
    return logins


def _write_demo(url: str, logins: Logins) -> None:
    """The passwords of invented people are still passwords: for the owner's eyes alone."""
    target = VAR / "demo.json"
    target.touch(mode=0o600)
    target.write_text(json.dumps({"url": url, "logins": logins}, indent=2) + "\n")


def _walk(environment: dict[str, str]) -> tuple[int, str]:
    """Shows the walk as it goes, and keeps its last line, the summary."""
    command = [sys.executable, "-m", "demo.walk"]
    last = ""
    with subprocess.Popen(  # noqa: S603
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    ) as walk:
        for line in walk.stdout or ():
            if last:
                print(last, flush=True)  # noqa: T201
            last = line.rstrip("\n")
    if walk.returncode != 0:
        console.print(f"[red]The walk did not hold (exit status {walk.returncode}).[/red]")
    return walk.returncode, last


def _stay(service: Service, logins: Logins, summary: str) -> None:
    print(summary, flush=True)  # noqa: T201  (the result, on stdout)
    console.print(f"\nThe service is up: [bold]{service.url}[/bold]  (Ctrl-C stops it)")
    for role, login in logins.items():
        console.print(f"  {role:<14} {login['username']}  {login['password']}")
    service.wait_forever()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
