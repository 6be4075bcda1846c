"""A series is held, booked and given back as one; what others take meanwhile undoes none of it."""

from datetime import time, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from dispatch import schedule
from dispatch.domain.clock import local, service_date
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.series import Continuity, Weekday, Wish
from dispatch.holding import HELD_FOR
from dispatch.models import AuditEntry, Hold, OutboxEvent, Reservation, Series, Shift, Visit
from dispatch.selectors.series import series_seen_by
from dispatch.services import series as series_service
from dispatch.services.booking import book_hold, book_series
from dispatch.services.holds import clear_lapsed_holds, give_back_hold
from dispatch.services.series import give_back_series, hold_series
from tests.builders import ARLINGTON, KETAMINE, NOW, TODAY, ZONE, World

pytestmark = pytest.mark.django_db

WEEKLY = "ketamine_weekly_then_monthly"


@pytest.fixture
def world() -> World:
    return World()


def on_shift(world, nurse, *days: int) -> None:
    for day in days:
        world.shift(nurse, TODAY + timedelta(days=day))


def hold(world, home=None, by=None, code=WEEKLY, now=NOW, **wish):
    by = by or world.alice
    return hold_series(
        location_id=(home or world.home(by)).id,
        protocol_code=code,
        wish=Wish(**wish),
        by=by,
        now=now,
    )


def book(world, series_id, now=NOW, **more) -> list[Visit]:
    book_series(series_id, companion_id=None, by=world.alice, now=now, **more)
    return list(Visit.objects.filter(series_id=series_id).order_by("series_number"))


def days_of(rows) -> list[int]:
    return [(service_date(row.window_start, ZONE) - TODAY).days for row in rows]


def test_six_infusions_are_held_with_one_nurse_and_booked_at_once(world) -> None:
    nina = world.nurse("nina")
    on_shift(world, nina, *range(1, 28))
    series_id = hold(world, code=KETAMINE)
    held = Hold.objects.order_by("series_number")
    assert [one.series_number for one in held] == [1, 2, 3, 4, 5, 6]
    assert {one.reservation.nurse_id for one in held} == {nina.person_id}
    assert {later - day for day, later in pairwise(days_of(held))} == {3}
    seen = series_seen_by(world.alice, series_id, now=NOW)
    assert (seen.state, seen.nurse, seen.planned) == ("held", nina.person_id, 6)
    companion = world.companion(world.alice)
    book_series(series_id, companion_id=companion.id, by=world.alice, now=NOW)
    visits = Visit.objects.filter(series_id=series_id, status="requested", companion=companion)
    assert visits.count() == OutboxEvent.objects.filter(name="VisitBooked").count() == 6
    assert not Hold.objects.exists()
    seen = series_seen_by(world.alice, series_id, now=NOW)
    assert (seen.state, len({one.visit for one in seen.infusions})) == ("booked", 6)
    noted = AuditEntry.objects.filter(subject="series").order_by("id")
    assert [one.verb for one in noted] == ["hold", "book"]


def test_a_backup_comes_where_the_nurse_cannot(world) -> None:
    nina, nora = world.nurse("nina"), world.nurse("nora")
    on_shift(world, nina, 1, 8)
    on_shift(world, nora, 15)
    hold(world)
    held = Hold.objects.order_by("series_number")
    came = [one.reservation.nurse_id for one in held]
    assert came == [nina.person_id] * 2 + [nora.person_id]


def test_preferred_weekdays_and_hours_are_kept_where_they_can_be(world) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    hold(world, weekdays=frozenset({Weekday.THURSDAY}), hours=(time(13), time(14)))
    held = Hold.objects.order_by("series_number")
    assert days_of(held) == [3, 10, 17]
    assert {local(one.window_start, ZONE).hour for one in held} == {13}


def taking(world, monkeypatch, *, how_often: int) -> list[int]:
    """Somebody is quicker: has the first shift filled before each of so many locks."""
    lock, taken = schedule.lock, []

    def late(shift_ids, *, patients=(), now):
        ids = list(shift_ids)
        if len(taken) < how_often and len(ids) > 1:
            taken.append(1)
            fill(world, min(ids), now)
        lock(ids, patients=patients, now=now)

    monkeypatch.setattr(schedule, "lock", late)
    return taken


def fill(world, shift_id, now) -> None:
    """Book the shift's whole day for others, an hour and more each."""
    day = Shift.objects.get(id=shift_id).service_date
    for number in range(6):
        amos = world.patient(f"amos {day} {number}")
        home = world.home(amos, ARLINGTON)
        slots = [one for one in world.slots(home, day, now=now) if one.shift_id == shift_id]
        if not slots:
            return
        world.hold(slots[0], home, amos, now=now)


def test_what_is_lost_between_look_and_lock_is_planned_anew_whole(world, monkeypatch) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    home = world.home(world.alice)
    taken = taking(world, monkeypatch, how_often=1)
    series_id = hold(world, home)
    assert len(taken) == 1
    held = Hold.objects.filter(patient_id=world.alice.person_id).order_by("series_number")
    assert {one.series_id for one in held} == {series_id}
    assert [one.series_number for one in held] == [1, 2, 3]
    assert Series.objects.count() == 1
    assert all(6 <= later - day <= 9 for day, later in pairwise(days_of(held)))


def test_what_is_always_lost_leaves_nothing_behind(world, monkeypatch) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    home = world.home(world.alice)
    taking(world, monkeypatch, how_often=99)
    with pytest.raises(Conflict) as refused:
        hold(world, home)
    assert refused.value.code == "busy"
    assert not Series.objects.exists()
    assert not Hold.objects.filter(patient_id=world.alice.person_id).exists()
    assert not Reservation.objects.filter(patient_id=world.alice.person_id).exists()


def test_without_the_step_back_half_a_series_stays(world, monkeypatch) -> None:
    """The control: it is taking all back that leaves nothing behind."""
    on_shift(world, world.nurse("nina"), *range(1, 28))
    home = world.home(world.alice)
    monkeypatch.setattr(transaction, "set_rollback", lambda _: None)
    monkeypatch.setattr(series_service, "open_series", lambda *_, **__: None)
    taking(world, monkeypatch, how_often=1)
    hold(world, home)
    assert Series.objects.count() > 1


def test_a_hold_of_a_series_is_neither_booked_nor_given_back_alone(world) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    hold(world)
    one = Hold.objects.first()
    with pytest.raises(NotFound):
        book_hold(one.id, companion_id=None, key=None, by=world.alice, now=NOW)
    with pytest.raises(NotFound):
        give_back_hold(one.id, by=world.alice, now=NOW)


def test_a_series_that_ran_out_is_not_booked_in_part(world) -> None:
    """Even where only one of its holds has been cleared away."""
    on_shift(world, world.nurse("nina"), *range(1, 28))
    series_id, later = hold(world), NOW + HELD_FOR
    clear_lapsed_holds(Hold.objects.first().reservation.shift_id, now=later)
    assert Hold.objects.count() == 2
    assert series_seen_by(world.alice, series_id, now=later).state == "lapsed"
    with pytest.raises(Conflict) as refused:
        book(world, series_id, now=later)
    assert refused.value.code == "hold_expired"
    assert not Visit.objects.exists()


def test_what_is_given_back_is_free_again(world) -> None:
    on_shift(world, world.nurse("nina"), 1, 8, 15)
    home, series_id = world.home(world.alice), None
    for _ in range(2):
        series_id = hold(world, home)
        give_back_series(series_id, by=world.alice, now=NOW)
    assert not Reservation.objects.exists()
    assert series_seen_by(world.alice, series_id, now=NOW).state == "given_back"
    with pytest.raises(Conflict):
        book(world, series_id)


def test_what_is_booked_is_booked_once_and_not_given_back(world) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    series_id = hold(world)
    book(world, series_id)
    for again in (book, lambda _, one: give_back_series(one, by=world.alice, now=NOW)):
        with pytest.raises(Conflict) as refused:
            again(world, series_id)
        assert refused.value.code == "already_booked"
    assert Visit.objects.count() == 3


def test_five_of_six_with_the_nurse_is_offered_and_can_be_had(world) -> None:
    nina, nora = world.nurse("nina"), world.nurse("nora")
    on_shift(world, nina, 1, 4, 7, 10, 13)
    on_shift(world, nora, 16)
    home = world.home(world.alice)
    with pytest.raises(Conflict) as refused:
        hold(world, home, code=KETAMINE, nurse=nina.person_id)
    assert refused.value.code == "no_series"
    first = refused.value.facts["alternatives"][0]
    assert first["change"] == "with_backup"
    assert first["sentence"] == "5 of 6 with this nurse, the others with a second one."
    assert not Series.objects.exists()
    hold(world, home, code=KETAMINE, nurse=nina.person_id, continuity=Continuity.WITH_BACKUP)
    starts = [one["start"][:10] for one in first["infusions"]]
    held = Hold.objects.order_by("series_number")
    assert starts == [service_date(one.window_start, ZONE).isoformat() for one in held]


def test_a_later_beginning_is_named_by_its_day(world) -> None:
    on_shift(world, world.nurse("nina"), *range(10, 28))
    with pytest.raises(Conflict) as refused:
        hold(world, first_day=TODAY)
    (found,) = refused.value.facts["alternatives"]
    assert (found["change"], found["pattern"]["first_day"]) == ("later_start", "2027-06-17")
    assert found["sentence"] == "All 3 from Thursday, June 17 on."
    hold(world, first_day=TODAY + timedelta(days=10))


def test_where_nobody_works_there_is_no_alternative(world) -> None:
    with pytest.raises(Conflict) as refused:
        hold(world)
    assert (refused.value.code, refused.value.facts["alternatives"]) == ("no_series", [])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"count": 4}, "pattern.count"),
        ({"gap_days": (7, 6)}, "pattern.gap_days.max"),
        ({"gap_days": (5, 7)}, "pattern.gap_days"),
        ({"first_day": TODAY - timedelta(days=1)}, "pattern.first_day"),
        ({"first_day": TODAY + timedelta(days=93)}, "pattern.first_day"),
    ],
)
def test_a_wish_that_the_treatment_does_not_allow_is_named(world, wish, field) -> None:
    with pytest.raises(Invalid) as refused:
        hold(world, **wish)
    assert list(refused.value.fields) == [field]


def test_a_treatment_without_an_induction_has_no_series(world) -> None:
    with pytest.raises(Invalid) as refused:
        hold(world, code="hydration_drip")
    assert list(refused.value.fields) == ["protocol"]


def test_no_nurse_of_another_market_can_be_asked_for(world) -> None:
    stranger = World("Elsewhere").nurse("stranger")
    with pytest.raises(Invalid) as refused:
        hold(world, nurse=stranger.person_id)
    assert list(refused.value.fields) == ["pattern.nurse"]


def test_a_companion_of_somebody_else_undoes_the_booking(world) -> None:
    on_shift(world, world.nurse("nina"), *range(1, 28))
    series_id, mallory = hold(world), world.patient("mallory")
    with pytest.raises(Invalid):
        book_series(series_id, companion_id=world.companion(mallory).id, by=world.bob, now=NOW)
    assert not Visit.objects.exists()
    assert Hold.objects.count() == 3
