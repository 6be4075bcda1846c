"""Where one more infusion belongs: judged by trying every day and counting by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.course import Course, suggested_gap
from dispatch.domain.errors import Conflict
from dispatch.domain.infusions import Improvement, Infusion, Record, Stage
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.shipped import load_shipped

TODAY = date(2027, 6, 7)
SHIPPED = {data["code"]: parse_protocol(data) for data in load_shipped()}
NOTHING = Record({})


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def course(code: str, *given_on: int, phase: str = "induction", record=NOTHING, **more) -> Course:
    infusions = tuple(Infusion(day(one), day(one), phase, Stage.GIVEN) for one in given_on)
    return Course(SHIPPED[code].series, infusions, record, **more)


def placed(found: Course, on: int, until: int | None = None) -> tuple[str, int, int]:
    place = found.place(day(on), day(on if until is None else until))
    assert place.days.first is not None
    assert place.days.last is not None
    first, last = place.days.first, place.days.last
    return place.phase.code, (first - TODAY).days, (last - TODAY).days


def refusal(found: Course, on: int) -> Conflict:
    with pytest.raises(Conflict) as refused:
        found.place(day(on), day(on))
    return refused.value


def missing(refused: Conflict) -> list[str]:
    return [one["code"] for one in refused.facts["missing"]]


def test_six_are_given_two_to_seven_days_apart_and_no_seventh() -> None:
    six = "ketamine_six_induction"
    assert placed(course(six), 0) == ("induction", 0, 0)
    for gap in (2, 7):
        assert placed(course(six, 0), gap)[0] == "induction"
    for gap in (0, 1, 8):
        refused = refusal(course(six, 0), gap)
        assert refused.code == "gap_not_kept"
        assert refused.facts["days"] == [
            {"phase": "induction", "from": "2027-06-09", "until": "2027-06-14"}
        ]
    assert refusal(course(six, 0, 3, 6, 9, 12, 15), 18).code == "phase_full"


def test_monthly_only_where_the_weekly_ones_have_much_improved() -> None:
    weekly = "ketamine_weekly_then_monthly"
    assert missing(refusal(course(weekly, 0, 7, 14), 44)) == [
        "response_recorded", "significant_improvement",
    ]  # fmt: skip
    some = Record({"induction": Improvement.SOME})
    assert missing(refusal(course(weekly, 0, 7, 14, record=some), 44)) == [
        "significant_improvement"
    ]
    much = Record({"induction": Improvement.SIGNIFICANT})
    for gap in (25, 35):
        assert placed(course(weekly, 0, 7, 14, record=much), 14 + gap)[0] == "maintenance"
    for gap in (24, 36):
        assert refusal(course(weekly, 0, 7, 14, record=much), 14 + gap).code == "gap_not_kept"


def test_two_of_three_are_enough_and_the_day_says_which_is_meant() -> None:
    much = Record({"induction": Improvement.SIGNIFICANT})
    found = course("ketamine_weekly_then_monthly", 0, 7, record=much)
    assert placed(found, 14)[0] == "induction"
    assert placed(found, 37)[0] == "maintenance"
    offered = refusal(found, 20).facts["days"]
    assert [one["phase"] for one in offered] == ["induction", "maintenance"]


def test_while_one_is_booked_the_phase_is_not_over() -> None:
    much = Record({"induction": Improvement.SIGNIFICANT})
    found = course("ketamine_weekly_then_monthly", 0, 7, record=much)
    booked = found.with_one(day(14), found.phases[0])
    assert refusal(booked, 44).code == "phase_not_open"


def test_a_booster_elsewhere_needs_an_induction_and_its_response() -> None:
    booster = "ketamine_booster"
    assert missing(refusal(course(booster), 0)) == ["induction_completed", "response_recorded"]
    done = Record({}, induction=True, induction_response=Improvement.NONE)
    assert placed(course(booster, record=done, since=day(-14)), 0)[0] == "booster"
    assert refusal(course(booster, record=done, since=day(-13)), 0).code == "gap_not_kept"


def test_a_single_infusion_needs_its_therapist() -> None:
    single = "ketamine_single_with_therapy"
    assert missing(refusal(course(single), 0)) == ["therapy_named"]
    named = Record({}, therapy_named=True)
    assert placed(course(single, record=named), 0) == ("single", 0, 0)
    assert refusal(course(single, 0, phase="single", record=named), 30).code == "phase_full"


def test_a_wide_window_is_narrowed_to_the_days_that_keep_the_gaps() -> None:
    assert placed(course("ketamine_six_induction", 0), 0, 14) == ("induction", 2, 7)


def test_one_broken_off_keeps_its_gap_and_counts_for_nothing() -> None:
    found = course("ketamine_six_induction", 0)
    broken = replace(found, infusions=(replace(found.infusions[0], stage=Stage.BROKEN),))
    assert refusal(broken, 1).code == "gap_not_kept"
    assert broken.count(broken.phases[0]) == 0


@pytest.mark.parametrize("done", range(6))
def test_boosters_grow_apart_by_half_up_to_the_greatest_gap(done) -> None:
    booster = SHIPPED["ketamine_six_to_eight_induction"].series[1]
    assert suggested_gap(booster, done) == (28, 42, 63, 95, 120, 120)[done]
    usual = SHIPPED["ketamine_booster"].series[0]
    assert suggested_gap(usual, done) == 28


def test_nobody_is_pressed_to_a_booster() -> None:
    code, six = "ketamine_six_to_eight_induction", (0, 3, 6, 9, 12, 15)
    assert course(code, *six).suggested() is None
    told = course(code, *six, record=Record({"induction": Improvement.SOME}))
    found = told.suggested()
    assert found is not None
    assert (found.soonest, found.day, found.until) == (day(29), day(43), day(135))
    assert told.with_one(day(43), told.phases[1]).suggested() is None


def test_a_course_is_over_once_full_or_once_its_last_day_has_passed() -> None:
    found = course("ketamine_six_induction", 0, 3)
    assert not found.is_over(day(10))
    assert found.is_over(day(11))
    full = course("ketamine_six_induction", 0, 3, 6, 9, 12, 15)
    assert full.is_over(day(15))
    assert not full.with_one(day(18), full.phases[0]).is_over(day(90))


PHASED = [
    "ketamine_six_induction",
    "ketamine_six_to_eight_induction",
    "ketamine_weekly_then_monthly",
]
DAYS = st.lists(st.integers(0, 40), max_size=8, unique=True).map(sorted)


@given(code=st.sampled_from(PHASED), days=DAYS, on=st.integers(0, 40))
def test_what_is_placed_keeps_every_gap_that_could_be_kept(code, days, on) -> None:
    """Of inductions booked on any days: no gap to a neighbour below the least, the phase never over
    its number, and whatever is refused for its gap would break one."""
    least, most = SHIPPED[code].series[0].gap_days.min, SHIPPED[code].series[0].gap_days.max
    number = SHIPPED[code].series[0].count.max
    found = course(code)
    for one in days:
        found = found.with_one(day(one), found.phases[0])
    before = max((one for one in days if one <= on), default=None)
    after = min((one for one in days if one > on), default=None)
    too_near = any(abs(on - one) < least for one in days)
    too_far = (before is not None and on - before > most) or (
        before is None and after is not None and after - on > most
    )
    try:
        phase = found.place(day(on), day(on)).phase.code
    except Conflict as refused:
        if refused.code == "gap_not_kept":
            bridges = after is not None and after - on > most
            assert too_near or too_far or bridges
        else:
            assert len(days) >= SHIPPED[code].series[0].count.min
    else:
        assert phase == "induction"
        assert not too_near
        assert not too_far
        assert len(days) < number
