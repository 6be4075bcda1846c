"""Two hundred clients that send or read a byte a second keep nobody else waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import pytest

from api.slot_id import Offered, slot_id
from config.embedded.ports import HOST, free_port
from dispatch.domain.people import Actor
from dispatch.models import Visit
from tests.answering import answers
from tests.builders import NOW, World, at
from tests.databases import Clone
from tests.faults.running import START_S, post, set_clock, start_api, token_of, within
from tests.launching import Launcher
from tests.serving.crowd import OPENING, slow_clients

pytestmark = pytest.mark.journey

CLIENTS = 200
IN_TIME_S = 1
SECONDS = float(os.environ.get("SLOW_S") or 3)
PLAIN = "exec gunicorn config.wsgi --bind $BIND:$PORT --workers 2 --preload --threads 8"


def test_healthz_answers_within_a_second_and_visits_are_booked(
    launch: Launcher, services_env, fresh_database: Clone, record_property
) -> None:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    patients = {kind: world.patient(kind) for kind in OPENING}
    url = start_api(launch, services_env)
    slowest = {}
    for (kind, patient), start in zip(patients.items(), (at(9), at(12), at(15)), strict=True):
        with slow_clients(kind, CLIENTS, urlsplit(url).port or 0):
            slowest[kind] = kept_waiting(url)
            assert book(url, world, patient, start) == 201, kind
    record_property("slowest /healthz, s", slowest)
    assert Visit.objects.count() == len(OPENING)


def test_gunicorns_own_threads_are_all_taken(launch: Launcher, services_env) -> None:
    """The control: the same crowd before the same service without its worker."""
    url = start_plain(launch, services_env)
    with slow_clients("head", CLIENTS, urlsplit(url).port or 0):
        assert slowest_answer(url, 1) >= IN_TIME_S


def book(url: str, world: World, patient: Actor, start: datetime) -> int:
    """The status of the last of two calls: the slot is held, then booked."""
    token, home = token_of(patient), world.home(patient)
    (slot,) = (one for one in world.slots(home) if one.start == start)
    offered = slot_id(Offered(slot, home.id, world.protocol_row().id, None))
    hold = post(url, "holds", token, {"slot": offered})
    return post(url, "visits", token, {"hold": hold.body["id"]}).status


def kept_waiting(url: str) -> float:
    """The slowest answer of a while, and of another where the machine was taken by others: a crowd
    that had taken the service would keep it for good."""
    seen: list[float] = []

    def in_time() -> bool:
        seen.append(slowest_answer(url, SECONDS))
        return seen[-1] < IN_TIME_S

    within(START_S, in_time)
    return seen[-1]


def slowest_answer(url: str, seconds: float) -> float:
    """Of `/healthz`, asked again and again; two seconds stand for never."""
    address, slowest, ends = urlsplit(url), 0.0, time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.monotonic()
        connection = HTTPConnection(address.hostname or HOST, address.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        except (OSError, HTTPException):
            slowest = max(slowest, 2.0)
        finally:
            connection.close()
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    return slowest


def start_plain(launch: Launcher, env: Mapping[str, str]) -> str:
    port = free_port()
    url = f"http://{HOST}:{port}"
    shell = ["/bin/sh", "-c", f"{PLAIN} --worker-class gthread --no-control-socket"]
    launch(shell, {**env, "BIND": HOST, "PORT": str(port)})
    within(START_S, lambda: answers(url))
    return url
