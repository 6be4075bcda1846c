"""Runs callables at one moment, each in a thread of its own, and keeps what each came to.

Nobody is given a time by which to have come: on a busy machine a thread may stand still for
seconds. Whoever waits for another goes on once PostgreSQL says that the other waits for a lock.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
from django.db import connections

T = TypeVar("T")

PATIENCE_S = 60
"""For threads that nothing keeps but other people's use of the machine."""
LOOK_S = 0.05
BEFORE_A_LOCK = """
    SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE datname = %s AND NOT granted AND clock_timestamp() - waitstart > '0.2 s'
"""
_here = threading.local()
"""Of each thread the race it runs in."""


class Race:
    """How many run in it, and how many of them have come to their end."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.ended = 0
        self.start = threading.Barrier(people)
        self.counting = threading.Lock()

    def run(self, contestant: Callable[[], T]) -> T | Exception:
        _here.race = self
        self.start.wait(PATIENCE_S)
        try:
            return contestant()
        except Exception as error:  # noqa: BLE001 - the loser's refusal is an outcome
            return error
        finally:
            connections.close_all()
            with self.counting:
                self.ended += 1


def race(contestants: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each returned or raised, in the order of the contestants."""
    with ThreadPoolExecutor(len(contestants)) as threads:
        return list(threads.map(Race(len(contestants)).run, contestants))


class Meeting:
    """Whoever comes waits for all others of the race, but for those who have ended. Where nobody
    is left who could come, as the others wait for a lock, that ends all waiting for good."""

    def __init__(self) -> None:
        self.waiting = 0
        self.coming = threading.Lock()
        self.all_came = threading.Event()
        self.over = threading.Event()

    def wait(self) -> None:
        if (race := getattr(_here, "race", None)) is None:
            return
        with self.coming:
            all_came = self.all_came
            self.waiting += 1
            if self.waiting == race.people:
                self.waiting, self.all_came = 0, threading.Event()
                all_came.set()
        deadline = time.monotonic() + PATIENCE_S
        while not (all_came.wait(LOOK_S) or self.over.is_set()):
            if self.waiting + race.ended + before_a_lock() >= race.people:
                self.over.set()
            assert time.monotonic() < deadline, "the others neither come nor end"

    def before(self, act: Callable[..., T]) -> Callable[..., T]:
        def met(*args: object, **kwargs: object) -> T:
            self.wait()
            return act(*args, **kwargs)

        return met


def comes_first(event: threading.Event) -> bool:
    """Whether it happens, or else waits for a lock: who brings it about is a thread like ours."""
    deadline = time.monotonic() + PATIENCE_S
    while not event.wait(LOOK_S):
        if before_a_lock():
            return event.is_set()
        assert time.monotonic() < deadline, "it neither happens nor waits for a lock"
    return True


def before_a_lock() -> int:
    """How many sessions of this database wait for one, and have for longer than a moment."""
    settings = connections["default"].settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
        password=settings["PASSWORD"], dbname=settings["NAME"], autocommit=True,
    ) as looking:  # fmt: skip
        row = looking.execute(BEFORE_A_LOCK, [settings["NAME"]]).fetchone()
    return int(row[0]) if row else 0
