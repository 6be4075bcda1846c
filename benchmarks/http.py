"""Books over HTTP: slots → hold → visit, by sixteen clients at once, against the real gunicorn.

The market has some ten thousand visits over a fortnight; PostgreSQL, Valkey, two API processes and
the clients share this machine. SECONDS sets how long it goes on.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import numpy as np
from honcho.environ import parse_procfile

from benchmarks.slot_market.drawing import DAYS, market
from benchmarks.slot_market.serving import Served, served
from config.embedded.ports import HOST, free_port
from config.embedded.servers import CHECKOUT
from config.service import with_programs_first

CLIENTS, PROCESSES = 16, 2
NURSES = 290
"""Booked to three quarters of their time, they have some ten thousand visits."""
SECONDS = float(os.environ.get("SECONDS") or 30)
WARM_UP_S = 5.0
DAYS_ASKED = 3
STEPS = ("slots", "hold", "book")


@dataclass
class Client:
    """One client's connection, and how long each answer took once the service was warm."""

    town: Served
    port: int
    draw: random.Random
    took: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    refused: Counter[str] = field(default_factory=Counter)
    warm: bool = False

    def __post_init__(self) -> None:
        self.line = HTTPConnection(HOST, self.port, timeout=60)

    def work(self, begin: float, end: float) -> None:
        """Book until the time is over; what happens before ``begin`` does not count."""
        while (now := time.monotonic()) < end:
            self.warm = now >= begin
            self.book_one()
        self.line.close()

    def book_one(self) -> None:
        start = self.town.start + timedelta(days=self.draw.randrange(DAYS - DAYS_ASKED))
        asked = {
            "protocol": "ketamine_six_induction",
            "location": self.draw.choice(self.town.homes),
            "from": start.isoformat(),
            "to": (start + timedelta(days=DAYS_ASKED)).isoformat(),
        }
        found = self.step("slots", "GET", f"slots?{urlencode(asked)}")
        if found and found["results"]:
            slot = self.draw.choice(found["results"])
            if held := self.step("hold", "POST", "holds", {"slot": slot["id"]}):
                self.step("book", "POST", "visits", {"hold": held["id"]})

    def step(self, name: str, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        """The answer, unless somebody else was faster."""
        headers = self.town.headers | {"Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        began = time.perf_counter()
        self.line.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, headers)
        response = self.line.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if self.warm:
            self.took[name].append(time.perf_counter() - began)
        if response.status in {200, 201}:
            return answer
        if response.status != 409:
            raise RuntimeError(f"{name} was answered {response.status}: {answer}")
        self.refused[answer["code"]] += self.warm
        return None


def main() -> None:
    """Sixteen threads of clients, each with a line of its own to two API processes."""
    with served(market(NURSES)[1]) as town, serving() as port:
        draw = random.Random(6)
        clients = [Client(town, port, random.Random(draw.random())) for _ in range(CLIENTS)]
        began = time.monotonic()
        begin, end = began + WARM_UP_S, began + WARM_UP_S + SECONDS
        with ThreadPoolExecutor(CLIENTS) as threads:
            for done in [threads.submit(one.work, begin, end) for one in clients]:
                done.result()
        print(json.dumps(told(town, clients)))


def told(town: Served, clients: list[Client]) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for step in STEPS:
        times = [seconds for one in clients for seconds in one.took[step]]
        steps[f"{step}_p50_ms"] = round(float(np.percentile(times, 50)) * 1e3, 1)
        steps[f"{step}_p99_ms"] = round(float(np.percentile(times, 99)) * 1e3, 1)
    booked = sum(len(one.took["book"]) for one in clients)
    refused: Counter[str] = sum((one.refused for one in clients), Counter())
    return {
        "benchmark": "http",
        "visits": town.visits,
        "clients": CLIENTS,
        "processes": PROCESSES,
        "seconds": SECONDS,
        "bookings_per_s": round(booked / SECONDS, 1),
        **steps,
        "refused": dict(refused),
    }


@contextmanager
def serving() -> Iterator[int]:
    """The API as the Procfile starts it, at a port of its own."""
    port = free_port()
    environment = with_programs_first(os.environ) | {
        "BIND": HOST, "PORT": str(port), "WEB_CONCURRENCY": str(PROCESSES),
    }  # fmt: skip
    command = parse_procfile((CHECKOUT / "Procfile").read_text()).processes["api"]
    shell = ["/bin/sh", "-c", command]
    api = subprocess.Popen(shell, cwd=CHECKOUT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            if api.poll() is not None:
                raise RuntimeError("The API did not start.")
            time.sleep(0.1)
        yield port
    finally:
        api.terminate()
        api.wait()


def _answers(port: int) -> bool:
    line = HTTPConnection(HOST, port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


if __name__ == "__main__":
    main()
