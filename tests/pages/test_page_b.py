"""Page B, a clinic for stress and pain: once a week at first, and once a month for those it helps.

In its words: weekly for two or three weeks; who is much better by then goes on once a month, and
who is not does not; a prescriber orders it and a doctor looks in while it runs; it also serves
anxiety, nerve pain and fibromyalgia; the use is off-label and no insurance pays for that.
"""

from itertools import pairwise

import pytest

from dispatch.domain.infusions import Improvement
from tests.builders import World
from tests.treating import Treatment, days_of, missing, refused

pytestmark = pytest.mark.django_db

MONTHLY = {"phase": "maintenance", "count": 2}


@pytest.fixture
def treatment() -> Treatment:
    treatment = Treatment(World(), "ketamine_weekly_then_monthly")
    treatment.nurse_works(1, 8, 15, 44, 45, 46, 74, 75, 76)
    treatment.world.supervise(1)
    return treatment


def test_weekly_for_three_weeks_and_then_monthly_once_much_improved(treatment) -> None:
    pain = {"indication": ["fibromyalgia"], "failed_antidepressants": []}
    assert treatment.answers(**pain).outcome == "cleared"
    treatment.consents()
    treatment.is_ordered(3)
    weekly = treatment.books_series()
    assert days_of(weekly) == [1, 8, 15]
    treatment.is_treated(*weekly)

    awaited = ["response_recorded", "significant_improvement"]
    assert missing(refused(treatment.books_series, **MONTHLY)) == awaited
    assert "record_response" in treatment.open_tasks()
    treatment.responds(Improvement.SOME)
    assert missing(refused(treatment.books_series, **MONTHLY)) == awaited[1:]
    assert treatment.dashboard.suggested is None

    treatment.is_evening_of(20)
    treatment.responds(Improvement.SIGNIFICANT)
    treatment.is_ordered(2)
    monthly = treatment.books_series(**MONTHLY)
    assert days_of(monthly) == [45, 75]
    treatment.is_treated(*monthly)
    assert treatment.given() == {"induction": 3, "maintenance": 2}


def test_two_weeks_are_enough_and_whoever_is_no_better_ends_there(treatment) -> None:
    treatment.answers(indication=["anxiety"], failed_antidepressants=[])
    treatment.consents()
    treatment.is_ordered(2)
    weekly = treatment.books_series(count=2)
    assert all(later - day == 7 for day, later in pairwise(days_of(weekly)))
    treatment.is_treated(*weekly)
    treatment.responds(Improvement.NONE)
    assert missing(refused(treatment.books_series, **MONTHLY)) == ["significant_improvement"]
