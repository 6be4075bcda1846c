"""The service's own processes as the Procfile starts them, and a client that times its calls."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import psycopg
from honcho.environ import parse_procfile

from api.authentication import begin
from config.embedded.ports import HOST, free_port
from config.embedded.servers import CHECKOUT
from dispatch.domain.people import Actor
from dispatch.models import Market
from dispatch.models.clock import database_now
from dispatch.services.engine import look_at_database, take_turn
from tests.answering import answers
from tests.databases import Clone
from tests.fakes import Hang, Provider
from tests.launching import Launched, Launcher

POLLING_S = 0.05
START_S = 90
"""How long a process may take to start on a busy machine: a start is never what is judged."""
ANSWER_S = 180
"""How long any of hundreds who ask at once may have to wait for an answer."""
LEASE_S = 8
"""How long the longest lease of a killed worker stands: that of a room."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    seconds: float


def command(name: str) -> list[str]:
    text = parse_procfile((CHECKOUT / "Procfile").read_text()).processes[name]
    return ["/bin/sh", "-c", text]


def start_api(launch: Launcher, env: Mapping[str, str]) -> str:
    """The address of a gunicorn that answers."""
    port = free_port()
    url = f"http://{HOST}:{port}"
    launch(
        command("api"),
        {**env, "BIND": HOST, "PORT": str(port), "WEB_CONCURRENCY": "2"},
        until=lambda launched: launched.log.read_text().count("Booting worker") == 2,
        patience=START_S,
    )
    within(START_S, lambda: answers(url))
    return url


def start_worker(launch: Launcher, env: Mapping[str, str], **more: str) -> Launched:
    """A worker with its poll, at the moment at which the process exists."""
    return launch(command("worker"), {**env, "WORKER_CONCURRENCY": "1", **more})


def kill_in_mid_call(
    launch: Launcher, env: Mapping[str, str], service: Provider, hang: Hang, **more: str
) -> None:
    """A worker is killed while the provider has its call; the provider then goes on."""
    service.hang = hang
    worker = start_worker(launch, env, **more)
    assert service.hanging.acquire(timeout=START_S + 10)
    worker.kill()
    service.release()
    within(START_S, lambda: not service.under_way)


def within(patience: float, holds: Callable[[], object]) -> float:
    """How many seconds it took until it held; fails where it does not in time."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < patience, f"not within {patience} s"
        time.sleep(POLLING_S)
    return time.monotonic() - began


def set_clock(market: Market, now: datetime) -> None:
    """The market's clock shows this time to every process, and goes on from there."""
    Market.objects.filter(id=market.id).update(clock_offset=now - database_now())


def token_of(person: Actor) -> str:
    return begin(person.user_id)["access"]


def post(url: str, path: str, token: str, body: dict[str, Any]) -> Answer:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or HOST, address.port, timeout=ANSWER_S)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    began = time.monotonic()
    try:
        connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        return Answer(response.status, json.loads(text), time.monotonic() - began)
    finally:
        connection.close()


def without_looks_at_all_visits() -> None:
    """The workers' next look at every visit, which plans what is missing, is an hour away: what
    a test takes away or leaves out stays so."""
    look_at_database()
    assert take_turn(timedelta(hours=1))


@contextmanager
def locked(database: Clone, query: str) -> Iterator[None]:
    """Holds the rows, so that who comes for them stands still there."""
    with psycopg.connect(database.owner_url) as owner:
        owner.execute(query)
        yield


def somebody_waits(database: Clone) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with psycopg.connect(database.owner_url) as owner:
        row = owner.execute(query, [database.name]).fetchone()
    return row is not None and row[0] > 0
