"""Controls: the same harm with one protection off must be seen, and with it on must not.

Each scene is played twice in a database of its own, by a worker of ``without``. What is found with
the protection off shows that the judgement sees; what is found with it on would be a fault.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from django.db import connections
from rich.console import Console

from dispatch.domain.people import Actor, Role
from dispatch.models import Message
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from tests.builders import NOW, TODAY, TOMORROW, at
from tests.harness.judge import BEGUN_AFTER_CANCEL, DUE_STILL, twice
from tests.harness.running import Running
from tests.harness.stage import Stage
from tests.harness.town import PROTOCOL, REMINDED_AT, Town, seed
from tests.harness.without import LEASE, LOOK_UP, NOTHING, REASON
from tests.standin.plan import Plan
from workers import work
from workers.keeping import keep

VISITS = 12
PATIENCE_S = 30.0
NEVER_S = 10.0
"""After two leases nobody else waits for a message that a protection would have brought back."""
NO_BROKER = "redis://127.0.0.1:1/0"
"""Nobody listens there: the worker then waits for nobody and does all itself."""
DROPPING = Plan(seed=1, dropped=0.4)
HANGING = Plan(hung=1, hang_s=60)
CALLED_OFF = "SELECT id FROM outbox_event WHERE name = 'VisitCancelled' FOR UPDATE"
CALM = Plan()


@dataclass
class Scene:
    """A town of its own with visits that are booked, and nobody at work."""

    stage: Stage
    database: str
    town: Town
    visits: list[UUID]
    heard: int
    """How many texts the provider had accepted before."""

    def worker(self, protection: str) -> Running:
        more = {"DATABASE_URL": self.stage.database.url(self.database), "REDIS_URL": NO_BROKER}
        command = [sys.executable, "-m", "tests.harness.without", protection]
        return self.stage.running(self.database, command, {**self.stage.env, **more})

    def connection(self) -> psycopg.Connection[tuple]:
        return self.stage.database.connection(self.database)

    def ids(self, query: str) -> list[str]:
        with self.connection() as connection:
            return [str(row[0]) for row in connection.execute(query).fetchall()]

    def all_quiet(self) -> bool:
        """Whether everything that was due has been sent, or given up."""
        return not self.ids(DUE_STILL)

    def until_seen(self, harm: Callable[[], list[str]], protection: str) -> list[str]:
        """Wait until all is quiet and return the harm; with a protection off, until it is seen."""
        off = protection != NOTHING
        self.until(lambda: self.all_quiet() or (off and harm()))
        return harm()

    def until(self, holds: Callable[[], object], patience: float = PATIENCE_S) -> None:
        """Wait for it, but not for ever: with a protection off it may never come."""
        give_up = time.monotonic() + patience
        while not holds() and time.monotonic() < give_up:
            time.sleep(0.1)


def _twice(scene: Scene, protection: str) -> list[str]:
    """The provider accepts and says nothing; each try that is repeated may arrive again."""
    scene.stage.provider.follow(DROPPING)
    with _working(scene.worker(protection)):
        found = scene.until_seen(
            lambda: twice(scene.stage.provider.journal(scene.heard)), protection
        )
    scene.stage.provider.follow(CALM)
    return found


def _after_cancel(scene: Scene, protection: str) -> list[str]:
    """All is called off, but nobody has heard: the events lie where no worker can take them."""
    for visit_id, person in zip(scene.visits, scene.town.people, strict=True):
        by = Actor(person.user_id, Role.PATIENT, scene.town.market_ids[0], person.patient_id)
        cancel_visit(visit_id, reason="", expected_version=None, by=by, now=NOW)
    connections.close_all()
    with scene.connection() as holding:
        holding.execute(CALLED_OFF)
        with _working(scene.worker(protection)):
            return scene.until_seen(lambda: scene.ids(BEGUN_AFTER_CANCEL), protection)


def _unsent(scene: Scene, protection: str) -> list[str]:
    """A worker dies while the provider has its messages; another must take them over."""
    scene.stage.provider.follow(HANGING)
    with _working(scene.worker(protection)):
        scene.until(lambda: scene.stage.provider.journal(scene.heard))
    scene.stage.provider.follow(CALM)
    with _working(scene.worker(protection)):
        scene.until(scene.all_quiet, PATIENCE_S if protection == NOTHING else NEVER_S)
    return scene.ids(DUE_STILL)


CONTROLS: dict[str, tuple[str, Callable[[Scene, str], list[str]]]] = {
    LOOK_UP: ("received twice", _twice),
    REASON: ("begun after cancel", _after_cancel),
    LEASE: ("unsent", _unsent),
}


def tripped(stage: Stage, console: Console) -> int:
    """Play every control both ways; return how many saw the harm, and only without protection."""
    return sum(_trips(stage, name, console) for name in CONTROLS)


def _trips(stage: Stage, protection: str, console: Console) -> bool:
    harm, play = CONTROLS[protection]
    found = {}
    for which in (NOTHING, protection):
        with _scene(stage, f"{protection}_{which}".replace("-", "_")) as scene:
            found[which] = play(scene, which)
    seen, wrong = found[protection], found[NOTHING]
    console.print(f"control without the {protection}: {len(seen)} {harm}: {', '.join(seen)}")
    if wrong:
        console.print(f"[red]and with it: {', '.join(wrong)}[/red]")
    return bool(seen) and not wrong


@contextmanager
def _scene(stage: Stage, name: str) -> Iterator[Scene]:
    """Visits of tomorrow, booked this morning; their reminders are due now."""
    stage.database.another(name)
    connection = connections["default"]
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        town = seed(1, VISITS, random.Random(0))
        visits = _booked(town)
        town.set_clocks([time.time()])
        yield Scene(stage, name, town, visits, len(stage.provider.journal()))
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


def _booked(town: Town) -> list[UUID]:
    (market_id,) = town.market_ids
    town.set_clocks([time.time() + (at(REMINDED_AT, day=TODAY) - NOW).total_seconds()])
    visits = []
    for person in town.people:
        by = Actor(person.user_id, Role.PATIENT, market_id, person.patient_id)
        visits.append(
            request_visit(
                location_id=person.location_id, protocol_code=PROTOCOL,
                start=at(8, day=TOMORROW), end=at(17, day=TOMORROW), companion_id=None,
                key=None, by=by, now=NOW,
            )
        )  # fmt: skip
    work.deliver_events()
    work.assign_visits()
    work.deliver_events()
    assert Message.objects.count() >= VISITS
    keep()  # the workers' next look at all visits, which would find the cancelled ones, is later
    return visits


@contextmanager
def _working(worker: Running) -> Iterator[None]:
    worker.start()
    try:
        yield
    finally:
        worker.kill()
