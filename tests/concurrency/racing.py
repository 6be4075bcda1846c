"""Runs callables at one moment, each in a thread of its own, and keeps what each came to."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def race(contestants: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each returned or raised, in the order of the contestants."""
    start = threading.Barrier(len(contestants))

    def run(contestant: Callable[[], T]) -> T | Exception:
        start.wait(60)
        try:
            return contestant()
        except Exception as error:  # noqa: BLE001 - the loser's refusal is an outcome
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(contestants)) as threads:
        return list(threads.map(run, contestants))


class Meeting:
    """Whoever comes waits until all are there; a wall that lets only one come ends the waiting."""

    def __init__(self, people: int, patience: float = 0.5) -> None:
        self.barrier = threading.Barrier(people)
        self.patience = patience

    def wait(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(self.patience)

    def before(self, act: Callable[..., T]) -> Callable[..., T]:
        def met(*args: object, **kwargs: object) -> T:
            self.wait()
            return act(*args, **kwargs)

        return met
