"""What a nurse's day leaves open, told from the ledger and the visits as they stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import Action
from dispatch.models import Reservation, Visit
from dispatch.selectors.day_end import DayEnd, day_end, visits_of_days
from tests.builders import NOW, TODAY, TOMORROW, at
from tests.readying import pack
from tests.services.custody_day import BACK, CONTENT, GIVEN, OUT, WASTED, Day

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> Day:
    return Day()


def seen(day: Day, by: Actor | None = None) -> DayEnd:
    return day_end(by or day.nina, TOMORROW, now=at(17))


def test_a_visit_is_open_until_it_is_complete(day: Day) -> None:
    assert [(one.visit, one.status) for one in seen(day).visits] == [(day.visit, "assigned")]
    day.step(Action.DEPART, Action.ARRIVE, Action.START_INFUSION, Action.END_INFUSION)
    assert [one.status for one in seen(day).visits] == ["recovering"]
    day.step(Action.COMPLETE)
    assert seen(day).visits == ()
    assert seen(day).is_done


def test_a_vial_is_told_by_where_its_content_went(day: Day) -> None:
    day.told(OUT)
    day.told(GIVEN, 30_000)
    (vial,) = seen(day).vials
    assert (vial.taken_ug, vial.given_ug, vial.wasted_ug, vial.in_hand_ug) == (
        CONTENT, 30_000, 0, 20_000,
    )  # fmt: skip
    assert [one.visit for one in seen(day).custody] == [day.visit]
    wasted = day.told(WASTED, 20_000)
    (vial,) = seen(day).vials
    assert (vial.wasted_ug, vial.in_hand_ug) == (20_000, 0)
    assert [one.id for one in seen(day).unsigned] == [wasted]
    assert [one.visit for one in seen(day).custody] == [day.visit], "nobody has signed"
    day.sign(wasted)
    assert seen(day).custody == seen(day).unsigned == ()


def test_a_vial_of_a_visit_that_broke_off_stays_open_for_days(day: Day) -> None:
    day.told(OUT)
    day.step(Action.DEPART, Action.ARRIVE, Action.ABORT)
    later = day_end(day.nina, TOMORROW + timedelta(days=3), now=at(17) + timedelta(days=3))
    assert [(one.visit, one.start_at) for one in later.custody] == [(day.visit, None)]
    assert [one.in_hand_ug for one in later.vials] == [CONTENT]
    assert not later.is_done
    assert later.visits == ()


def test_who_was_named_as_witness_is_asked_and_nobody_else(day: Day) -> None:
    day.told(OUT)
    back = day.told(BACK, witness_id=day.nora.user_id)
    assert [one.id for one in seen(day, day.nora).asked] == [back]
    assert not seen(day, day.nora).is_done
    assert seen(day).asked == ()
    day.sign(back)
    assert seen(day, day.nora).is_done


def test_the_kit_tells_what_was_packed_and_at_how_many_visits_it_was_used(day: Day) -> None:
    day.book(14)
    assert {(one.packed, one.asked, one.used) for one in seen(day).kit} == {(False, 2, 0)}
    pack(Reservation.objects.get(visit=day.visit), now=NOW)
    Visit.objects.filter(id=day.visit).update(infusion_started_at=at(10))
    assert {(one.packed, one.asked, one.used) for one in seen(day).kit} == {(True, 2, 1)}


def test_days_have_their_own_visits_in_the_order_of_the_route(day: Day) -> None:
    second = day.book(14)
    found = [visit for visit, _ in visits_of_days(day.nina, [TODAY, TOMORROW])]
    assert found == [day.visit, second]
    assert visits_of_days(day.nina, [TODAY]) == ()
    assert visits_of_days(day.nora, [TOMORROW]) == ()


def test_an_account_that_is_no_nurses_has_no_day(day: Day) -> None:
    nobody = Actor(day.nina.user_id, Role.NURSE, day.nina.market_id)
    with pytest.raises(NotFound):
        day_end(nobody, TOMORROW, now=at(17))
