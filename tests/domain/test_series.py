"""A wish for a series becomes a pattern that the treatment allows."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from dispatch.domain.course import Beginning
from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.series import Continuity, Weekday, Wish, agreed, phase_of
from dispatch.domain.shipped import load_shipped
from dispatch.domain.terms import Range

TODAY = date(2027, 6, 7)
SHIPPED = {data["code"]: parse_protocol(data) for data in load_shipped()}
SIX = Beginning(phase_of(SHIPPED["ketamine_six_induction"], None), None, None)
SIX_TO_EIGHT = Beginning(phase_of(SHIPPED["ketamine_six_to_eight_induction"], None), None, None)


def test_what_is_left_out_is_the_treatments_own() -> None:
    pattern = agreed(Wish(), SIX, TODAY)
    assert (pattern.count, pattern.gap_days) == (6, Range(2, 3, 7))
    assert (pattern.first_day, pattern.continuity) == (TODAY, Continuity.WITH_BACKUP)


def test_whoever_asks_for_a_nurse_gets_her_each_time_if_not_said_otherwise() -> None:
    nurse = UUID(int=1)
    assert agreed(Wish(nurse=nurse), SIX, TODAY).continuity is Continuity.ONE_NURSE
    either = Wish(nurse=nurse, continuity=Continuity.WITH_BACKUP)
    assert agreed(either, SIX, TODAY).continuity is Continuity.WITH_BACKUP


@pytest.mark.parametrize(("gaps", "usual"), [((2, 2), 2), ((2, 7), 3), ((4, 5), 4)])
def test_the_usual_gap_is_the_treatments_as_far_as_the_wish_goes(gaps, usual) -> None:
    assert agreed(Wish(gap_days=gaps), SIX, TODAY).gap_days.target == usual


@pytest.mark.parametrize("count", [6, 8])
def test_a_count_that_the_treatment_knows_is_taken(count) -> None:
    assert agreed(Wish(count=count), SIX_TO_EIGHT, TODAY).count == count


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(count=5), "pattern.count"),
        (Wish(count=9), "pattern.count"),
        (Wish(gap_days=(1, 7)), "pattern.gap_days"),
        (Wish(gap_days=(2, 8)), "pattern.gap_days"),
        (Wish(gap_days=(4, 3)), "pattern.gap_days.max"),
        (Wish(first_day=TODAY - timedelta(days=1)), "pattern.first_day"),
        (Wish(first_day=TODAY + timedelta(days=93)), "pattern.first_day"),
        (Wish(hours=(time(9), time(9))), "pattern.hours.end"),
    ],
)
def test_what_the_treatment_does_not_allow_is_named(wish, field) -> None:
    with pytest.raises(Invalid) as refused:
        agreed(wish, SIX_TO_EIGHT, TODAY)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("code", "begins_so"),
    [
        ("ketamine_six_induction", True), ("ketamine_six_to_eight_induction", True),
        ("ketamine_weekly_then_monthly", True), ("ketamine_booster", False),
        ("ketamine_single_with_therapy", False), ("hydration_drip", False),
    ],
)  # fmt: skip
def test_the_treatments_that_begin_with_a_series(code, begins_so) -> None:
    if begins_so:
        assert phase_of(SHIPPED[code], None).gap_days.min >= 1
    else:
        with pytest.raises(Invalid):
            phase_of(SHIPPED[code], None)


@pytest.mark.parametrize(
    ("day", "at", "missed"),
    [(7, 9, 0), (7, 11, 0), (7, 12, 1), (7, 8, 1), (8, 9, 1), (8, 12, 2)],
)
def test_each_preference_that_is_missed_counts(day, at, missed) -> None:
    wish = Wish(weekdays=frozenset({Weekday.MONDAY}), hours=(time(9), time(12)))
    pattern = agreed(wish, SIX, TODAY)
    assert pattern.missed(date(2027, 6, day), time(at)) == missed
    assert agreed(Wish(), SIX, TODAY).missed(date(2027, 6, day), time(at)) == 0
