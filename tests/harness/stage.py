"""Everything a run stands on: servers, the stand-in, the service's processes, in one folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.request import urlopen

from honcho.environ import parse_procfile

from config.embedded.ports import HOST, free_port
from config.embedded.servers import CHECKOUT, VAR, throwaway
from config.embedded.valkey import Valkey
from config.service import manage, with_programs_first
from tests.answering import answers
from tests.databases import seeing_all
from tests.harness.database import Database
from tests.harness.outages import Outages
from tests.harness.running import Running
from tests.restoring import restore
from tests.standin.plan import Plan

FOLDER = VAR / "harness"
SENDER = "+12025550199"
WORKERS = ("worker 1", "worker 2")
THREADS = 8


@dataclass
class Provider:
    """The stand-in as a process, and what it tells of itself."""

    process: subprocess.Popen[str]
    url: str
    account: str
    token: str

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self._told(f"journal?after={after}")
        return told

    def counts(self) -> dict[str, Any]:
        told: dict[str, Any] = self._told("counts")
        return told

    def follow(self, plan: Plan) -> None:
        """Have it do other things wrong from now on."""
        body = json.dumps(asdict(plan)).encode()
        urlopen(f"{self.url}/standin/plan", body, timeout=20).close()  # noqa: S310

    def _told(self, what: str) -> Any:
        with urlopen(f"{self.url}/standin/{what}", timeout=20) as answer:  # noqa: S310
            return json.load(answer)


@dataclass
class Stage:
    """What is there to be used and to be killed."""

    folder: Path
    database: Database
    valkey: Valkey
    provider: Provider
    env: dict[str, str]
    api_url: str
    outages: Outages

    def running(self, name: str, command: list[str], env: dict[str, str], *said: str) -> Running:
        """A process that is ready once it has said so, or else at once."""
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return Running(name, command, env, log, lambda one: all(map(one.said, said)), self.outages)

    def service(self) -> dict[str, Running]:
        """The service's processes by name, not yet started."""
        api = Running(
            "api", command("api"), self.env, self.folder / "api.log",
            lambda _: answers(self.api_url), self.outages,
        )  # fmt: skip
        schedule = str(self.folder / "celerybeat")
        beat = [part.replace("var/celerybeat", schedule) for part in command("beat")]
        workers = [self.worker(one, command("worker")) for one in WORKERS]
        return {one.name: one for one in (api, *workers, self.running("beat", beat, self.env))}

    def worker(self, name: str, command: list[str], **more: str) -> Running:
        """A worker with its poll, under a name of its own in the broker."""
        named = [*command[:-1], f"{command[-1]} -n {name.replace(' ', '')}@%h"]
        return self.running(name, named, {**self.env, **more}, "ready.")


def command(name: str) -> list[str]:
    text = parse_procfile((CHECKOUT / "Procfile").read_text()).processes[name]
    return ["/bin/sh", "-c", text]


@contextmanager
def set_up(plan: Plan, dump: Path | None = None) -> Iterator[Stage]:
    """Servers with a migrated database, or one out of the dump of such a one, and the stand-in
    with its faults."""
    with ExitStack() as stack:
        servers = stack.enter_context(throwaway(FOLDER))
        folder = stack.enter_context(_logs(servers.valkey.log.parent))
        outages = Outages(WORKERS)
        database = Database(servers.postgres, outages)
        database.prepare()
        provider = stack.enter_context(_provider(plan, folder))
        port = free_port()
        env = _environment(servers.environment(), provider, port, folder)
        if dump is None:
            manage("migrate", "--no-input", "--verbosity=0", environment=env)
        else:
            restore(dump, seeing_all(env["DATABASE_OWNER_URL"]))
        manage("grant_application_role", environment=env)
        database.keep_clean()
        url = f"http://{HOST}:{port}"
        yield Stage(folder, database, servers.valkey, provider, env, url, outages)


@contextmanager
def _logs(parent: Path) -> Iterator[Path]:
    """A folder for what the processes say: gone with the run, unless somebody is to read it."""
    folder = Path(mkdtemp(prefix="run-", dir=parent))
    try:
        yield folder
    finally:
        if "KEEP_LOGS" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(
    servers: dict[str, str], provider: Provider, port: int, folder: Path
) -> dict[str, str]:
    return with_programs_first(os.environ) | servers | {
        "BIND": HOST,
        "PORT": str(port),
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "WEB_CONCURRENCY": "2",
        "WORKER_CONCURRENCY": "1",
        "TMPDIR": str(folder),
        "TEXTS_GATEWAY": "dispatch.gateways.twilio_texts.TwilioTexts",
        "TWILIO_ACCOUNT_SID": provider.account,
        "TWILIO_AUTH_TOKEN": provider.token,
        "TWILIO_FROM": SENDER,
        "TWILIO_URL": provider.url,
    }  # fmt: skip


@contextmanager
def _provider(plan: Plan, folder: Path) -> Iterator[Provider]:
    options = [f"--{one.name.replace('_', '-')}={getattr(plan, one.name)}" for one in fields(plan)]
    with (
        (folder / "standin.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "tests.standin", *options],
            cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        url, account, token = process.stdout.readline().split()
        try:
            yield Provider(process, url, account, token)
        finally:
            process.stdin.close()
            process.wait()
