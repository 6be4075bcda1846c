"""What the snapshot of a market answers is what the tables say, whatever was done by whomever."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from dispatch.domain.clock import seconds
from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Actor
from dispatch.models import Certificate, Licence, Location, Market, Shift, Visit
from dispatch.planning.insertion import Gaps, Place
from dispatch.selectors.claims import Claim, claim_on
from dispatch.selectors.routes import coming_routes, travel_in
from dispatch.selectors.snapshots import Snapshot, gaps_of
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import book_hold
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.holds import clear_lapsed_holds, give_back_hold
from tests.builders import NEVER, NOW, TODAY, WASHINGTON, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.door import suppose_told
from tests.faults.running import within

DAYS = [TODAY + timedelta(days=ahead) for ahead in (0, 1, 2)]
LATER = NOW + timedelta(minutes=11)


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    for name in ("nina", "olga"):
        nurse = world.nurse(name)
        for day in DAYS:
            world.shift(nurse, day)
    return world


def answers(gaps: Gaps, claim: Claim) -> list[tuple[object, Place]]:
    """By the shift's id: an index says nothing where the tables also hold past shifts."""
    places = [(gaps.shifts[place.shift].id, place) for place in gaps.places(claim.request)]
    return [(shift, place.start, place.position, place.rank) for shift, place in places]


def wishes(world: World, home: Location, now: datetime) -> Iterator[Claim]:
    for day in DAYS:
        for hour in (9, 12, 15):
            start = at(hour, day=day)
            yield claim_on(
                home, world.protocol(), start, start + timedelta(minutes=30), None, now=now
            )


def differences(world: World, snapshot: Snapshot, home: Location, now: datetime) -> list[Claim]:
    """The wishes on which a snapshot does not say what the tables do."""
    since = now - timedelta(days=1)
    routes = coming_routes(world.market.id, since, now=now)
    fresh = Gaps.of(routes, travel_in(world.market.id), seconds(now))
    kept = snapshot.gaps(now)
    return [w for w in wishes(world, home, now) if answers(kept, w) != answers(fresh, w)]


class People:
    """Who does whatever may be done to the routes of a market, one thing at a time."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance, self.by = world, chance, world.bob
        self.homes = [
            world.home(world.patient(f"patient {n}"), (WASHINGTON[0] + n / 40, WASHINGTON[1]))
            for n in range(4)
        ]
        self.held: list = []
        self.visits: list = []
        self.hired: list = []

    def hold(self, now: datetime) -> None:
        home = self.chance.choice(self.homes)
        slots = self.world.slots(home, self.chance.choice(DAYS), now=now)
        if slots:
            slot = self.chance.choice(slots)
            self.held.append((self.world.hold(slot, home, self.by, now=now), home))

    def book(self, now: datetime) -> None:
        if not self.held:
            self.hold(now)
        if self.held:
            hold, _ = self.held.pop()
            self.visits.append(book_hold(hold, companion_id=None, key=None, by=self.by, now=now))

    def give_back(self, now: datetime) -> None:
        if self.held:
            give_back_hold(self.held.pop(0)[0], by=self.by, now=now)

    def assign(self, now: datetime) -> None:
        if self.visits:
            assign_visit(self.chance.choice(self.visits), now=now)

    def cancel(self, now: datetime) -> None:
        if self.visits:
            visit = self.visits.pop(0)
            cancel_visit(visit, reason="", expected_version=None, by=self.by, now=now)

    def reschedule(self, now: datetime) -> None:
        if self.visits and self.held:
            visit = self.chance.choice(self.visits)
            reschedule_visit(visit, self.held.pop()[0], expected_version=None, by=self.by, now=now)

    def depart(self, now: datetime) -> None:
        """As a step at the door leaves it; its gates are of no matter here."""
        leaving = Visit.objects.filter(status="assigned", service_date=TODAY)
        for visit in leaving:
            suppose_told(visit, now, "depart")
        leaving.update(status="en_route")

    def clear(self, now: datetime) -> None:
        for shift in self.world.market_shifts():
            clear_lapsed_holds(shift.id, now=now)

    def hire(self, _: datetime) -> None:
        nurse = self.world.nurse(f"new {len(self.hired)}")
        self.hired.append(nurse.person_id)
        self.world.shift(nurse, self.chance.choice(DAYS))

    def dismiss(self, _: datetime) -> None:
        empty = Shift.objects.filter(reservations__isnull=True).order_by("id").first()
        if empty is not None:
            empty.delete()

    def shorten(self, _: datetime) -> None:
        shift = self.chance.choice(self.world.market_shifts())
        Shift.objects.filter(id=shift.id, reservations__isnull=True).update(end_at=shift.end_at)

    def edit_a_licence(self, _: datetime) -> None:
        licence = self.chance.choice(list(Licence.objects.order_by("id")))
        until = self.chance.choice((NEVER, NEVER, at(13, day=self.chance.choice(DAYS))))
        Licence.objects.filter(id=licence.id).update(valid_until=until)

    def drop_a_certificate(self, _: datetime) -> None:
        """Of one who came later, so that there is somebody left to book."""
        late = Certificate.objects.filter(nurse__in=self.hired).order_by("id").first()
        if late is not None:
            late.delete()

    def new_roads(self, _: datetime) -> None:
        Market.objects.update(park_s=self.chance.choice((120, 240)))


VERBS = [
    People.hold, People.hold, People.hold, People.hold, People.book, People.book, People.book,
    People.assign, People.assign, People.give_back,
    People.cancel, People.reschedule, People.depart, People.clear, People.hire, People.dismiss,
    People.shorten, People.edit_a_licence, People.drop_a_certificate, People.new_roads,
]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_after_whatever_was_done_every_process_answers_as_if_it_had_just_begun(
    world: World, seed: int
) -> None:
    """Two snapshots are two processes: neither is told anything by who writes."""
    chance = random.Random(seed)
    people = People(world, chance)
    often, seldom = Snapshot(world.market.id), Snapshot(world.market.id)
    home, now, done = people.homes[0], NOW, Counter()
    for step in range(45):
        verb = chance.choice(VERBS)
        try:
            verb(people, now)
            done[verb.__name__] += 1
        except DispatchError:
            done["refused"] += 1
        now += timedelta(minutes=chance.choice((0, 0, 0, 1, 1, 1, 12)))
        assert not differences(world, often, home, now), f"step {step}: {verb.__name__}"
        if step % 7 == 0:
            assert not differences(world, seldom, home, now), f"step {step}, the other process"
    assert done["refused"] < 10
    assert Visit.objects.count() > 2


def took(world: World, home: Location, by: Actor, hour: int = 12) -> object:
    (slot,) = (one for one in world.slots(home) if one.start == at(hour))
    return world.hold(slot, home, by)


def test_a_hold_that_runs_out_frees_its_time_without_a_word_from_anybody(world: World) -> None:
    home, snapshot = world.home(world.alice), Snapshot(world.market.id)
    snapshot.gaps(NOW)
    took(world, home, world.alice)
    other = world.home(world.patient("amy"))
    (wish,) = (w for w in wishes(world, other, NOW) if w.request.earliest == seconds(at(12)))
    held = len(snapshot.gaps(NOW).places(wish.request))
    assert held == len(snapshot.gaps(LATER).places(wish.request)) - 1
    assert held == len(snapshot.gaps(NOW).places(wish.request)), "also for a clock that is behind"


def test_what_was_not_yet_committed_when_another_looked_is_seen_afterwards(world: World) -> None:
    """A transaction with a lower number may end after one with a higher: the mark allows for it."""
    home, snapshot = world.home(world.alice), Snapshot(world.market.id)
    first, second = world.market_shifts()[:2]
    snapshot.gaps(NOW)

    def elsewhere(shift: Shift) -> None:
        Shift.objects.filter(id=shift.id).update(end_at=shift.start_at + timedelta(hours=1))

    with transaction.atomic():
        elsewhere(first)
        assert race([lambda: elsewhere(second), lambda: snapshot.gaps(NOW)])[0] is None
        race([lambda: snapshot.gaps(NOW)])
    assert not differences(world, snapshot, home, NOW)
    assert snapshot.gaps(NOW).shifts[0].end == seconds(first.start_at + timedelta(hours=1))


def oldest_open() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def test_without_the_notes_of_the_database_a_snapshot_grows_old(
    world: World, fresh_database: Clone
) -> None:
    """The control of all above: with the triggers off, what was taken is still offered.

    What changed while any transaction of the server was open is read anew: those of other tests
    are waited for.
    """
    import psycopg

    home, snapshot = world.home(world.alice), Snapshot(world.market.id)
    within(600, lambda: oldest_open() > max(Shift.objects.values_list("changed_in", flat=True)))
    snapshot.gaps(NOW)
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE shift DISABLE TRIGGER shift_changed")
    took(world, home, world.alice)
    assert differences(world, snapshot, home, NOW)


def test_what_a_transaction_sees_is_never_kept(world: World) -> None:
    shift = world.market_shifts()[0]
    before = gaps_of(world.market.id, now=NOW)
    with transaction.atomic():
        Shift.objects.filter(id=shift.id).update(end_at=shift.start_at + timedelta(hours=1))
        assert gaps_of(world.market.id, now=NOW).shifts != before.shifts
        transaction.set_rollback(True)
    assert gaps_of(world.market.id, now=NOW).shifts == before.shifts


def test_a_transaction_that_has_not_written_asks_the_snapshot(world: World) -> None:
    """What is kept is the same object."""
    kept = [gaps_of(world.market.id, now=NOW).shifts for _ in range(2)][-1]
    with transaction.atomic():
        assert gaps_of(world.market.id, now=NOW).shifts is kept
        Market.objects.select_for_update().get(id=world.market.id)
        assert gaps_of(world.market.id, now=NOW).shifts is not kept


def test_many_threads_ask_one_snapshot_at_once(world: World) -> None:
    home, snapshot = world.home(world.alice), Snapshot(world.market.id)
    took(world, home, world.alice)
    found = race([lambda: len(snapshot.gaps(NOW).shifts)] * 8)
    assert found == [6] * 8
