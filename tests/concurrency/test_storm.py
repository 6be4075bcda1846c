"""Eight people at once book visits and series, move them and call them off at random while workers
assign and a nurse drops out: all still holds."""

import random
import threading
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from dispatch.domain.errors import Conflict, DispatchError
from dispatch.domain.series import Wish
from dispatch.models import Location, OutboxEvent, Reservation
from dispatch.outbox import deliver_next
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import book_hold, book_series, request_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.holds import give_back_hold
from dispatch.services.series import give_back_series, hold_series
from tests.builders import KETAMINE, NOW, TODAY, WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import set_clock
from workers.reactions import REACTIONS

THREADS = 8
WEEKLY = "ketamine_weekly_then_monthly"
STEPS = 60
PATIENTS = 8
DAYS = [TODAY + timedelta(days=1), TODAY + timedelta(days=2)]
A_WEEK_ON = [day + timedelta(days=7) for day in DAYS]
OUTSIDE = "a reservation outside its nurse's shift"


class Storm:
    """What the people share: the homes, and the holds and visits made so far."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seed = seed
        self.nurses = [world.nurse(name) for name in ("nina", "olga", "pia")]
        for nurse in self.nurses:
            for day in (*DAYS, *A_WEEK_ON):
                world.shift(nurse, day)
        self.by = world.bob
        self.homes = [self._home(number) for number in range(PATIENTS)]
        self.holds: list[tuple[UUID, Location]] = []
        self.series: list[UUID] = []
        self.visits: list[tuple[UUID, Location]] = []
        self.done: Counter[str] = Counter()
        self.counting = threading.Lock()

    def person(self, number: int) -> None:
        """One of those who act: the same seed wants the same things."""
        chance = random.Random(f"{self.seed}.{number}")
        for step in range(STEPS):
            verb = chance.choice(VERBS)
            try:
                verb(self, chance, NOW + timedelta(seconds=15 * step))
                outcome = "done"
            except DispatchError as refusal:
                outcome = refusal.code
            with self.counting:
                self.done[f"{verb.__name__} {outcome}"] += 1

    def hold(self, chance: random.Random, now: datetime) -> tuple[UUID, Location]:
        return self._hold(chance.choice(self.homes), chance, now)

    def book(self, chance: random.Random, now: datetime) -> None:
        held = self._one_of(self.holds, chance) or self.hold(chance, now)
        visit = book_hold(held[0], companion_id=None, key=None, by=self.by, now=now)
        self.holds.remove(held)
        self.visits.append((visit, held[1]))

    def ask(self, chance: random.Random, now: datetime) -> None:
        home, day = chance.choice(self.homes), chance.choice(DAYS)
        visit = request_visit(
            location_id=home.id, protocol_code=KETAMINE, start=at(9, day=day), end=at(15, day=day),
            companion_id=None, key=None, by=self.by, now=now,
        )  # fmt: skip
        self.visits.append((visit, home))

    def hold_series(self, chance: random.Random, now: datetime) -> None:
        """Two infusions, a week apart."""
        series = hold_series(
            location_id=chance.choice(self.homes).id, protocol_code=WEEKLY, wish=Wish(count=2),
            by=self.by, now=now,
        )  # fmt: skip
        self.series.append(series)

    def book_series(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.series, chance):
            book_series(found, companion_id=None, by=self.by, now=now)

    def give_back_series(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.series, chance):
            give_back_series(found, by=self.by, now=now)

    def stay_away(self, chance: random.Random, now: datetime) -> None:
        """Pia, of an afternoon."""
        day = chance.choice(DAYS)
        record_absence(
            self.nurses[-1].person_id, at(13, day=day), at(23, day=day), reason="", by=self.by,
            now=now,
        )  # fmt: skip

    def assign(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.visits, chance):
            assign_visit(found[0], now=now)

    def cancel(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.visits, chance):
            cancel_visit(found[0], reason="", expected_version=None, by=self.by, now=now)

    def reschedule(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.visits, chance):
            hold, _ = self._hold(found[1], chance, now)
            reschedule_visit(found[0], hold, expected_version=None, by=self.by, now=now)

    def give_back(self, chance: random.Random, now: datetime) -> None:
        if found := self._one_of(self.holds, chance):
            give_back_hold(found[0], by=self.by, now=now)
            self.holds.remove(found)

    def deliver(self, *_: object) -> None:
        deliver_next(REACTIONS)

    def _hold(self, home: Location, chance: random.Random, now: datetime) -> tuple[UUID, Location]:
        slots = self.world.slots(home, chance.choice(DAYS), now=now)
        if not slots:
            raise Conflict("no_slots", "The two days are full.")
        held = (self.world.hold(chance.choice(slots), home, self.by, now=now), home)
        self.holds.append(held)
        return held

    def _one_of(self, known: list[Any], chance: random.Random) -> Any:
        """A recent one, so that several people often want the same."""
        return chance.choice(known[-9:]) if known else None

    def _home(self, number: int) -> Location:
        patient = self.world.patient(f"patient {number}")
        north, east = divmod(number, 3)
        return self.world.home(patient, (WASHINGTON[0] + north / 50, WASHINGTON[1] + east / 50))


VERBS = [
    Storm.hold, Storm.hold, Storm.hold, Storm.book, Storm.book, Storm.ask, Storm.assign,
    Storm.assign, Storm.cancel, Storm.cancel, Storm.reschedule, Storm.give_back, Storm.deliver,
    Storm.hold_series, Storm.hold_series, Storm.book_series, Storm.book_series,
    Storm.give_back_series, Storm.stay_away,
]  # fmt: skip


@pytest.mark.parametrize(("seed", "watched"), [(1, None), (2, 2)])
def test_whatever_happens_at_once_the_schedule_stays_whole(
    fresh_database: Clone, seed: int, watched: int | None
) -> None:
    world = World()
    storm = Storm(world, seed)
    if watched is not None:
        world.supervise(watched)
    set_clock(world.market, NOW)

    outcomes = race([partial(storm.person, number) for number in range(THREADS)])

    assert outcomes == [None] * THREADS, "only refusals, no faults"
    found = faults()
    left_behind = found.pop(OUTSIDE, [])
    hers = Reservation.objects.filter(id__in=left_behind, nurse_id=storm.nurses[-1].person_id)
    assert len(hers) == len(left_behind), "only she who stays away leaves visits behind"
    assert found == {}
    done = {verb.__name__: storm.done[f"{verb.__name__} done"] for verb in VERBS}
    assert min(done.values()) > 0, f"each verb must have taken: {storm.done}"
    assert Reservation.objects.exists()
    assert not OutboxEvent.objects.filter(attempts__gt=0).exists(), "no event had to be put off"
