"""Each treatment is booked from its first infusion to its last; what may not be booked is not."""

from datetime import date, timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.infusions import Improvement
from dispatch.domain.series import Wish
from dispatch.models import Hold, Location, Response, Series, Task, Visit
from dispatch.selectors.dashboard import dashboard_of_patient, dashboard_of_series
from dispatch.services.booking import book_hold, book_series, request_visit
from dispatch.services.cancellation import reschedule_visit
from dispatch.services.orders import sign_order
from dispatch.services.responses import (
    Finding,
    ask_for_response,
    record_induction_elsewhere,
    record_response,
    record_response_to_series,
)
from dispatch.services.screening import record_screening
from dispatch.services.series import hold_series
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TODAY, World, at
from tests.door import carried_out

pytestmark = pytest.mark.django_db

WEEKLY, BOOSTER = "ketamine_weekly_then_monthly", "ketamine_booster"
SINGLE, SIX_TO_EIGHT = "ketamine_single_with_therapy", "ketamine_six_to_eight_induction"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def home(world) -> Location:
    return world.home(world.alice)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def ask(world, home, on: int, code=KETAMINE, until: int | None = None) -> Visit:
    """Any time that day, as a dispatcher on the phone books it."""
    now = max(NOW, at(8, day=day(on - 1)))
    visit_id = request_visit(
        location_id=home.id, protocol_code=code, start=at(8, day=day(on)),
        end=at(17, day=day(on if until is None else until)), companion_id=None, key=None,
        by=world.bob, now=now,
    )  # fmt: skip
    return Visit.objects.get(id=visit_id)


def give(visit: Visit) -> Visit:
    """As if the nurse had completed it; raw, for the steps at the door are told elsewhere."""
    carried_out(visit, NOW)
    begun = visit.window_start + timedelta(minutes=20)
    Visit.objects.filter(id=visit.id).update(
        infusion_started_at=begun, window_promised=True, window_end=visit.window_start
    )
    ask_for_response(visit.id, now=begun)
    return visit


def course_of(world, home, code: str, *days: int) -> list[Visit]:
    """Booked with a witness and given, one after the other."""
    visits = []
    nina = world.nurse(f"nina {code}")
    for number in days:
        world.shift(nina, day(number))
        now = max(NOW, at(8, day=day(number - 1)))
        (slot, *_) = world.slots(home, day(number), code=code, now=now)
        hold = world.hold(slot, home, world.alice, code=code, now=now)
        visit_id = book_hold(hold, companion_id=None, key=None, by=world.alice, now=now)
        visits.append(give(Visit.objects.get(id=visit_id)))
    return visits


def refused(act, *args, **more) -> Conflict:
    with pytest.raises(Conflict) as found:
        act(*args, **more)
    return found.value


def respond(world, code: str, improvement: Improvement, on: int) -> None:
    record_response(
        patient_id=world.alice.person_id, protocol_code=code, phase_code=None,
        finding=Finding(improvement, "sleeps better"), by=world.dora, now=at(20, day=day(on)),
    )  # fmt: skip


def missing(conflict: Conflict) -> list[str]:
    assert conflict.code == "phase_not_open"
    return [one["code"] for one in conflict.facts["missing"]]


def test_six_infusions_and_a_new_order_for_a_new_course(world, home) -> None:
    visits = course_of(world, home, KETAMINE, 1, 4, 7, 10, 13, 16)
    assert {(one.phase, one.course) for one in visits} == {("induction", 1)}
    assert refused(ask, world, home, 19).code == "phase_full"
    sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=6,
        dose_ug_per_kg=500, by=world.dora, now=at(8, day=day(17)),
    )  # fmt: skip
    assert refused(ask, world, home, 17).code == "gap_not_kept"
    again = ask(world, home, 30)
    assert (again.phase, again.course) == ("induction", 2)


def test_weekly_and_then_monthly_only_if_much_improved(world, home) -> None:
    course_of(world, home, WEEKLY, 1, 8, 15)
    assert Task.objects.get(kind="record_response").role == "prescriber"
    wanted = ["response_recorded", "significant_improvement"]
    assert missing(refused(ask, world, home, 45, WEEKLY)) == wanted
    respond(world, WEEKLY, Improvement.SOME, 15)
    assert missing(refused(ask, world, home, 45, WEEKLY)) == ["significant_improvement"]
    assert Task.objects.get(kind="record_response").done_at is not None
    respond(world, WEEKLY, Improvement.SIGNIFICANT, 16)
    assert refused(ask, world, home, 39, WEEKLY).code == "gap_not_kept"
    assert ask(world, home, 45, WEEKLY).phase == "maintenance"


def test_four_weekly_boosters_after_an_induction_here(world, home) -> None:
    assert missing(refused(ask, world, home, 1, BOOSTER)) == [
        "induction_completed", "response_recorded",
    ]  # fmt: skip
    course_of(world, home, KETAMINE, 1, 4, 7, 10, 13, 16)
    assert missing(refused(ask, world, home, 44, BOOSTER)) == ["response_recorded"]
    respond(world, KETAMINE, Improvement.SOME, 17)
    assert refused(ask, world, home, 29, BOOSTER).code == "gap_not_kept"
    first = give(ask_with_witness(world, home, 44, BOOSTER))
    assert first.phase == "booster"
    assert ask(world, home, 72, BOOSTER).phase == "booster"


def ask_with_witness(world, home, on: int, code: str) -> Visit:
    world.shift(world.nurse(f"nora {on}"), day(on))
    now = at(8, day=day(on - 1))
    (slot, *_) = world.slots(home, day(on), code=code, now=now)
    hold = world.hold(slot, home, world.alice, code=code, now=now)
    visit_id = book_hold(hold, companion_id=None, key=None, by=world.alice, now=now)
    return Visit.objects.get(id=visit_id)


def test_a_booster_after_an_induction_elsewhere(world, home) -> None:
    found = Finding(Improvement.SIGNIFICANT)
    whom = {"patient_id": world.alice.person_id, "protocol_code": BOOSTER}
    with pytest.raises(Invalid):
        record_induction_elsewhere(**whom, on=day(1), finding=found, by=world.dora, now=NOW)
    record_induction_elsewhere(**whom, on=day(-12), finding=found, by=world.dora, now=NOW)
    assert refused(ask, world, home, 1, BOOSTER).code == "gap_not_kept"
    assert ask(world, home, 2, BOOSTER).phase == "booster"


def test_a_single_infusion_with_its_therapist_named(world, home) -> None:
    assert missing(refused(ask, world, home, 1, SINGLE)) == ["therapy_named"]
    answers = CLEARED | {"therapist": {"name": "Dr. T", "contact": "t@example.org"}}
    record_screening(
        patient_id=None, protocol_code=SINGLE, answers=answers, by=world.alice, now=NOW
    )
    assert ask(world, home, 1, SINGLE).phase == "single"
    assert refused(ask, world, home, 40, SINGLE).code == "phase_full"


def test_six_to_eight_and_boosters_that_grow_apart(world, home) -> None:
    course_of(world, home, SIX_TO_EIGHT, 1, 4, 7, 10, 13, 16)
    seen = dashboard_of_patient(world.alice, world.alice.person_id, SIX_TO_EIGHT, now=NOW)
    assert seen.suggested is None
    assert Task.objects.filter(kind="record_response", done_at=None).count() == 1
    respond(world, SIX_TO_EIGHT, Improvement.SIGNIFICANT, 16)
    seen = dashboard_of_patient(world.alice, world.alice.person_id, SIX_TO_EIGHT, now=NOW)
    assert (seen.suggested.soonest, seen.suggested.day) == (day(30), day(44))
    give(ask_with_witness(world, home, 44, SIX_TO_EIGHT))
    respond(world, SIX_TO_EIGHT, Improvement.SOME, 44)
    seen = dashboard_of_patient(world.alice, world.alice.person_id, SIX_TO_EIGHT, now=NOW)
    assert seen.suggested.day == day(44 + 42)
    assert [(one.code, one.done) for one in seen.phases] == [("induction", 6), ("booster", 1)]


def test_a_seventh_is_an_induction_too_and_asks_for_the_response_anew(world, home) -> None:
    course_of(world, home, SIX_TO_EIGHT, 1, 4, 7, 10, 13, 16)
    respond(world, SIX_TO_EIGHT, Improvement.SIGNIFICANT, 16)
    seventh = give(ask_with_witness(world, home, 19, SIX_TO_EIGHT))
    assert seventh.phase == "induction"
    assert missing(refused(ask, world, home, 45, SIX_TO_EIGHT)) == ["response_recorded"]


def test_a_hold_may_be_for_a_move_and_a_booking_may_not(world, home) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(home, world.alice, at(10))
    slot = next(one for one in world.slots(home) if one.start >= at(14))
    hold = world.hold(slot, home, world.alice)
    booking = {"companion_id": None, "key": None, "by": world.alice, "now": NOW}
    conflict = refused(book_hold, hold, **booking)
    assert conflict.code == "gap_not_kept"
    assert Hold.objects.filter(id=hold).exists()
    reschedule_visit(visit_id, hold, expected_version=None, by=world.alice, now=NOW)
    assert Visit.objects.get().window_start == slot.start


def test_a_move_keeps_the_gaps_to_its_neighbours(world, home) -> None:
    first = ask_with_witness(world, home, 1, KETAMINE)
    second = ask_with_witness(world, home, 4, KETAMINE)
    world.shift(world.nurse("nadia"), day(9))
    slot = world.slots(home, day(9))[0]
    hold = world.hold(slot, home, world.alice)
    move = {"expected_version": None, "by": world.alice, "now": NOW}
    assert refused(reschedule_visit, second.id, hold, **move).code == "gap_not_kept"
    reschedule_visit(first.id, hold, **move)


def test_a_time_of_ones_choice_is_narrowed_to_the_days_that_keep_the_gap(world, home) -> None:
    ask_with_witness(world, home, 1, KETAMINE)
    visit = ask(world, home, 2, until=12)
    assert visit.window_start == at(0, day=day(3))
    assert visit.window_end == at(0, day=day(9)) - timedelta(seconds=1)


def held(world, home, code=WEEKLY, phase=None, now=NOW, **wish):
    return hold_series(
        location_id=home.id, protocol_code=code, phase=phase, wish=Wish(**wish), by=world.alice,
        now=now,
    )  # fmt: skip


def test_a_patient_has_one_series_of_a_protocol_at_a_time(world, home) -> None:
    nina = world.nurse("nina")
    for number in range(1, 28):
        world.shift(nina, day(number))
    first = held(world, home)
    assert refused(held, world, home).facts["series"] == str(first)
    book_series(first, companion_id=None, by=world.alice, now=NOW)
    assert refused(held, world, home).code in {"series_open", "phase_full"}
    assert Series.objects.count() == 1


def test_a_series_goes_on_from_what_was_given_before(world, home) -> None:
    course_of(world, home, KETAMINE, 1, 4)
    nina = world.nurse("nina")
    for number in range(5, 28):
        world.shift(nina, day(number))
    series_id = held(world, home, KETAMINE, now=at(20, day=day(4)))
    series = Series.objects.get(id=series_id)
    holds = Hold.objects.filter(series=series).order_by("series_number")
    days = [(one.window_start.date() - TODAY).days for one in holds]
    assert (series.planned, days) == (4, [7, 10, 13, 16])


def test_a_phase_is_held_as_a_series_once_it_is_open(world, home) -> None:
    course_of(world, home, WEEKLY, 1, 8, 15)
    nina = world.nurse("nina")
    for number in (44, 45, 74, 75):
        world.shift(nina, day(number))
    later = at(20, day=day(16))
    assert missing(refused(held, world, home, phase="maintenance", now=later))
    respond(world, WEEKLY, Improvement.SIGNIFICANT, 16)
    series_id = held(world, home, phase="maintenance", count=2, now=later)
    assert Series.objects.get(id=series_id).phase == "maintenance"
    holds = Hold.objects.filter(series_id=series_id).order_by("series_number")
    days = [(one.window_start.date() - TODAY).days for one in holds]
    assert days == [45, 75]
    with pytest.raises(Invalid):
        held(world, home, phase="castle")


def test_who_sees_what_of_a_course(world, home) -> None:
    course_of(world, home, WEEKLY, 1, 8, 15)
    respond(world, WEEKLY, Improvement.SOME, 15)
    whom = (world.alice.person_id, WEEKLY)
    for reader in (world.alice, world.dora):
        seen = dashboard_of_patient(reader, *whom, now=NOW)
        assert seen.responses[0].note == "sleeps better"
        assert seen.scores == []
    seen = dashboard_of_patient(world.bob, *whom, now=NOW)
    assert (seen.responses[0].note, seen.scores) == (None, None)
    assert [one.code for one in seen.phases[1].missing] == ["significant_improvement"]


def test_a_response_to_a_series_closes_the_task_and_needs_an_infusion(world, home) -> None:
    nina = world.nurse("nina")
    for number in (1, 8, 15):
        world.shift(nina, day(number))
    series_id = held(world, home)
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    about = {"finding": Finding(Improvement.NONE), "by": world.dora, "now": at(20, day=day(16))}
    assert refused(record_response_to_series, series_id, **about).code == "nothing_given"
    for visit in Visit.objects.filter(series_id=series_id).order_by("series_number"):
        assert not Task.objects.filter(kind="record_response").exists()
        give(visit)
    assert Task.objects.get(kind="record_response").subject_id == series_id
    record_response_to_series(series_id, **about)
    assert Task.objects.get(kind="record_response").done_at is not None
    assert Response.objects.get().series_id == series_id
    seen = dashboard_of_series(world.alice, series_id, now=NOW)
    assert (seen.series, seen.responses[0].improvement) == (series_id, "none")
