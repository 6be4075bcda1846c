"""What a plan or a repair changed is put back, as long as nothing else has changed since."""

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.jobs import Cause
from dispatch.models import (
    Assignment,
    AuditEntry,
    Certificate,
    Market,
    Message,
    PlanJob,
    Reservation,
    Shift,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.selectors.proposals import absence_seen_by, job_seen_by
from dispatch.selectors.standing import last_in_force
from dispatch.services.absences import record_absence
from dispatch.services.applying import accept_proposal
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.plans import ask_for_plan
from dispatch.services.undoing import undo_proposal
from tests.builders import ARLINGTON, BETHESDA, KETAMINE, NOW, TODAY, TOMORROW, World, at
from tests.concurrency.oracle import faults
from workers import planning, work

pytestmark = pytest.mark.django_db

EVENING = at(19, day=TODAY)
"""The nurses of tomorrow have been announced."""


@pytest.fixture
def world() -> World:
    world = World()
    world.nina, world.olga = world.nurse("nina", BETHESDA), world.nurse("olga", ARLINGTON)
    set_clock(world, NOW)
    return world


def set_clock(world, now) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=now - database_now())


def booked(world, name, hour, point) -> UUID:
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, point), patient, at(hour))
    assign_visit(visit_id, now=NOW)
    return visit_id


def crossed(world) -> tuple[UUID, UUID]:
    """Each nurse has the visit that lies at the other's door."""
    world.shift(world.olga)
    near_nina = booked(world, "amy", 9, BETHESDA)
    Visit.objects.update(asked_nurse=None)
    world.shift(world.nina)
    return near_nina, booked(world, "ben", 9, ARLINGTON)


def planned(world) -> UUID:
    """Tomorrow's plan, in force."""
    job_id = ask_for_plan(TOMORROW, 1, by=world.bob, now=NOW)
    planning.work_out_plans()
    accept_proposal(job_id, Cause.PLAN, 1, by=world.bob, now=NOW)
    return job_id


def repaired(world, now) -> UUID:
    """Nina is away tomorrow, and the best repair is in force."""
    set_clock(world, now)
    absence = record_absence(
        world.nina.person_id, at(0), at(23), reason="ill", by=world.bob, now=now
    )
    planning.work_out_plans()
    job_id = absence_seen_by(world.bob, absence).repair
    assert job_id is not None
    accept_proposal(job_id, Cause.REPAIR, 1, by=world.bob, now=now)
    return job_id


def undo(world, job_id, cause=Cause.PLAN, now=NOW) -> None:
    undo_proposal(job_id, cause, by=world.bob, now=now)


def rows() -> list[tuple[object, ...]]:
    """Everything that says when who is where."""
    columns = [field.attname for field in Reservation._meta.concrete_fields]
    return sorted(Reservation.objects.values_list(*columns, "visit"))


def nurse_of(visit_id) -> UUID:
    return Assignment.objects.get(visit=visit_id, until=None).nurse_id


def refusal(world, job_id, cause=Cause.PLAN, now=NOW) -> str:
    with pytest.raises(Conflict) as refused:
        undo(world, job_id, cause, now)
    return refused.value.code


def test_a_plan_is_put_back_and_everybody_stands_where_they_stood(world) -> None:
    visits = crossed(world)
    before, had = rows(), [nurse_of(one) for one in visits]
    job_id = planned(world)
    assert rows() != before

    undo(world, job_id)

    assert rows() == before
    assert [nurse_of(one) for one in visits] == had
    assert job_seen_by(world.bob, job_id, Cause.PLAN).state == "undone"
    assert AuditEntry.objects.filter(verb="undo", subject_id=job_id).count() == 1
    assert faults() == {}


def test_what_follows_by_itself_from_a_plan_does_not_keep_it_from_being_undone(world) -> None:
    crossed(world)
    before = rows()
    job_id = planned(world)
    work.do_all()
    seen = last_in_force(world.bob, TOMORROW, now=NOW)
    assert seen is not None
    assert (seen.job, seen.untouched, seen.visits, seen.freed, seen.told) == (job_id, True, 2, 0, 0)
    undo(world, job_id)
    assert rows() == before
    assert last_in_force(world.bob, TOMORROW, now=NOW) is None
    work.do_all()
    assert not Message.objects.filter(kind="nurse_changed").exists()


def test_who_had_no_nurse_wants_one_again_and_keeps_the_window_that_was_promised(world) -> None:
    world.shift(world.nina)
    amy = world.patient("amy")
    visit_id = request_visit(
        location_id=world.home(amy, BETHESDA).id, protocol_code=KETAMINE,
        start=at(8), end=at(18), companion_id=None, key=None, by=amy, now=NOW,
    )  # fmt: skip
    job_id = planned(world)
    promised = Visit.objects.get(id=visit_id).window_start
    seen = last_in_force(world.bob, TOMORROW, now=NOW)
    assert seen is not None
    assert (seen.visits, seen.freed) == (1, 1)
    undo(world, job_id)
    visit = Visit.objects.get(id=visit_id)
    assert (visit.status, visit.reservation, visit.window_start) == ("requested", None, promised)
    assert visit.window_promised
    assert rows() == []
    assert not Assignment.objects.filter(until=None).exists()
    assert faults() == {}


def test_after_a_repair_the_visits_are_the_absent_nurses_again_to_be_repaired_otherwise(
    world,
) -> None:
    world.shift(world.nina)
    visit_id = booked(world, "amy", 9, BETHESDA)
    before = rows()
    world.shift(world.olga)
    job_id = repaired(world, NOW)
    assert nurse_of(visit_id) == world.olga.person_id
    undo(world, job_id, Cause.REPAIR)
    assert rows() == before
    assert nurse_of(visit_id) == world.nina.person_id
    assert faults().keys() == {"a reservation outside its nurse's shift"}, "as after any absence"


@pytest.mark.parametrize(("comes_back", "again"), [(True, 1), (False, 0)])
def test_who_was_told_of_a_nurse_meanwhile_is_told_again_of_one_who_is_there(
    world, comes_back, again
) -> None:
    """Of one who is away nobody hears that she comes."""
    ninas = world.shift(world.nina)
    visit_id = booked(world, "amy", 9, BETHESDA)
    world.shift(world.olga)
    work.do_all()
    job_id = repaired(world, EVENING)
    work.do_all()
    told = Message.objects.filter(visit=visit_id, kind="nurse_changed")
    assert told.count() == 1
    if comes_back:
        Shift.objects.filter(id=ninas.id).update(start_at=ninas.start_at, end_at=ninas.end_at)
    seen = last_in_force(world.bob, TOMORROW, now=EVENING)
    assert seen is not None
    assert seen.told == again
    undo(world, job_id, Cause.REPAIR, EVENING)
    work.do_all()
    assert told.count() == 1 + again


def test_an_absent_nurse_whose_papers_have_run_out_since_gets_nothing_back(world) -> None:
    world.shift(world.nina)
    visit_id = booked(world, "amy", 9, BETHESDA)
    world.shift(world.olga)
    job_id = repaired(world, NOW)
    Certificate.objects.filter(nurse=world.nina.person_id).update(valid_until=at(0))
    assert refusal(world, job_id, Cause.REPAIR) == "changed_since"
    assert nurse_of(visit_id) == world.olga.person_id


def test_whom_nobody_could_take_has_the_former_nurse_again(world) -> None:
    world.shift(world.nina)
    visit_id = booked(world, "amy", 9, BETHESDA)
    before = rows()
    job_id = repaired(world, NOW)
    assert Visit.objects.get(id=visit_id).status == "requested"
    undo(world, job_id, Cause.REPAIR)
    assert rows() == before
    assert Visit.objects.get(id=visit_id).status == "assigned"


def test_whom_nobody_could_take_has_the_former_nurse_again_also_where_she_is_back(world) -> None:
    ninas = world.shift(world.nina)
    visit_id = booked(world, "amy", 9, BETHESDA)
    before = rows()
    job_id = repaired(world, NOW)
    Shift.objects.filter(id=ninas.id).update(start_at=ninas.start_at, end_at=ninas.end_at)
    undo(world, job_id, Cause.REPAIR)
    assert rows() == before
    assert Visit.objects.get(id=visit_id).status == "assigned"
    assert faults() == {}


def test_a_booking_since_keeps_the_plan_in_force(world) -> None:
    crossed(world)
    job_id = planned(world)
    after = rows()
    home = world.home(world.alice)
    world.hold(world.slots(home)[-1], home, world.alice)
    assert refusal(world, job_id) == "changed_since"
    assert set(after) <= set(rows())
    seen = last_in_force(world.bob, TOMORROW, now=NOW)
    assert seen is not None
    assert not seen.untouched


def test_a_cancellation_since_keeps_the_plan_in_force(world) -> None:
    near_nina, _ = crossed(world)
    job_id = planned(world)
    cancel_visit(near_nina, reason="", expected_version=None, by=world.bob, now=NOW)
    assert refusal(world, job_id) == "changed_since"


def test_a_nurse_whose_papers_have_run_out_since_gets_nothing_back(world) -> None:
    crossed(world)
    job_id = planned(world)
    ended = at(0)
    Certificate.objects.filter(nurse=world.olga.person_id).update(valid_until=ended)
    assert refusal(world, job_id) == "changed_since"


def test_a_route_for_which_it_is_too_late_now_is_not_put_back(world) -> None:
    crossed(world)
    job_id = planned(world)
    assert refusal(world, job_id, now=at(9) + timedelta(hours=1)) == "changed_since"


def test_only_what_is_in_force_is_undone_and_only_once(world) -> None:
    crossed(world)
    job_id = ask_for_plan(TOMORROW, 1, by=world.bob, now=NOW)
    assert refusal(world, job_id) == "not_in_force"
    planning.work_out_plans()
    accept_proposal(job_id, Cause.PLAN, 1, by=world.bob, now=NOW)
    undo(world, job_id)
    assert refusal(world, job_id) == "not_in_force"
    assert PlanJob.objects.get(id=job_id).state == "undone"


def test_dispatchers_of_another_market_undo_nothing(world) -> None:
    crossed(world)
    job_id = planned(world)
    with pytest.raises(NotFound):
        undo_proposal(job_id, Cause.PLAN, by=World("elsewhere").bob, now=NOW)
