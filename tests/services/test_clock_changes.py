"""A visit at nine is at nine for the patient on both days of 2027 when the clocks change."""

from datetime import date, time, timedelta

import pytest

from dispatch.domain.clock import NoSuchTime, instant_from, local, to_instant
from dispatch.models import Message, ShiftRule, Visit
from dispatch.selectors.wording import when
from dispatch.services.assignment import assign_visit
from dispatch.services.message_plans import plan_messages
from dispatch.services.shifts import roll_shifts
from tests.builders import ZONE, World

SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "utc_hour"), [(SPRING, 13), (AUTUMN, 14)])
def test_nine_oclock_stays_nine_oclock(day, utc_hour) -> None:
    world = World()
    nina = world.nurse("nina")
    ShiftRule.objects.create(
        market=world.market, nurse_id=nina.person_id, weekday=day.weekday(),
        starts=time(8), ends=time(18), first_day=date(2027, 1, 1),
    )  # fmt: skip
    now = to_instant(day - timedelta(days=7), time(7), ZONE)
    roll_shifts(world.market.id, now=now)
    nine = to_instant(day, time(9), ZONE)
    assert nine.hour == utc_hour

    visit_id = world.book(world.home(world.alice), world.alice, nine, now=now)
    assign_visit(visit_id, now=now)
    plan_messages(visit_id, now=now)
    visit = Visit.objects.get(id=visit_id)
    assert local(visit.window_start, ZONE).time() == time(9)
    assert visit.service_date == day
    assert "9:00 AM–9:30 AM" in when(visit)
    due = {m.kind: local(m.due_at, ZONE) for m in Message.objects.filter(visit_id=visit_id)}
    assert (due["day_before"].date(), due["day_before"].time()) == (
        day - timedelta(days=1),
        time(18),
    )
    assert (due["two_hours_before"].date(), due["two_hours_before"].time()) == (day, time(8))
    assert (due["aftercare"].date(), due["aftercare"].time()) == (day, time(20))


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "hours"), [(SPRING, 9), (AUTUMN, 11), (date(2027, 6, 1), 10)])
def test_a_shift_over_the_change_is_as_long_as_it_really_is(day, hours) -> None:
    """From midnight to ten by the clocks: an hour less in spring, one more in autumn."""
    world = World()
    ShiftRule.objects.create(
        market=world.market, nurse_id=world.nurse("nina").person_id, weekday=day.weekday(),
        starts=time(0), ends=time(10), first_day=date(2027, 1, 1),
    )  # fmt: skip
    roll_shifts(world.market.id, days=1, now=to_instant(day, time(12), ZONE))
    (shift,) = world.market_shifts()
    assert shift.end_at - shift.start_at == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["2027-03-14T02:30", "2027-03-14T02:30:00-05:00"])
def test_a_time_that_the_spring_change_skips_is_refused(text) -> None:
    with pytest.raises(NoSuchTime):
        instant_from(text, ZONE)


def test_of_the_repeated_hour_the_first_is_meant() -> None:
    assert instant_from("2027-11-07T01:30", ZONE).hour == 5
    assert instant_from("2027-11-07T01:30:00-05:00", ZONE).hour == 6
