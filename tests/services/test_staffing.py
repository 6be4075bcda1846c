"""Nurses are added, changed, closed and opened; days' shifts are made and taken away."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from dispatch import audit
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.gateways.geocoding import locate
from dispatch.models import AuditEntry, Nurse, Shift, ShiftException, ShiftRule, User
from dispatch.selectors.office import nurse_card, nurse_cards, shifts_ahead
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_visit
from dispatch.services.shifts import roll_shifts
from dispatch.services.staffing import (
    add_nurse,
    add_shift,
    change_nurse,
    close_nurse,
    open_nurse,
    remove_shift,
)
from tests.builders import NOW, TODAY, TOMORROW, World, at

pytestmark = pytest.mark.django_db

NEW = {"username": "olga.new", "name": "Olga", "phone": "(202) 555-0123", "zip_code": "22201"}
CHANGED = {"name": "Nina B.", "phone": "2025550124", "zip_code": None}
HOURS = (time(9), time(15))


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina")
    assert world.anna
    return world


def verbs(subject_id) -> list[str]:
    rows = AuditEntry.objects.filter(subject_id=subject_id).exclude(verb=audit.READ)
    return list(rows.values_list("verb", flat=True))


def counts() -> tuple[int, ...]:
    kinds = (User, Nurse, Shift, ShiftException, AuditEntry)
    return tuple(kind.objects.count() for kind in kinds)


def book(world: World):
    patient = world.alice
    visit_id = world.book(world.home(patient), patient, at(10))
    assign_visit(visit_id, now=NOW)
    return Shift.objects.get(nurse_id=world.nina.person_id, service_date=TOMORROW)


def version(world: World) -> int:
    return nurse_card(world.anna, world.nina.person_id, now=NOW).version


def change(world: World, **typed) -> None:
    how = {**CHANGED, "expected": version(world), **typed}
    change_nurse(world.nina.person_id, **how, by=world.anna, now=NOW)


def test_a_new_nurse_lives_where_her_zip_code_is_and_has_no_password(world) -> None:
    nurse_id = add_nurse(**NEW, by=world.anna, now=NOW)
    row, place = Nurse.objects.get(id=nurse_id), locate("22201")
    assert (row.home_lat, row.home_lng, row.phone) == (place.lat, place.lng, "+12025550123")
    assert (row.user.role, row.user.has_usable_password()) == ("nurse", False)
    assert [one.name for one in nurse_cards(world.anna, now=NOW)] == ["nina", "Olga"]
    assert verbs(nurse_id) == ["add"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "  "), ("name", "x" * 201), ("phone", "12"), ("zip_code", "00000"),
        ("zip_code", "ä"), ("username", "no"), ("username", "service.x"), ("username", "a b c"),
        ("username", "NINA@washington"),
    ],
)  # fmt: skip
def test_what_is_wrong_of_a_new_nurse_is_named_and_nothing_is_written(world, field, typed) -> None:
    before = counts()
    with pytest.raises(Invalid) as refusal:
        add_nurse(**{**NEW, field: typed}, by=world.anna, now=NOW)
    assert list(refusal.value.fields) == [field]
    assert counts() == before


def test_who_moves_begins_at_the_new_home_where_nobody_counts_on_her(world) -> None:
    world.shift(world.nina)
    booked, free = book(world), world.shift(world.nina, TOMORROW + timedelta(days=1))
    change(world, zip_code="22201")
    place = locate("22201")
    nurse = Nurse.objects.get(id=world.nina.person_id)
    assert (nurse.name, nurse.phone, nurse.home_lat) == ("Nina B.", "+12025550124", place.lat)
    assert Shift.objects.get(id=booked.id).home_lat == booked.home_lat != place.lat
    assert Shift.objects.get(id=free.id).home_lat == place.lat
    assert verbs(nurse.id) == ["change"]


def test_who_stays_is_only_called_and_reached_in_another_way(world) -> None:
    before = Nurse.objects.get(id=world.nina.person_id)
    change(world)
    after = Nurse.objects.get(id=world.nina.person_id)
    assert (after.home_lat, after.home_lng) == (before.home_lat, before.home_lng)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"expected": 0}, Conflict), ({"name": ""}, Invalid), ({"phone": "x"}, Invalid),
        ({"zip_code": "00000"}, Invalid),
    ],
)  # fmt: skip
def test_a_change_that_is_stale_or_wrong_writes_nothing(world, typed, refusal) -> None:
    world.shift(world.nina)
    with pytest.raises(refusal):
        change(world, **typed)
    row = Nurse.objects.get(id=world.nina.person_id)
    assert (row.name, verbs(row.id)) == ("nina", [])


def test_a_closed_nurse_has_no_shifts_and_none_are_made_for_her(world) -> None:
    nina = Nurse.objects.get(id=world.nina.person_id)
    owned = {"market": world.market, "nurse": nina}
    ShiftRule.objects.create(
        **owned, weekday=TOMORROW.weekday(), starts=time(8), ends=time(16), first_day=TODAY
    )
    ShiftException.objects.create(
        **owned, day=TOMORROW + timedelta(days=2), starts=time(8), ends=time(16)
    )
    past = world.shift(world.nina, TODAY - timedelta(days=1))
    roll_shifts(world.market.id, now=NOW)
    close_nurse(nina.id, by=world.anna, now=NOW)
    roll_shifts(world.market.id, now=NOW)
    assert list(Shift.objects.filter(nurse=nina)) == [past]
    assert not nurse_card(world.anna, nina.id, now=NOW).active
    open_nurse(nina.id, by=world.anna, now=NOW)
    assert nurse_card(world.anna, nina.id, now=NOW).active
    assert verbs(nina.id) == ["close", "open"]


def test_a_nurse_on_whom_somebody_counts_is_not_closed(world) -> None:
    world.shift(world.nina)
    shift = book(world)
    with pytest.raises(Conflict) as refusal:
        close_nurse(world.nina.person_id, by=world.anna, now=NOW)
    assert refusal.value.code == "shift_in_use"
    assert nurse_card(world.anna, world.nina.person_id, now=NOW).active
    assert Shift.objects.filter(id=shift.id).exists()
    assert verbs(world.nina.person_id) == []


def test_a_days_shift_can_be_booked_and_stays_when_shifts_are_made(world) -> None:
    shift_id = add_shift(world.nina.person_id, TOMORROW, *HOURS, by=world.anna, now=NOW)
    roll_shifts(world.market.id, now=NOW)
    shift = Shift.objects.get(nurse_id=world.nina.person_id)
    assert (shift.id, shift.start_at, shift.end_at) == (shift_id, at(9), at(15))
    assert world.slots(world.home(world.alice))
    assert verbs(shift_id) == ["add"]


@pytest.mark.parametrize(
    ("field", "day", "hours"),
    [
        ("day", TODAY - timedelta(days=1), HOURS), ("day", date(9999, 12, 31), HOURS),
        ("ends", TOMORROW, (time(9), time(9))), ("ends", TODAY, (time(5), time(7))),
        ("starts", date(2028, 3, 12), (time(2, 30), time(9))),
        ("day", TOMORROW + timedelta(days=1), HOURS), ("day", TOMORROW + timedelta(days=2), HOURS),
    ],
)  # fmt: skip
def test_a_shift_that_cannot_be_is_refused_at_its_field(world, field, day, hours) -> None:
    taken, away = (TOMORROW + timedelta(days=ahead) for ahead in (1, 2))
    world.shift(world.nina, taken)
    record_absence(
        world.nina.person_id, at(7, day=away), at(12, day=away), reason="", by=world.bob, now=NOW
    )
    before = counts()
    with pytest.raises(Invalid) as refusal:
        add_shift(world.nina.person_id, day, *hours, by=world.anna, now=NOW)
    assert list(refusal.value.fields) == [field]
    assert counts() == before


def test_a_closed_nurse_gets_no_shift(world) -> None:
    close_nurse(world.nina.person_id, by=world.anna, now=NOW)
    with pytest.raises(Invalid) as refusal:
        add_shift(world.nina.person_id, TOMORROW, *HOURS, by=world.anna, now=NOW)
    assert list(refusal.value.fields) == ["nurse"]


def test_a_shift_that_is_taken_away_is_not_made_again_by_the_weekly_rule(world) -> None:
    nina = Nurse.objects.get(id=world.nina.person_id)
    ShiftRule.objects.create(
        market=world.market, nurse=nina, weekday=TOMORROW.weekday(), starts=time(8),
        ends=time(16), first_day=TODAY, last_day=TOMORROW,
    )  # fmt: skip
    roll_shifts(world.market.id, now=NOW)
    shift = Shift.objects.get(nurse=nina)
    remove_shift(shift.id, by=world.anna, now=NOW)
    roll_shifts(world.market.id, now=NOW)
    assert not Shift.objects.filter(nurse=nina).exists()
    assert verbs(shift.id) == ["remove"]
    add_shift(nina.id, TOMORROW, *HOURS, by=world.anna, now=NOW)
    assert [len(day) for day in shifts_ahead(world.anna, now=NOW).values()][:2] == [0, 1]


def test_a_shift_on_which_somebody_counts_or_that_is_over_stays(world) -> None:
    world.shift(world.nina)
    shift = book(world)
    (line,) = shifts_ahead(world.anna, now=NOW)[TOMORROW]
    assert (line.counted_on, line.over) == (1, False)
    over = world.shift(world.nina, TODAY - timedelta(days=1))
    for one, code in ((shift, "shift_in_use"), (over, "shift_over")):
        with pytest.raises(Conflict) as refusal:
            remove_shift(one.id, by=world.anna, now=NOW)
        assert (refusal.value.code, verbs(one.id)) == (code, [])
        assert Shift.objects.filter(id=one.id).exists()


def test_what_is_another_markets_is_not_there(world) -> None:
    mallory, nina = World("Elsewhere").anna, world.nina.person_id
    shift = world.shift(world.nina)
    before = counts()
    for deed in (
        lambda who: change_nurse(who, **CHANGED, expected=0, by=mallory, now=NOW),
        lambda who: close_nurse(who, by=mallory, now=NOW),
        lambda who: open_nurse(who, by=mallory, now=NOW),
        lambda who: add_shift(who, TOMORROW, *HOURS, by=mallory, now=NOW),
        lambda _: remove_shift(shift.id, by=mallory, now=NOW),
        lambda _: remove_shift(uuid4(), by=mallory, now=NOW),
        lambda who: nurse_card(mallory, who, now=NOW),
        lambda who: shifts_ahead(mallory, nurse_id=who, now=NOW),
    ):
        with pytest.raises(NotFound):
            deed(nina)
    assert counts() == before
    assert nurse_cards(mallory, now=NOW) == ()
