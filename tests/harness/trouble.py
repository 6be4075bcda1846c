"""Kills, drawn from a seed: when, and whom. Who is killed is started again at once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import redis

from config.embedded.valkey import Valkey
from tests.harness.running import Running, end_by_force
from tests.harness.stage import WORKERS, Stage

AT_ONCE = 8
FROZEN_S = (4.5, 7.0)
"""Longer than a lease."""
SHARES = {
    "worker": 8, "worker's child": 12, "worker's poll": 8, "worker frozen": 8,
    "api": 5, "api's child": 7, "beat": 6, "broker": 16, "broker flushed": 18,
    "database's session": 7, "database": 5,
}  # fmt: skip
"""How many kills of a hundred fall to each. A process costs its start, a broker nothing."""


class Trouble:
    """Does harm at drawn moments until it is told to stop."""

    def __init__(
        self, stage: Stage, service: dict[str, Running], kills: int, draw: random.Random
    ) -> None:
        self.stage, self.service, self.kills, self.draw = stage, service, kills, draw
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.broker, self.database = threading.Lock(), threading.Lock()
        self.ways = self._ways()

    def run(self, begins: float, seconds: float) -> None:
        """Kill at so many moments of the span; come back when everything runs again."""
        moments = sorted(begins + self.draw.random() * seconds for _ in range(self.kills))
        kinds = self.draw.choices(list(SHARES), list(SHARES.values()), k=self.kills)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for moment, kind in zip(moments, kinds, strict=True):
                time.sleep(max(0, moment - time.time()))
                pool.submit(self._do, kind)

    def _do(self, kind: str) -> None:
        """Do this harm, or where its victim is down already, the next that can be done."""
        order = [kind, *self.draw.sample(list(SHARES), len(SHARES))]
        try:
            done = next((one for one in order if self._done(one)), None)
        except Exception as fault:
            self.faults.append(f"{kind}: {fault!r}")
            raise
        if done is not None:
            self.done[done] += 1

    def _done(self, kind: str) -> bool:
        """Whether the victim was there to be harmed."""
        return self.ways[kind]()

    def _ways(self) -> dict[str, Callable[[], bool]]:
        stage, api, beat = self.stage, self.service["api"], self.service["beat"]
        return {
            "worker": lambda: self._to_a_worker(Running.again),
            "worker's child": lambda: self._to_a_worker(lambda one: _end(one, "celery")),
            "worker's poll": lambda: self._to_a_worker(lambda one: _end(one, "workers.poll")),
            "worker frozen": lambda: self._to_a_worker(self._freeze),
            "api": lambda: _to(api, Running.again),
            "api's child": lambda: _to(api, lambda one: _end(one, "gunicorn")),
            "beat": lambda: _to(beat, Running.again),
            "broker": lambda: _alone(self.broker, lambda: _kill_broker(stage.valkey)),
            "broker flushed": lambda: _alone(self.broker, lambda: _flush(stage.valkey)),
            "database's session": lambda: _alone(
                self.database, lambda: stage.database.kill_backend(self.draw)
            ),
            "database": lambda: _alone(self.database, stage.database.kill_server),
        }

    def _freeze(self, worker: Running) -> None:
        worker.freeze(self.draw.uniform(*FROZEN_S))

    def _to_a_worker(self, harm: Callable[[Running], None]) -> bool:
        names = self.draw.sample(WORKERS, len(WORKERS))
        return any(_to(self.service[name], harm) for name in names)


def _to(victim: Running, harm: Callable[[Running], None]) -> bool:
    return _alone(victim.guard, lambda: harm(victim))


def _alone(guard: threading.Lock, harm: Callable[[], None]) -> bool:
    """Do it unless somebody is at this victim already."""
    if not guard.acquire(blocking=False):
        return False
    try:
        harm()
    finally:
        guard.release()
    return True


def _end(parent: Running, mark: str) -> None:
    child = parent.child(mark)
    if child is not None:
        end_by_force(child)


def _kill_broker(valkey: Valkey) -> None:
    assert valkey.process is not None
    valkey.process.kill()
    valkey.process.wait()
    valkey.start()


def _flush(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        client.flushall()
