"""A nurse drops out: no slot is offered there, three repairs are worked out, one is accepted."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from dispatch import schedule
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.jobs import Cause
from dispatch.models import (
    Absence,
    Assignment,
    AuditEntry,
    Certificate,
    Hold,
    Market,
    Message,
    PlanJob,
    Reservation,
    Shift,
    ShiftRule,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.selectors.board import board_of
from dispatch.selectors.proposals import absence_seen_by, job_seen_by
from dispatch.services.absences import record_absence
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_visit
from dispatch.services.plans import ask_for_repair
from dispatch.services.shifts import roll_shifts
from tests.builders import ARLINGTON, NOW, TODAY, TOMORROW, WASHINGTON, World, at
from tests.concurrency.oracle import faults
from tests.door import suppose_told
from workers import planning, work

pytestmark = pytest.mark.django_db

EVENING = at(19, day=TODAY)
"""The nurses of tomorrow have been announced."""


@pytest.fixture
def world() -> World:
    world = World()
    world.nina, world.olga = world.nurse("nina"), world.nurse("olga", ARLINGTON)
    world.hers = world.shift(world.nina)
    return world


def booked(world, name, hour, point=WASHINGTON) -> Visit:
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, point), patient, at(hour))
    assign_visit(visit_id, now=NOW)
    return Visit.objects.get(id=visit_id)


def set_clock(world, now) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=now - database_now())


def away(world, nurse=None, start=None, end=None, now=EVENING) -> UUID:
    set_clock(world, now)
    return record_absence(
        (nurse or world.nina).person_id, start or at(0), end or at(23),
        reason="ill", by=world.bob, now=now,
    )  # fmt: skip


def repairs(world, absence_id):
    """The repairs of an absence, once the workers have been."""
    planning.work_out_plans()
    found = absence_seen_by(world.bob, absence_id).repair
    assert found is not None
    return job_seen_by(world.bob, found, Cause.REPAIR)


def accept(world, job, number=1, now=EVENING) -> None:
    accept_proposal(job.id, Cause.REPAIR, number, by=world.bob, now=now)


def test_no_slot_is_offered_from_the_moment_of_the_absence(world) -> None:
    home = world.home(world.alice)
    assert world.slots(home)
    away(world)
    assert world.slots(home, now=EVENING) == ()
    world.hers.refresh_from_db()
    assert world.hers.start_at == world.hers.end_at
    assert world.hers.version == 2


def test_half_a_day_off_leaves_the_other_half(world) -> None:
    away(world, start=at(13))
    ends = {one.start for one in world.slots(world.home(world.alice), now=EVENING)}
    assert ends
    assert max(ends) < at(12)


def test_her_visits_are_shown_until_they_are_repaired(world) -> None:
    booked(world, "amy", 9)
    assert board_of(world.market.id, TOMORROW, now=EVENING).exceptions.uncovered == 0
    away(world)
    board = board_of(world.market.id, TOMORROW, now=EVENING)
    assert board.exceptions.uncovered == 1
    assert board.shifts[0].stops[0].uncovered


def test_another_nurse_takes_the_visits_and_their_patients_are_told(world) -> None:
    first, second = booked(world, "amy", 9), booked(world, "ben", 12)
    others = world.shift(world.olga)
    own = booked(world, "cid", 15, ARLINGTON)
    work.do_all()
    job = repairs(world, away(world))
    assert job.state == "ready"
    (best, *_) = job.proposals
    assert [one.visit for one in best.moves if one.tell] == [first.id, second.id]
    assert {one.tell for one in best.moves if one.tell} == {("nurse",)}
    assert (best.told, best.moved, best.unserved) == (2, 0, ())

    accept(world, job)

    for visit in (first, second):
        visit.refresh_from_db()
        assert (visit.status, visit.reservation.shift_id) == ("assigned", others.id)
        last, before = Assignment.objects.filter(visit=visit).order_by("-since")
        assert (last.nurse_id, last.assigned_by_id) == (world.olga.person_id, world.bob.user_id)
        assert (before.nurse_id, before.until) == (world.nina.person_id, EVENING)
    assert faults() == {}
    work.do_all()
    told = Message.objects.filter(kind="nurse_changed")
    assert {one.visit_id for one in told} == {first.id, second.id}
    assert not told.filter(visit=own).exists()
    assert set(told.values_list("state", flat=True)) == {"sent"}
    assert AuditEntry.objects.filter(verb="accept", subject_id=job.id).count() == 1
    assert job_seen_by(world.bob, job.id, Cause.REPAIR).accepted == 1


def test_before_the_nurses_are_announced_nobody_is_told(world) -> None:
    booked(world, "amy", 9)
    world.shift(world.olga)
    job = repairs(world, away(world, now=NOW))
    assert job.proposals[0].told == 0
    accept(world, job, now=NOW)
    work.do_all()
    assert not Message.objects.filter(kind="nurse_changed").exists()


def test_whom_nobody_can_take_wants_a_nurse_again_and_says_why(world) -> None:
    visit = booked(world, "amy", 9)
    Certificate.objects.filter(nurse_id=world.olga.person_id, code="acls").delete()
    world.shift(world.olga)
    job = repairs(world, away(world))
    (left,) = job.proposals[0].unserved
    assert (left.visit, left.reasons) == (visit.id, {"certified": 1})

    accept(world, job)

    visit.refresh_from_db()
    assert (visit.status, visit.reservation, visit.window_promised) == ("requested", None, True)
    assert visit.unassigned_because == {"certified": 1}
    board = board_of(world.market.id, TOMORROW, now=EVENING)
    assert (board.exceptions.unassigned, board.exceptions.uncovered) == (1, 0)
    assert not Assignment.objects.filter(visit=visit, until__isnull=True).exists()
    assert faults() == {}
    Certificate.objects.create(
        market=world.market, nurse_id=world.olga.person_id, code="acls",
        valid_from=NOW - timedelta(days=9), valid_until=NOW + timedelta(days=99),
    )  # fmt: skip
    work.do_all()
    visit.refresh_from_db()
    assert visit.status == "assigned"


def test_a_repair_is_accepted_only_while_the_day_is_as_it_was(world) -> None:
    visit = booked(world, "amy", 9)
    world.shift(world.olga)
    job = repairs(world, away(world))
    booked(world, "ben", 13, ARLINGTON)
    before = list(Reservation.objects.order_by("id").values())
    with pytest.raises(Conflict) as refused:
        accept(world, job)
    assert refused.value.code == "day_changed"
    assert list(Reservation.objects.order_by("id").values()) == before
    visit.refresh_from_db()
    assert visit.reservation.nurse_id == world.nina.person_id


def test_a_licence_that_was_lost_meanwhile_stops_the_repair(world) -> None:
    booked(world, "amy", 9)
    world.shift(world.olga)
    job = repairs(world, away(world))
    Certificate.objects.filter(nurse_id=world.olga.person_id).delete()
    with pytest.raises(Conflict) as refused:
        accept(world, job)
    assert refused.value.code == "day_changed"


def test_one_repair_is_accepted_once(world) -> None:
    booked(world, "amy", 9)
    world.shift(world.olga)
    job = repairs(world, away(world))
    accept(world, job)
    with pytest.raises(Conflict) as refused:
        accept(world, job)
    assert refused.value.code == "not_ready"


def test_there_is_no_proposal_beyond_the_last(world) -> None:
    booked(world, "amy", 9)
    job = repairs(world, away(world))
    with pytest.raises(NotFound):
        accept(world, job, number=len(job.proposals) + 1)


def test_a_hold_on_her_day_is_given_back_at_once(world) -> None:
    home = world.home(world.alice)
    slot = world.slots(home)[0]
    world.hold(slot, home, world.alice, now=EVENING)
    away(world)
    assert not Hold.objects.exists()
    assert not Reservation.objects.exists()


def test_a_day_on_which_nobody_counts_on_her_needs_no_repair(world) -> None:
    assert absence_seen_by(world.bob, away(world)).repair is None
    assert not PlanJob.objects.exists()


def test_an_absence_of_two_days_is_repaired_as_one(world) -> None:
    after = TOMORROW + timedelta(days=1)
    booked(world, "amy", 9)
    world.shift(world.nina, day=after)
    ben = world.patient("ben")
    assign_visit(world.book(world.home(ben), ben, at(9, day=after)), now=NOW)
    for day in (TOMORROW, after):
        world.shift(world.olga, day=day)
    job = repairs(world, away(world, end=at(23, day=after)))
    assert job.dates == (TOMORROW, after)
    accept(world, job)
    assert set(Reservation.objects.values_list("nurse_id", flat=True)) == {world.olga.person_id}
    assert faults() == {}


def test_shifts_that_are_made_later_leave_the_absence_out(world) -> None:
    day = TOMORROW + timedelta(days=7)
    ShiftRule.objects.create(
        market=world.market, nurse_id=world.nina.person_id, weekday=day.weekday(),
        starts="08:00", ends="16:00", first_day=day,
    )  # fmt: skip
    away(world, start=at(0, day=day), end=at(12, day=day))
    roll_shifts(world.market.id, now=EVENING)
    later = Shift.objects.get(service_date=day)
    assert (later.start_at, later.end_at) == (at(12, day=day), at(16, day=day))


@pytest.mark.parametrize(
    ("start", "end"),
    [(at(9), at(9)), (at(9, day=TODAY), at(18, day=TODAY)), (at(0), at(0) + timedelta(days=367))],
)
def test_an_absence_that_cannot_be_is_refused(world, start, end) -> None:
    with pytest.raises(Invalid) as refused:
        away(world, start=start, end=end)
    assert "until" in refused.value.fields
    assert not Absence.objects.exists()


def test_a_visit_that_overruns_hands_the_next_one_on(world) -> None:
    first, second = booked(world, "amy", 9), booked(world, "ben", 12)
    world.shift(world.olga)
    suppose_told(first, at(9), "depart", "arrive")
    with transaction.atomic():
        schedule.lock([world.hers.id], now=NOW)
        Visit.objects.filter(id=first.id).update(status="en_route")
        Visit.objects.filter(id=first.id).update(status="arrived", arrived_at=at(9))
    set_clock(world, at(10))
    job_id = ask_for_repair(TOMORROW, visit_id=first.id, until=at(13), by=world.bob, now=at(10))
    planning.work_out_plans()
    job = job_seen_by(world.bob, job_id, Cause.REPAIR)
    (move,) = job.proposals[0].moves
    assert (move.visit, move.after.nurse.id) == (second.id, world.olga.person_id)
    accept(world, job, now=at(10))
    second.refresh_from_db()
    assert second.reservation.nurse_id == world.olga.person_id
    assert faults() == {}


def test_only_a_visit_under_way_overruns(world) -> None:
    visit = booked(world, "amy", 9)
    with pytest.raises(Invalid):
        ask_for_repair(TOMORROW, visit_id=visit.id, until=at(13), by=world.bob, now=EVENING)


def test_the_days_of_a_market_are_nobody_elses(world) -> None:
    stranger = World("Elsewhere")
    with pytest.raises(NotFound):
        record_absence(world.nina.person_id, at(0), at(23), reason="", by=stranger.bob, now=EVENING)
