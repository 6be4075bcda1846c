"""Consults: with a clinician who is free, one at a time, with one room whatever happens."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from dispatch import outbox, tasking
from dispatch.domain.consults import ConsultKind
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.events import VisitEnded
from dispatch.domain.people import Actor, Role
from dispatch.domain.series import Wish
from dispatch.domain.tasks import TaskKind
from dispatch.models import Consult, Task, Visit
from dispatch.services import rooms
from dispatch.services.booking import book_series
from dispatch.services.consults import ask_consult, cancel_consult, finish_consult
from dispatch.services.series import hold_series
from tests.builders import KETAMINE, NOW, TOMORROW, World, at
from tests.concurrency.racing import race
from tests.databases import Clone
from tests.faults.running import set_clock
from workers import work

TEN = at(10)


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    assert world.dora
    return world


def ask(
    world: World,
    by: Actor,
    starts_at: datetime = TEN,
    *,
    kind: ConsultKind = ConsultKind.BEFORE_FIRST,
    clinician: UUID | None = None,
    patient: UUID | None = None,
) -> UUID:
    return ask_consult(
        patient_id=patient, kind=kind, protocol_code=KETAMINE, starts_at=starts_at,
        clinician_id=clinician, by=by, now=NOW,
    )  # fmt: skip


def second_clinician(world: World) -> UUID:
    return world.user("doris", Role.PRESCRIBER).id


def test_a_consult_is_appointed_and_gets_its_link_from_a_worker(world: World) -> None:
    consult = Consult.objects.get(id=ask(world, world.alice))
    assert (consult.clinician_id, consult.state, consult.link) == (
        world.dora.user_id, "asked", "",
    )  # fmt: skip
    assert consult.ends_at == TEN + timedelta(minutes=30)
    work.do_all()
    consult.refresh_from_db()
    assert consult.state == "ready"
    assert consult.link.endswith(f"/rooms/{consult.id}")


def test_a_clinician_who_is_taken_is_not_appointed_and_another_is(world: World) -> None:
    ask(world, world.alice)
    with pytest.raises(Conflict, match="No clinician is free"):
        ask(world, world.patient("amos"), TEN + timedelta(minutes=29))
    doris = second_clinician(world)
    other = ask(world, world.patient("ben"), TEN + timedelta(minutes=29))
    assert Consult.objects.get(id=other).clinician_id == doris
    with pytest.raises(Conflict, match="No clinician is free"):
        ask(world, world.patient("carla"), clinician=world.dora.user_id)


def test_one_begins_when_the_one_before_ends_or_is_called_off(world: World) -> None:
    first = ask(world, world.alice)
    amos = world.patient("amos")
    ask(world, amos, TEN + timedelta(minutes=30))
    cancel_consult(first, by=world.alice, now=NOW)
    ask(world, world.patient("ben"))


def test_a_patient_has_one_consult_at_a_time(world: World) -> None:
    second_clinician(world)
    ask(world, world.alice)
    with pytest.raises(Conflict, match="The patient has another"):
        ask(world, world.bob, patient=world.alice.person_id)


def test_postgresql_itself_refuses_two_consults_of_a_clinician(world: World) -> None:
    kept = Consult.objects.get(id=ask(world, world.alice))
    kept.pk, kept.patient_id = uuid4(), world.patient("amos").person_id
    with pytest.raises(IntegrityError, match="clinician_in_one_consult"), transaction.atomic():
        kept.save(force_insert=True)
    kept.patient_id, kept.clinician_id = world.alice.person_id, second_clinician(world)
    with pytest.raises(IntegrityError, match="patient_in_one_consult"), transaction.atomic():
        kept.save(force_insert=True)


def test_of_many_who_ask_for_the_one_clinician_at_once_one_gets_her(world: World) -> None:
    people = [world.patient(f"patient {number}") for number in range(6)]
    outcomes = race([lambda who=who: ask(world, who) for who in people])
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert {one.code for one in refused} == {"clinician_taken"}, "and none by the wall behind it"
    assert (len(refused), Consult.objects.count()) == (5, 1)


@pytest.mark.parametrize("starts_at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=181)])
def test_a_time_that_is_past_or_too_far_ahead_is_refused(world: World, starts_at) -> None:
    with pytest.raises(Invalid) as refused:
        ask(world, world.alice, starts_at)
    assert list(refused.value.fields) == ["starts_at"]


def test_a_clinician_is_a_prescriber_of_the_market(world: World) -> None:
    for stranger in (world.bob.user_id, World("Boston").dora.user_id, uuid4()):
        with pytest.raises(Invalid) as refused:
            ask(world, world.alice, clinician=stranger)
        assert list(refused.value.fields) == ["clinician"]


def test_a_consult_is_held_once_and_not_before_it_begins(world: World) -> None:
    consult_id = ask(world, world.alice)
    work.do_all()
    with pytest.raises(Conflict, match="has not begun"):
        finish_consult(consult_id, by=world.dora, now=TEN - timedelta(seconds=1))
    finish_consult(consult_id, by=world.dora, now=TEN)
    assert (Consult.objects.get().state, Consult.objects.get().link) == ("done", "")
    for again in (finish_consult, cancel_consult):
        with pytest.raises(Conflict, match="held or called off"):
            again(consult_id, by=world.dora, now=TEN)
    with pytest.raises(NotFound):
        cancel_consult(consult_id, by=world.patient("mallory"), now=TEN)


# -- the provider


class Provider:
    """Opens rooms in memory, one a key; fails as often as it is told, before or after it did."""

    def __init__(self, *, fails: int = 0, after_opening: bool = False) -> None:
        self.fails, self.after_opening = fails, after_opening
        self.opened: dict[str, str] = {}
        self.calls = 0

    def key_for(self, key: str) -> str:
        return key

    def open_room(self, *, key: str, starts_at: datetime) -> str:  # noqa: ARG002
        self.calls += 1
        failing = self.calls <= self.fails
        if failing and not self.after_opening:
            raise ConnectionError
        link = self.opened.setdefault(self.key_for(key), f"https://rooms.example/{self.calls}")
        if failing:
            raise TimeoutError
        return link


class Keyless(Provider):
    """The control: each call has a key of its own, as if there were none."""

    def key_for(self, key: str) -> str:
        return f"{key}.{self.calls}"


def open_until_ready(monkeypatch, provider: Provider) -> Consult:
    monkeypatch.setattr(work, "telehealth", lambda: provider)
    for _ in range(provider.fails + 1):
        Consult.objects.update(retry_at=None)
        work.open_rooms()
    return Consult.objects.get()


@pytest.mark.parametrize("after_opening", [False, True])
def test_a_provider_that_fails_is_tried_until_there_is_one_room(
    world: World, monkeypatch, after_opening
) -> None:
    ask(world, world.alice)
    provider = Provider(fails=3, after_opening=after_opening)
    consult = open_until_ready(monkeypatch, provider)
    assert (consult.state, consult.attempts) == ("ready", 4)
    assert [consult.link] == list(provider.opened.values())


def test_without_a_key_there_would_be_several_rooms(world: World, monkeypatch) -> None:
    ask(world, world.alice)
    provider = Keyless(fails=3, after_opening=True)
    open_until_ready(monkeypatch, provider)
    assert len(provider.opened) == 4


def test_a_failure_waits_longer_each_time_and_then_tells_a_dispatcher(
    world: World, monkeypatch
) -> None:
    ask(world, world.alice)
    provider = Provider(fails=rooms.TOLD_AFTER)
    monkeypatch.setattr(work, "telehealth", lambda: provider)
    work.open_rooms()
    assert work.open_rooms() == 0, "it waits"
    for tries in range(2, rooms.TOLD_AFTER + 1):
        assert not Task.objects.exists(), tries
        Consult.objects.update(retry_at=None)
        work.open_rooms()
    (task,) = Task.objects.all()
    assert (task.kind, task.role, task.done_at) == ("room_missing", "dispatcher", None)
    Consult.objects.update(retry_at=None)
    work.open_rooms()
    assert Task.objects.get().done_at is not None
    assert Consult.objects.get().state == "ready"


def test_a_worker_whose_lease_ran_out_while_the_provider_hung_changes_nothing(
    world: World, monkeypatch
) -> None:
    consult_id = ask(world, world.alice)
    (first,) = rooms.claim_rooms()
    assert rooms.claim_rooms() == (), "the control: while the lease lasts nobody else calls"
    Consult.objects.update(lease_until=NOW - timedelta(days=3650))
    (second,) = rooms.claim_rooms()
    assert first.key == second.key == str(consult_id)
    rooms.settle_opened(second, "https://rooms.example/1", now=NOW)
    rooms.settle_opened(first, "https://rooms.example/2", now=NOW)
    rooms.settle_failed(first, now=NOW)
    consult = Consult.objects.get()
    assert (consult.state, consult.link) == ("ready", "https://rooms.example/1")
    assert consult.retry_at is None


def test_a_consult_called_off_while_its_room_is_opened_stays_called_off(world: World) -> None:
    consult_id = ask(world, world.alice)
    (room,) = rooms.claim_rooms()
    cancel_consult(consult_id, by=world.alice, now=NOW)
    rooms.settle_opened(room, "https://rooms.example/1", now=NOW)
    assert (Consult.objects.get().state, Consult.objects.get().link) == ("cancelled", "")
    assert rooms.claim_rooms() == ()


def test_no_room_is_opened_for_a_consult_that_is_over(world: World) -> None:
    ask(world, world.alice)
    set_clock(world.market, TEN + timedelta(minutes=30))
    assert rooms.claim_rooms() == ()


# -- the follow-up


def series_of(world: World) -> list[Visit]:
    nina = world.nurse("nina")
    for days in (0, 7, 14):
        world.shift(nina, TOMORROW + timedelta(days=days))
    series_id = hold_series(
        location_id=world.home(world.alice).id, protocol_code="ketamine_weekly_then_monthly",
        wish=Wish(), by=world.alice, now=NOW,
    )  # fmt: skip
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    work.do_all()
    return list(Visit.objects.order_by("window_start"))


def test_a_follow_up_is_proposed_after_the_last_visit_of_a_series_and_not_before(world) -> None:
    *earlier, last = series_of(world)
    for visit in earlier:
        world.carry_out(visit.id, visit.window_start, visit.window_start + timedelta(hours=2))
    work.deliver_events()
    proposed = Task.objects.filter(kind=TaskKind.ARRANGE_FOLLOW_UP.value)
    assert not proposed.exists()
    world.carry_out(last.id, last.window_start, last.window_start + timedelta(hours=2))
    work.deliver_events()
    task = proposed.get()
    assert (task.patient_id, task.done_at) == (world.alice.person_id, None)
    ask(world, world.bob, kind=ConsultKind.FOLLOW_UP, patient=world.alice.person_id)
    assert proposed.get().done_at is not None
    with transaction.atomic():
        outbox.record(VisitEnded(last.id), market_id=world.market.id, now=NOW)
    work.deliver_events()
    assert proposed.count() == 1, "one is appointed: none is proposed again"


def test_a_proposal_can_be_ticked_off_where_nobody_wants_a_follow_up(world: World) -> None:
    from dispatch.services.tasks import finish_task

    with transaction.atomic():
        tasking.open_task(
            TaskKind.ARRANGE_FOLLOW_UP, world.alice.person_id, market_id=world.market.id, now=NOW
        )
    finish_task(Task.objects.get().id, outcome="not wished", by=world.bob, now=NOW)
    assert Task.objects.get().done_at is not None
