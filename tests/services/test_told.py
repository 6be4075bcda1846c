"""Who knows which nurse comes: nobody hears of one who does not, everybody of another."""

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.jobs import Cause
from dispatch.models import Market, Message, MessageAttempt, OutboxEvent, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.proposals import absence_seen_by, job_seen_by
from dispatch.services.absences import record_absence
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.plans import ask_for_plan
from tests.builders import ARLINGTON, BETHESDA, NOW, TODAY, TOMORROW, WASHINGTON, World, at
from workers import planning, work

pytestmark = pytest.mark.django_db

BEFORE, EVENING = at(17, 50, day=TODAY), at(18, 10, day=TODAY)
"""Just before the nurses of tomorrow are announced, and just after."""


@pytest.fixture
def world() -> World:
    world = World()
    world.nina, world.olga = world.nurse("nina", BETHESDA), world.nurse("olga", ARLINGTON)
    set_clock(world, NOW)
    return world


def set_clock(world, now) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=now - database_now())


def booked(world, name, hour=9, point=WASHINGTON) -> Visit:
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, point), patient, at(hour))
    assign_visit(visit_id, now=NOW)
    return Visit.objects.get(id=visit_id)


def repaired(world, now, nurse=None):
    """The nurse (nina) is away tomorrow; the best repair is accepted and returned."""
    set_clock(world, now)
    absence_id = record_absence(
        (nurse or world.nina).person_id, at(0), at(23), reason="", by=world.bob, now=now
    )
    planning.work_out_plans()
    job_id = absence_seen_by(world.bob, absence_id).repair
    best = job_seen_by(world.bob, job_id, Cause.REPAIR).proposals[0]
    accept_proposal(job_id, Cause.REPAIR, 1, by=world.bob, now=now)
    return best


def assign_to(world, visit, nurse, now) -> None:
    assign_by_hand(
        visit.id, nurse.person_id, reason="", expected_version=None, by=world.bob, now=now
    )


def messages(visit, kind) -> list[str]:
    return list(Message.objects.filter(visit=visit, kind=kind).values_list("state", flat=True))


def nurse_of(visit):
    visit.refresh_from_db()
    return None if visit.reservation is None else visit.reservation.nurse_id


def test_nobody_is_reminded_of_a_nurse_who_does_not_come(world) -> None:
    world.shift(world.nina)
    visit = booked(world, "amy")
    set_clock(world, EVENING)
    work.do_all()
    best = repaired(world, EVENING)
    assert [one.tell for one in best.moves] == [("nurse",)]
    assert OutboxEvent.objects.filter(name="VisitUnassigned").count() == 1
    work.do_all()
    set_clock(world, at(7, 1))
    work.do_all()
    assert nurse_of(visit) is None
    assert messages(visit, "two_hours_before") == ["due"]
    assert not MessageAttempt.objects.filter(message__kind="two_hours_before").exists()


def test_the_reminder_waits_for_the_nurse_who_is_found(world) -> None:
    world.shift(world.nina)
    visit = booked(world, "amy")
    repaired(world, BEFORE)
    set_clock(world, EVENING)
    work.do_all()
    assert messages(visit, "day_before") == ["due"]
    world.shift(world.olga)
    Visit.objects.filter(id=visit.id).update(assign_due_at=EVENING)
    Message.objects.filter(visit=visit).update(retry_at=None)
    work.do_all()
    assert nurse_of(visit) == world.olga.person_id
    assert messages(visit, "day_before") == ["sent"]
    assert messages(visit, "nurse_changed") == [], "no nurse had been announced"


@pytest.mark.parametrize(("now", "told"), [(BEFORE, []), (EVENING, ["sent"])])
def test_a_hand_that_gives_the_visit_to_another_nurse_tells_the_patient(world, now, told) -> None:
    world.shift(world.nina)
    visit = booked(world, "amy")
    world.shift(world.olga)
    set_clock(world, now)
    assign_to(world, visit, world.nina, now)
    work.do_all()
    assert messages(visit, "nurse_changed") == []
    assign_to(world, visit, world.olga, now)
    work.do_all()
    assert messages(visit, "nurse_changed") == told


def test_a_worker_who_finds_another_nurse_for_a_lost_visit_tells_the_patient(world) -> None:
    world.shift(world.nina)
    visit = booked(world, "amy")
    repaired(world, EVENING)
    world.shift(world.olga)
    Visit.objects.filter(id=visit.id).update(assign_due_at=EVENING)
    work.do_all()
    assert nurse_of(visit) == world.olga.person_id
    assert messages(visit, "nurse_changed") == ["sent"]


def crossed(world) -> tuple[Visit, Visit]:
    """Each nurse has the visit that lies at the other's door."""
    world.shift(world.olga)
    near_nina = booked(world, "amy", point=BETHESDA)
    Visit.objects.update(asked_nurse=None)
    world.shift(world.nina)
    return near_nina, booked(world, "ben", point=ARLINGTON)


def test_a_plan_is_not_accepted_once_the_nurses_it_swaps_are_announced(world) -> None:
    visits = crossed(world)
    before = [nurse_of(one) for one in visits]
    set_clock(world, BEFORE)
    job_id = ask_for_plan(TOMORROW, 2, by=world.bob, now=BEFORE)
    planning.work_out_plans()
    assert len(job_seen_by(world.bob, job_id, Cause.PLAN).proposals[0].moves) == 2
    with pytest.raises(Conflict) as refused:
        accept_proposal(job_id, Cause.PLAN, 1, by=world.bob, now=EVENING)
    assert refused.value.code == "day_changed"
    assert [nurse_of(one) for one in visits] == before
    accept_proposal(job_id, Cause.PLAN, 1, by=world.bob, now=BEFORE)
    assert [nurse_of(one) for one in visits] == before[::-1]


def test_a_repair_tells_whoever_knows_the_nurse_when_it_is_accepted(world) -> None:
    world.shift(world.nina)
    visit = booked(world, "amy")
    world.shift(world.olga)
    set_clock(world, BEFORE)
    absence_id = record_absence(
        world.nina.person_id, at(0), at(23), reason="", by=world.bob, now=BEFORE
    )
    planning.work_out_plans()
    job_id = absence_seen_by(world.bob, absence_id).repair
    assert job_seen_by(world.bob, job_id, Cause.REPAIR).proposals[0].told == 0
    set_clock(world, EVENING)
    accept_proposal(job_id, Cause.REPAIR, 1, by=world.bob, now=EVENING)
    work.do_all()
    assert messages(visit, "nurse_changed") == ["sent"]
