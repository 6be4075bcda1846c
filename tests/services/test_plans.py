"""A day's plan: worked out by a worker, seen while it runs, accepted whole or not at all."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.jobs import Cause
from dispatch.models import Assignment, Market, Message, PlanJob, Reservation, Visit
from dispatch.models.clock import database_now
from dispatch.planning.day.problem import Progress
from dispatch.selectors.due import jobs_wait_s
from dispatch.selectors.proposals import job_seen_by
from dispatch.services import solving
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.booking import request_visit
from dispatch.services.plans import ask_for_plan, stop_plan
from tests.builders import (
    ARLINGTON,
    BETHESDA,
    KETAMINE,
    NOW,
    TODAY,
    TOMORROW,
    WASHINGTON,
    World,
    at,
)
from tests.concurrency.oracle import faults
from workers import planning, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.nina, world.olga = world.nurse("nina", BETHESDA), world.nurse("olga", ARLINGTON)
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    return world


def booked(world, name, hour, point=WASHINGTON) -> Visit:
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, point), patient, at(hour))
    assign_visit(visit_id, now=NOW)
    return Visit.objects.get(id=visit_id)


def requested(world, name, point=WASHINGTON, *, start=None, end=None) -> Visit:
    """Any time tomorrow if none is named, and no worker has looked yet."""
    patient = world.patient(name)
    visit_id = request_visit(
        location_id=world.home(patient, point).id, protocol_code=KETAMINE,
        start=start or at(8), end=end or at(18),
        companion_id=None, key=None, by=patient, now=NOW,
    )  # fmt: skip
    return Visit.objects.get(id=visit_id)


def crossed(world) -> tuple[Visit, Visit]:
    """Each nurse has the visit that lies at the other's door."""
    world.shift(world.olga)
    near_nina = booked(world, "amy", 9, BETHESDA)
    Visit.objects.update(asked_nurse=None)
    world.shift(world.nina)
    near_olga = booked(world, "ben", 9, ARLINGTON)
    assert near_olga.reservation.nurse_id == world.nina.person_id
    return near_nina, near_olga


def ask(world, seconds=2, now=NOW):
    return ask_for_plan(TOMORROW, seconds, by=world.bob, now=now)


def planned(world, **more):
    job_id = ask(world, **more)
    assert planning.work_out_plans() == 1
    return job_seen_by(world.bob, job_id, Cause.PLAN)


def accept(world, job, now=NOW) -> None:
    accept_proposal(job.id, Cause.PLAN, 1, by=world.bob, now=now)


def test_two_visits_change_nurses_and_save_the_drives(world) -> None:
    near_nina, near_olga = crossed(world)
    job = planned(world)
    (found,) = job.proposals
    assert found.travel_s < found.travel_before_s
    assert {one.visit for one in found.moves} == {near_nina.id, near_olga.id}
    assert (found.told, found.unserved) == (0, ())

    accept(world, job)

    for visit, nurse in ((near_nina, world.nina), (near_olga, world.olga)):
        before = visit.reservation_id
        visit.refresh_from_db()
        assert (visit.reservation_id, visit.reservation.nurse_id) == (before, nurse.person_id)
        assert Assignment.objects.get(visit=visit, until=None).nurse_id == nurse.person_id
    assert faults() == {}


def test_a_visit_that_nobody_has_is_promised_a_window_and_its_patient_hears_of_it(world) -> None:
    world.shift(world.nina)
    visit = requested(world, "amy")
    job = planned(world)
    assert [one.before for one in job.proposals[0].moves] == [None]
    accept(world, job)
    visit.refresh_from_db()
    assert (visit.status, visit.window_promised) == ("assigned", True)
    assert visit.window_end - visit.window_start == timedelta(minutes=30)
    assert faults() == {}
    work.do_all()
    assert Message.objects.filter(visit=visit, kind="confirmation", state="sent").exists()


def test_two_wishes_of_one_patient_are_not_given_one_time(world) -> None:
    world.shift(world.nina)
    world.shift(world.olga)
    first = requested(world, "amy")
    Visit.objects.create(
        **{name: getattr(first, name) for name in (
            "market_id", "patient_id", "location_id", "protocol_id", "window_start", "window_end",
            "window_promised", "service_date", "booked_at", "booked_by_id",
        )}
    )  # fmt: skip
    accept(world, planned(world))
    assert sorted(Visit.objects.values_list("status", flat=True)) == ["assigned", "requested"]
    accept(world, planned(world))
    assert set(Visit.objects.values_list("status", flat=True)) == {"assigned"}
    assert faults() == {}


@pytest.mark.parametrize(("watched", "placed"), [(1, 1), (2, 2)])
def test_no_more_infusions_are_planned_at_once_than_clinicians_watch(
    world, watched, placed
) -> None:
    world.supervise(watched)
    world.shift(world.nina)
    world.shift(world.olga)
    for name in ("amy", "ben"):
        requested(world, name, start=at(10), end=at(10, 30))
    job = planned(world)
    assert len(job.proposals[0].moves) == placed
    accept(world, job)
    assert Visit.objects.filter(status="assigned").count() == placed
    assert faults() == {}


def test_a_visit_keeps_its_supervision_wherever_it_goes(world) -> None:
    world.supervise(2)
    near_nina, _ = crossed(world)
    accept(world, planned(world))
    near_nina.refresh_from_db()
    assert near_nina.reservation.nurse_id == world.nina.person_id
    assert faults() == {}


def test_whom_a_patient_was_told_of_stays(world) -> None:
    crossed(world)
    evening = at(19, day=TODAY)
    Market.objects.filter(id=world.market.id).update(clock_offset=evening - database_now())
    assert planned(world, now=evening).proposals[0].moves == ()


def test_whom_a_patient_asked_for_stays(world) -> None:
    near_nina, near_olga = crossed(world)
    for visit in (near_nina, near_olga):
        nurse = visit.reservation.nurse_id
        Visit.objects.filter(id=visit.id).update(asked_nurse=nurse)
    assert planned(world).proposals[0].moves == ()


def test_a_live_hold_stays_where_it_is(world) -> None:
    world.shift(world.olga)
    home = world.home(world.alice, BETHESDA)
    world.hold(world.slots(home)[0], home, world.alice)
    world.shift(world.nina)
    job = planned(world)
    assert job.proposals[0].moves == ()
    accept(world, job)
    assert Reservation.objects.get().nurse_id == world.olga.person_id


def test_nothing_is_applied_once_the_day_has_changed(world) -> None:
    near_nina, _ = crossed(world)
    job = planned(world)
    home = world.home(world.alice)
    world.hold(world.slots(home)[-1], home, world.alice)
    with pytest.raises(Conflict) as refused:
        accept(world, job)
    assert refused.value.code == "day_changed"
    near_nina.refresh_from_db()
    assert near_nina.reservation.nurse_id == world.olga.person_id


def test_a_visit_that_changed_hands_meanwhile_makes_the_plan_an_old_one(world) -> None:
    near_nina, _ = crossed(world)
    job = planned(world)
    assign_by_hand(
        near_nina.id, world.olga.person_id, reason="", expected_version=None, by=world.bob, now=NOW
    )
    with pytest.raises(Conflict):
        accept(world, job)


def test_a_new_wish_makes_the_plan_an_old_one(world) -> None:
    crossed(world)
    job = planned(world)
    requested(world, "cid")
    with pytest.raises(Conflict):
        accept(world, job)


def test_a_day_that_has_passed_is_not_planned(world) -> None:
    with pytest.raises(Invalid):
        ask_for_plan(TODAY - timedelta(days=1), 10, by=world.bob, now=NOW)


def test_progress_is_seen_and_a_wish_to_stop_is_heard(world) -> None:
    job_id = ask(world)
    job = solving.claim_job()
    watch = solving._watch(job)
    assert watch(Progress("search", 0.1, 3, 500, None)) is False
    seen = job_seen_by(world.bob, job_id, Cause.PLAN)
    assert (seen.state, seen.progress.unserved, seen.progress.cost) == ("running", 3, 500)
    stop_plan(job_id, by=world.bob, now=NOW)
    assert watch(Progress("search", 0.2, 3, 500, None)) is False, "written too short a while ago"
    assert watch(Progress("search", 0.9, 2, 400, 300)) is True
    assert job_seen_by(world.bob, job_id, Cause.PLAN).progress.lower_bound == 300


def test_a_plan_that_has_ended_cannot_be_stopped(world) -> None:
    job = planned(world)
    with pytest.raises(Conflict) as refused:
        stop_plan(job.id, by=world.bob, now=NOW)
    assert refused.value.code == "not_running"


def test_a_job_is_one_workers_until_its_lease_runs_out(world) -> None:
    ask(world)
    first = solving.claim_job()
    assert solving.claim_job() is None
    assert jobs_wait_s() is None
    lapse()
    assert jobs_wait_s() is not None
    second = solving.claim_job()
    assert second.id == first.id
    assert solving._watch(first)(Progress("search", 1, 0, 0, None)) is True
    solving.work_out(first, now=NOW)
    assert PlanJob.objects.get().state == "running", "who lost the lease writes nothing"
    solving.work_out(second, now=NOW)
    assert PlanJob.objects.get().state == "ready"


def test_a_job_that_costs_workers_their_lives_is_given_up(world) -> None:
    job_id = ask(world)
    for _ in range(solving.MOST_TRIES):
        assert solving.claim_job().state == "running"
        lapse()
    assert planning.work_out_plans() == 1
    assert job_seen_by(world.bob, job_id, Cause.PLAN).state == "failed"
    assert solving.claim_job() is None


def test_a_fault_of_ours_fails_the_job_and_no_other(world) -> None:
    broken, sound = ask(world), ask(world)
    PlanJob.objects.filter(id=broken).update(days=["no day"])
    assert planning.work_out_plans() == 2
    assert job_seen_by(world.bob, sound, Cause.PLAN).state == "ready"
    assert PlanJob.objects.get(id=broken).failed_with == "ValueError"


def lapse() -> None:
    PlanJob.objects.update(lease_until=database_now() - timedelta(seconds=1))
