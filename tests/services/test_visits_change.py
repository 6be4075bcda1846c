"""A visit that is called off or moved gives its time back, and its messages follow."""

import re
from datetime import time, timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.holding import HELD_FOR
from dispatch.models import (
    AuditEntry,
    CompanionRequest,
    Hold,
    LocalMessage,
    Market,
    Message,
    Reservation,
    ShiftException,
    ShiftRule,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.services.booking import book_hold, request_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.companions import answer_as_companion, name_companion
from dispatch.services.holds import give_back_hold
from dispatch.services.shifts import roll_shifts
from tests.builders import KETAMINE, NOW, TODAY, TOMORROW, World, at
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.shift(world.nurse("nina"))
    return world


def run_workers(now=NOW) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def booked(world, **more):
    visit_id = world.book(world.home(world.alice), world.alice, at(10), **more)
    run_workers()
    return visit_id


def states(visit_id, audience="patient") -> dict[str, str]:
    rows = Message.objects.filter(visit_id=visit_id, audience=audience)
    return dict(rows.values_list("kind", "state"))


def test_a_cancelled_visit_frees_the_slot_and_tells_the_patient_once(world) -> None:
    visit_id = booked(world)
    cancel_visit(visit_id, reason="ill", expected_version=None, by=world.alice, now=NOW)
    assert not Reservation.objects.exists()
    assert at(10) in {slot.start for slot in world.slots(world.home(world.alice))}
    run_workers()
    rows = Message.objects.filter(visit_id=visit_id)
    assert set(rows.filter(state="sent").values_list("template", flat=True)) == {
        "confirmation", "name_companion_stays", "screening_due", "cancelled",
    }  # fmt: skip
    assert set(rows.exclude(state="sent").values_list("state", flat=True)) == {"withdrawn"}
    run_workers(at(20))
    assert LocalMessage.objects.count() == 4


def test_a_moved_visit_has_new_reminders_and_asks_the_companion_again(world) -> None:
    carl = world.companion(world.alice)
    visit_id = booked(world, companion=carl)
    answer_as_companion(secret_of(visit_id), CompanionAnswer.CONFIRMED, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    home = visit.location
    (slot,) = (one for one in world.slots(home) if one.start == at(14))
    hold_id = world.hold(slot, home, world.alice)
    reschedule_visit(visit_id, hold_id, expected_version=None, by=world.alice, now=NOW)
    run_workers()
    visit.refresh_from_db()
    assert (visit.window_start, visit.status) == (at(14), "assigned")
    assert Reservation.objects.count() == 1
    assert CompanionRequest.objects.get().answer == "asked"
    due = Message.objects.filter(visit_id=visit_id, kind="two_hours_before", state="due")
    assert [message.due_at for message in due] == [at(12)]
    assert states(visit_id, "companion")["rescheduled"] == "sent"


def secret_of(visit_id) -> str:
    return CompanionRequest.objects.get(visit_id=visit_id, replaced_at__isnull=True).secret


def test_another_companion_is_asked_and_the_first_ones_link_is_dead(world) -> None:
    visit_id = booked(world, companion=world.companion(world.alice))
    first = secret_of(visit_id)
    other = world.companion(world.alice)
    name_companion(visit_id, other.id, expected_version=None, by=world.alice, now=NOW)
    run_workers()
    asked = Message.objects.filter(kind="companion_request", state="sent")
    assert asked.count() == 2
    with pytest.raises(NotFound):
        answer_as_companion(first, CompanionAnswer.CONFIRMED, now=NOW)
    answer_as_companion(secret_of(visit_id), CompanionAnswer.DECLINED, now=NOW)
    assert AuditEntry.objects.filter(role="companion", verb="declined").exists()


def test_texts_name_no_treatment_and_nobody(world) -> None:
    booked(world, companion=world.companion(world.alice))
    run_workers(at(8))
    assert LocalMessage.objects.count() >= 4
    for text in LocalMessage.objects.all():
        assert not re.search(r"ketamine|infusion|depress|alice|Carl", text.body, re.IGNORECASE)


def test_a_hold_that_ran_out_frees_its_time(world) -> None:
    home, later = world.home(world.alice), NOW + HELD_FOR
    (slot,) = (one for one in world.slots(home) if one.start == at(10))
    hold_id = world.hold(slot, home, world.alice)
    assert at(10) not in {one.start for one in world.slots(world.home(world.alice))}
    assert at(10) in {one.start for one in world.slots(home, now=later)}
    with pytest.raises(Conflict) as refused:
        book_hold(hold_id, companion_id=None, key=None, by=world.alice, now=later)
    assert refused.value.code == "hold_expired"
    world.hold(slot, home, world.alice, now=later)
    assert Hold.objects.count() == 1


def test_a_hold_is_given_back(world) -> None:
    home = world.home(world.alice)
    slot = world.slots(home)[0]
    hold_id = world.hold(slot, home, world.alice)
    give_back_hold(hold_id, by=world.alice, now=NOW)
    assert not Reservation.objects.exists()
    with pytest.raises(NotFound):
        give_back_hold(hold_id, by=world.alice, now=NOW)


def ask(world, start, end):
    return request_visit(
        location_id=world.home(world.alice).id,
        protocol_code=KETAMINE,
        start=start,
        end=end,
        companion_id=None,
        key=None,
        by=world.bob,
        now=NOW,
    )


def test_any_time_tomorrow_becomes_a_promised_window(world) -> None:
    visit_id = ask(world, at(8), at(18))
    run_workers()
    visit = Visit.objects.get(id=visit_id)
    assert (visit.status, visit.window_promised) == ("assigned", True)
    assert visit.window_end - visit.window_start == timedelta(minutes=30)
    assert visit.window_start <= visit.reservation.start_at <= visit.window_end
    assert states(visit_id)["confirmation"] == "sent"


def test_where_nobody_fits_the_visit_says_why_and_is_tried_again(world) -> None:
    day = TOMORROW + timedelta(days=1)
    visit_id = ask(world, at(10, day=day), at(12, day=day))
    run_workers()
    visit = Visit.objects.get(id=visit_id)
    assert (visit.status, visit.window_promised) == ("requested", False)
    assert visit.unassigned_because == {"nobody_on_shift": 1}
    world.shift(world.nurse("nora"), day)
    run_workers(NOW + timedelta(minutes=6))
    visit.refresh_from_db()
    assert (visit.status, visit.unassigned_because) == ("assigned", None)


@pytest.mark.parametrize(
    ("start", "end"),
    [(-48, -24), (30, 20), (24, 24 * 20), (24 * 100, 24 * 101), (12, 14)],
    ids=["past", "reversed", "too wide", "too far ahead", "at night"],
)
def test_a_window_that_cannot_be_is_refused(world, start, end) -> None:
    with pytest.raises(Invalid):
        ask(world, NOW + timedelta(hours=start), NOW + timedelta(hours=end))
    assert not Visit.objects.exists()


def test_an_exception_takes_the_place_of_the_weekly_rule(world) -> None:
    nora = world.nurse("nora")
    common = {"market": world.market, "nurse_id": nora.person_id}
    ShiftRule.objects.create(
        weekday=TODAY.weekday(), starts=time(8), ends=time(16), first_day=TODAY, **common
    )
    week = timedelta(days=7)
    ShiftException.objects.create(day=TODAY + week, **common)
    ShiftException.objects.create(day=TOMORROW, starts=time(12), ends=time(20), **common)
    assert roll_shifts(world.market.id, days=15, now=NOW) == 3
    assert roll_shifts(world.market.id, days=15, now=NOW) == 0
    hours = {
        shift.service_date: (shift.start_at, shift.end_at)
        for shift in world.market_shifts()
        if shift.nurse_id == nora.person_id
    }
    assert hours == {
        TODAY: (at(8, day=TODAY), at(16, day=TODAY)),
        TOMORROW: (at(12), at(20)),
        TODAY + 2 * week: (at(8, day=TODAY + 2 * week), at(16, day=TODAY + 2 * week)),
    }
