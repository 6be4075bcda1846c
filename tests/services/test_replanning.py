"""A series that loses an infusion has all of them again, as little moved as can be."""

from datetime import timedelta
from itertools import pairwise

import pytest

from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.series import Continuity, Wish
from dispatch.models import (
    Assignment,
    Market,
    Message,
    OutboxEvent,
    Reservation,
    Series,
    Task,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.services.booking import book_series, request_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.replanning import replan_series
from dispatch.services.screening import record_screening
from dispatch.services.series import hold_series
from dispatch.services.series_changes import cancel_series, look_at_series, resume_series
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TODAY, ZONE, World
from tests.door import suppose_told
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def series(world, days=range(1, 28), **wish):
    """Six infusions, booked with Nina who works on these days."""
    nina = world.nurse("nina")
    for day in days:
        world.shift(nina, TODAY + timedelta(days=day))
    series_id = hold_series(
        location_id=world.home(world.alice).id, protocol_code=KETAMINE, wish=Wish(**wish),
        by=world.alice, now=NOW,
    )  # fmt: skip
    book_series(series_id, companion_id=world.companion(world.alice).id, by=world.alice, now=NOW)
    run_workers()
    return series_id


def run_workers(now=NOW) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def standing(series_id) -> list[Visit]:
    lost = ["cancelled", "no_show", "aborted"]
    rows = Visit.objects.filter(series_id=series_id).exclude(status__in=lost)
    return list(rows.order_by("window_start"))


def days_of(visits) -> list[int]:
    return [(service_date(one.window_start, ZONE) - TODAY).days for one in visits]


def lose(visit, by) -> None:
    cancel_visit(visit.id, reason="ill", expected_version=None, by=by, now=NOW)
    run_workers()


@pytest.mark.parametrize("which", range(6))
def test_whichever_is_lost_there_are_six_again_and_no_gap_is_broken(world, which) -> None:
    series_id = series(world)
    before = standing(series_id)
    assert days_of(before) == [1, 4, 7, 10, 13, 16]
    lose(before[which], world.alice)
    after = standing(series_id)
    days = days_of(after)
    assert all(2 <= later - day <= 7 for day, later in pairwise(days))
    assert [one.series_number for one in after] == [1, 2, 3, 4, 5, 6]
    assert {one.status for one in after} == {"assigned"}
    assert service_date(before[which].window_start, ZONE) not in {
        service_date(one.window_start, ZONE) for one in after
    }
    kept = {one.id: one.window_start for one in before if one.id != before[which].id}
    assert kept.items() <= {one.id: one.window_start for one in after}.items(), "nobody was moved"
    (new,) = (one for one in after if one.id not in kept)
    assert new.companion_id == before[which].companion_id
    assert Message.objects.filter(visit=new, kind="confirmation", state="sent").exists()


def test_only_those_whose_gaps_break_are_moved_and_their_patient_is_told(world) -> None:
    """After the sixth is lost there is no day behind the fifth: the fourth makes room."""
    series_id = series(world, days=[1, 4, 7, 9, 10, 11, 13, 16])
    before = standing(series_id)
    assert days_of(before) == [1, 4, 7, 10, 13, 16]
    lose(before[5], world.alice)
    after = standing(series_id)
    assert days_of(after) == [1, 4, 7, 9, 11, 13]
    (moved,) = (one for one in after if one.moves)
    assert moved.id == before[3].id
    assert Message.objects.filter(visit=moved, kind="rescheduled", audience="patient").exists()
    assert {one.id for one in before} - {before[5].id} < {one.id for one in after}


def test_where_nothing_fits_a_dispatcher_is_told_and_what_is_booked_stays(world) -> None:
    series_id = series(world, days=[1, 4, 11, 14, 16, 18])
    before = standing(series_id)
    assert days_of(before) == [1, 4, 11, 14, 16, 18]
    lose(before[2], world.alice)
    task = Task.objects.get(kind="series_not_replanned")
    assert (task.role, "2 to 7 days apart" in task.reason) == ("dispatcher", True)
    assert days_of(standing(series_id)) == [1, 4, 14, 16, 18]
    world.shift(world.nurse("nora"), TODAY + timedelta(days=9))
    Series.objects.filter(id=series_id).update(replan_due_at=NOW)
    run_workers()
    assert days_of(standing(series_id)) == [1, 4, 9, 14, 16, 18]
    assert Task.objects.get(kind="series_not_replanned").done_at is not None


def test_told_twice_it_is_done_once(world) -> None:
    series_id = series(world)
    lost = standing(series_id)[2]
    lose(lost, world.alice)
    rows = Visit.objects.count()
    for _ in range(2):
        look_at_series(lost.id, now=NOW)
        run_workers()
    assert Visit.objects.count() == rows
    assert OutboxEvent.objects.filter(name="VisitRescheduled").count() == 0


def test_a_series_that_is_called_off_is_not_made_up_for(world) -> None:
    series_id = series(world)
    cancel_series(series_id, reason="moving away", by=world.alice, now=NOW)
    run_workers()
    assert standing(series_id) == []
    assert not Reservation.objects.exists()
    assert not Assignment.objects.filter(until=None).exists()
    assert Series.objects.get().state == "cancelled"
    assert Message.objects.filter(kind="cancelled", audience="patient").count() == 6
    with pytest.raises(Conflict) as refused:
        cancel_series(series_id, reason="", by=world.alice, now=NOW)
    assert refused.value.code == "not_booked"


def test_the_one_nurse_is_waited_for_and_nobody_else_comes(world) -> None:
    nora = world.nurse("nora")
    for day in range(1, 28):
        world.shift(nora, TODAY + timedelta(days=day))
    series_id = series(world, [1, 4, 7, 10, 13, 16], continuity=Continuity.ONE_NURSE, nurse=None)
    first = standing(series_id)[0]
    only = first.reservation.nurse_id
    lose(standing(series_id)[5], world.alice)
    assert {one.reservation.nurse_id for one in standing(series_id)} == {only}


def broken_off(world, series_id, code: str) -> Visit:
    """As the nurse's phone has it: the infusion was begun and broken off."""
    visit = standing(series_id)[0]
    begun = visit.window_start + timedelta(minutes=20)
    held = visit.reservation_id
    suppose_told(visit, begun, "depart", "arrive", "start-infusion", "abort")
    for status in ("en_route", "arrived", "in_treatment", "aborted"):
        given_up = {"reservation": None} if status == "aborted" else {}
        Visit.objects.filter(id=visit.id).update(status=status, **given_up)
    Visit.objects.filter(id=visit.id).update(ended_code=code, infusion_started_at=begun)
    Reservation.objects.filter(id=held).delete()
    look_at_series(visit.id, now=begun)
    run_workers(begun)
    return visit


def test_an_infusion_that_broke_off_keeps_its_gap_and_is_made_up_for(world) -> None:
    series_id = series(world)
    broken_off(world, series_id, "patient_stopped")
    assert days_of(standing(series_id))[0] >= 3
    assert len(standing(series_id)) == 6


def test_after_a_reaction_the_rest_waits_for_a_prescriber(world) -> None:
    series_id = series(world)
    lost = broken_off(world, series_id, "adverse_reaction")
    rest = standing(series_id)
    assert {one.status for one in rest} == {"suspended"}
    assert not Reservation.objects.exists()
    assert Series.objects.get().state == "paused"
    assert Task.objects.get(kind="series_paused").role == "prescriber"
    later = lost.window_start + timedelta(hours=3)
    with pytest.raises(Conflict) as refused:
        resume_series(series_id, by=world.dora, now=later)
    assert refused.value.code == "not_cleared"
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=later
    )
    resume_series(series_id, by=world.dora, now=later)
    run_workers(later)
    again = standing(series_id)
    assert {one.id for one in rest} < {one.id for one in again}
    assert len(again) == 6
    assert {one.status for one in again} == {"assigned"}
    days = days_of(again)
    assert days[0] >= 3
    assert all(2 <= later - day <= 7 for day, later in pairwise(days))
    assert Task.objects.get(kind="series_paused").done_at is not None
    look_at_series(lost.id, now=later)
    assert Series.objects.get().state == "booked", "told again, it is not paused again"
    of_series = OutboxEvent.objects.filter(payload={"series_id": str(series_id)})
    assert [one.name for one in of_series.order_by("id")] == [
        "SeriesBooked", "SeriesPaused", "SeriesResumed",
    ]  # fmt: skip


def pregnant(world, now=NOW) -> None:
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | {"pregnant": "yes"},
        by=world.alice, now=now,
    )  # fmt: skip
    run_workers(now)


def test_nothing_is_booked_for_a_patient_whose_clearance_was_lost(world) -> None:
    """Nothing of the series is suspended any more: whoever called it off did so one by one."""
    series_id = series(world)
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=NOW
    )
    pregnant(world)
    assert {one.status for one in standing(series_id)} == {"suspended"}
    for visit in standing(series_id):
        lose(visit, world.bob)
    assert standing(series_id) == []
    assert not Reservation.objects.exists()
    assert Task.objects.filter(kind="series_not_replanned", done_at=None).exists()


def test_a_clearance_given_again_does_not_resume_what_a_prescriber_paused(world) -> None:
    series_id = series(world)
    lost = broken_off(world, series_id, "adverse_reaction")
    later = lost.window_start + timedelta(hours=3)
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=world.alice, now=later
    )
    run_workers(later)
    assert {one.status for one in standing(series_id)} == {"suspended"}
    assert Series.objects.get().state == "paused"


def test_a_paused_series_is_not_gone_round_by_a_single_booking(world) -> None:
    series_id = series(world)
    lost = broken_off(world, series_id, "adverse_reaction")
    later = lost.window_start + timedelta(hours=3)
    with pytest.raises(Conflict) as refused:
        request_visit(
            location_id=lost.location_id, protocol_code=KETAMINE,
            start=later + timedelta(days=2), end=later + timedelta(days=3), companion_id=None,
            key=None, by=world.alice, now=later,
        )  # fmt: skip
    assert refused.value.code == "series_paused"


def test_a_fault_on_one_series_keeps_no_other_waiting(world, monkeypatch) -> None:
    series_id = series(world)
    monkeypatch.setattr(work, "replan_series", lambda *_, **__: 1 / 0)
    Series.objects.filter(id=series_id).update(replan_due_at=NOW)
    run_workers()
    assert Series.objects.get().replan_due_at > NOW
    monkeypatch.setattr(work, "replan_series", replan_series)


def test_whoever_calls_a_suspended_series_off_owes_nothing_for_it(world) -> None:
    series_id = series(world)
    lost = broken_off(world, series_id, "adverse_reaction")
    later = lost.window_start + timedelta(days=30)
    cancel_series(series_id, reason="", by=world.alice, now=later)
    called_off = Visit.objects.filter(series_id=series_id, status="cancelled")
    assert set(called_off.values_list("fee_cents", flat=True)) == {0}
