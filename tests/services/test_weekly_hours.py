"""A nurse's week: hours that return, days that differ, the shifts of both, and what is refused."""

from datetime import date, time, timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.models import AuditEntry, Shift, ShiftException, ShiftRule
from dispatch.selectors.weeks import week_of
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_visit
from dispatch.services.shifts import (
    DAYS_AHEAD,
    add_rules,
    end_rule,
    except_day,
    roll_shifts,
    undo_exception,
)
from dispatch.services.staffing import add_shift, close_nurse
from tests.builders import NOW, TODAY, TOMORROW, World, at

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEEK = 7 * DAY
HOURS = (time(9), time(15))
LONGER = (time(8), time(18))
TUESDAY = TOMORROW  # TODAY is a Monday
FIVE = (0, 1, 2, 3, 4)


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina")
    assert world.anna
    return world


def add(world: World, weekdays=(1,), hours=LONGER, first=TODAY, last=None) -> list:
    who = world.nina.person_id
    return add_rules(who, weekdays, hours, first, last, by=world.anna, now=NOW)


def end(world: World, rule, last: date) -> None:
    end_rule(rule, last, by=world.anna, now=NOW)


def change(world: World, day: date, hours):
    return except_day(world.nina.person_id, day, hours, by=world.anna, now=NOW)


def days(world: World) -> list[date]:
    rows = Shift.objects.filter(nurse_id=world.nina.person_id).order_by("service_date")
    return list(rows.values_list("service_date", flat=True))


def hours_on(world: World, day: date) -> tuple:
    row = Shift.objects.get(nurse_id=world.nina.person_id, service_date=day)
    return row.start_at, row.end_at


def booked(world: World, hour: int = 10):
    """Alice's visit tomorrow, a Tuesday, on Nina's shift."""
    visit = world.book(world.home(world.alice), world.alice, at(hour))
    assign_visit(visit, now=NOW)
    return visit


def tables() -> tuple[list, ...]:
    kinds = (ShiftRule, ShiftException, Shift, AuditEntry)
    return tuple(list(kind.objects.order_by("id").values()) for kind in kinds)


def test_hours_that_return_make_the_shifts_of_four_weeks_at_once(world) -> None:
    (rule,) = add(world)
    assert days(world) == [TUESDAY + n * WEEK for n in range(4)]
    assert hours_on(world, TUESDAY) == (at(8), at(18))
    (line,) = week_of(world.anna, world.nina.person_id, now=NOW).hours
    assert (line.id, line.weekday, line.starts, line.last_day) == (rule, 1, time(8), None)
    assert [one.verb for one in AuditEntry.objects.filter(subject_id=rule)] == ["add"]
    assert roll_shifts(world.market.id, now=NOW) == 0


def test_several_days_are_one_rule_each_within_their_time(world) -> None:
    rules = add(world, FIVE, first=TODAY + WEEK, last=TODAY + WEEK + 2 * DAY)
    assert len(rules) == 5
    assert days(world) == [TODAY + WEEK + n * DAY for n in range(3)]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"weekdays": ()}, "weekdays"), ({"weekdays": (7,)}, "weekdays"),
        ({"hours": (time(9), time(9))}, "ends"), ({"first": TODAY - DAY}, "first_day"),
        ({"first": TODAY + 367 * DAY}, "first_day"), ({"last": TODAY - DAY}, "last_day"),
        ({"weekdays": (0, 2), "hours": HOURS}, "weekdays"),
        ({"weekdays": (2,), "first": TODAY + 60 * DAY}, "weekdays"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(world, typed, field) -> None:
    add(world, (2,))
    before = tables()
    with pytest.raises(Invalid) as refusal:
        add(world, **typed)
    assert (list(refusal.value.fields), tables()) == ([field], before)


def test_hours_may_follow_and_precede_others_of_the_same_day(world) -> None:
    add(world, first=TODAY + WEEK, last=TODAY + 2 * WEEK)
    add(world, hours=HOURS, first=TODAY, last=TODAY + WEEK - DAY)
    (after,) = add(world, hours=HOURS, first=TODAY + 2 * WEEK + DAY)
    assert hours_on(world, TUESDAY) == (at(9), at(15))
    assert hours_on(world, TUESDAY + WEEK) == (
        at(8, day=TUESDAY + WEEK),
        at(18, day=TUESDAY + WEEK),
    )
    end(world, after, TODAY - DAY)
    assert days(world) == [TUESDAY, TUESDAY + WEEK], "those of the other hours stay"


def test_who_works_here_no_longer_gets_no_hours(world) -> None:
    close_nurse(world.nina.person_id, by=world.anna, now=NOW)
    for attempt in (lambda: add(world), lambda: change(world, TODAY, HOURS)):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert list(refusal.value.fields) == ["nurse"]


def test_hours_end_and_the_later_shifts_are_taken_away(world) -> None:
    (rule,) = add(world)
    add_shift(world.nina.person_id, TODAY + 2 * DAY, *HOURS, by=world.anna, now=NOW)
    end(world, rule, TUESDAY + WEEK)
    assert days(world) == [TUESDAY, TODAY + 2 * DAY, TUESDAY + WEEK]
    assert roll_shifts(world.market.id, now=NOW) == 0
    with pytest.raises(Invalid):
        end(world, rule, TUESDAY + 2 * WEEK)
    end(world, rule, TODAY - DAY)
    assert not ShiftRule.objects.exists(), "it had not begun"


def test_a_shift_that_a_visit_stands_on_keeps_all_of_it_and_the_visit_is_named(world) -> None:
    (rule,) = add(world)
    visit = booked(world)
    before = tables()
    for attempt in (
        lambda: end(world, rule, TODAY), lambda: change(world, TUESDAY, None),
        lambda: change(world, TUESDAY, HOURS),
    ):  # fmt: skip
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "shift_in_use"
        assert [one[1] for one in refusal.value.facts["taken"]] == [visit]
        assert tables() == before
    end(world, rule, TUESDAY)
    assert days(world) == [TUESDAY]


def test_hours_that_are_over_end_no_more(world) -> None:
    (rule,) = add(world, last=TODAY)
    later = NOW + 2 * DAY
    with pytest.raises(Conflict) as refusal:
        end_rule(rule, TODAY + 3 * DAY, by=world.anna, now=later)
    assert refusal.value.code == "rule_over"
    (other,) = add(world, (3,))
    with pytest.raises(Invalid):
        end_rule(other, TODAY - DAY, by=world.anna, now=later)


def test_a_day_off_and_other_hours_and_back_again(world) -> None:
    add(world)
    off = change(world, TUESDAY, None)
    assert TUESDAY not in days(world)
    assert change(world, TUESDAY, HOURS) == off, "one exception a day"
    assert hours_on(world, TUESDAY) == (at(9), at(15))
    (line,) = week_of(world.anna, world.nina.person_id, now=NOW).other_days
    assert (line.day, line.starts, line.ends) == (TUESDAY, *HOURS)
    undo_exception(off, by=world.anna, now=NOW)
    assert hours_on(world, TUESDAY) == (at(8), at(18))
    assert not ShiftException.objects.exists()


def test_a_day_beyond_four_weeks_is_kept_until_it_is_made(world) -> None:
    add(world)
    far = TUESDAY + 5 * WEEK
    change(world, far, None)
    roll_shifts(world.market.id, days=DAYS_AHEAD + 14, now=NOW)
    assert far not in days(world)
    assert far - WEEK in days(world)


@pytest.mark.parametrize("day", [TODAY - DAY, TODAY + 367 * DAY])
def test_a_day_that_has_passed_or_is_too_far_is_refused(world, day) -> None:
    with pytest.raises(Invalid) as refusal:
        change(world, day, HOURS)
    assert list(refusal.value.fields) == ["day"]
    with pytest.raises(Invalid):
        change(world, TODAY, (time(9), time(8)))


def test_an_exception_of_yesterday_stays(world) -> None:
    off = change(world, TODAY, None)
    with pytest.raises(Conflict) as refusal:
        undo_exception(off, by=world.anna, now=NOW + DAY)
    assert refusal.value.code == "day_over"


def test_an_absence_is_kept_to_when_a_day_is_made_anew(world) -> None:
    add(world)
    start, until = at(8), at(12)
    record_absence(world.nina.person_id, start, until, reason="", by=world.anna, now=NOW)
    undo_exception(change(world, TUESDAY, HOURS), by=world.anna, now=NOW)
    assert hours_on(world, TUESDAY) == (at(12), at(18))


def test_another_markets_week_is_not_there(world) -> None:
    there = World("Elsewhere")
    there.nina = there.nurse("nina")
    (rule,) = add(there)
    off = change(there, TUESDAY, None)
    before = tables()
    for attempt in (
        lambda: end(world, rule, TODAY),
        lambda: undo_exception(off, by=world.anna, now=NOW),
        lambda: week_of(world.anna, there.nina.person_id, now=NOW),
        lambda: except_day(there.nina.person_id, TODAY, None, by=world.anna, now=NOW),
        lambda: add_rules(
            there.nina.person_id, (1,), HOURS, TODAY, None, by=world.anna, now=NOW
        ),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    assert tables() == before
