"""Page D, house calls: nurses travel, a series of six to eight, and boosters further and further.

In its words: resistant is who had two or more antidepressants that failed; a consult by video comes
before, and a follow-up needs no other visit; six to eight infusions, then boosters weeks to months
apart, each later than the one before; about one in three needs none; booked online or by phone.
"""

from datetime import timedelta

import pytest

from dispatch.domain.consults import ConsultKind
from dispatch.domain.infusions import Improvement
from dispatch.services.consults import ask_consult, finish_consult
from tests.builders import World
from tests.treating import Treatment, day, days_of, refused

pytestmark = pytest.mark.django_db

EIGHT = [1, 4, 7, 10, 13, 16, 19, 22]
BOOSTERS, BETTER_YET = [50, 92], 155
"""28, 42 and 63 days later: a half more each time."""
TWO_FAILED = ["sertraline 100 mg", "venlafaxine 150 mg"]


@pytest.fixture
def treatment() -> Treatment:
    treatment = Treatment(World(), "ketamine_six_to_eight_induction")
    treatment.nurse_works(*EIGHT, *BOOSTERS)
    return treatment


def consults(treatment: Treatment, kind: ConsultKind) -> None:
    """Dora and Alice see each other by video."""
    starts_at = treatment.now + timedelta(hours=1)
    consult_id = ask_consult(
        patient_id=None, kind=kind, protocol_code=treatment.code, starts_at=starts_at,
        clinician_id=None, by=treatment.alice, now=treatment.now,
    )  # fmt: skip
    treatment.moves_on_to(starts_at)
    finish_consult(consult_id, by=treatment.world.dora, now=starts_at)


def test_eight_infusions_and_two_boosters_each_later_than_the_one_before(treatment) -> None:
    consults(treatment, ConsultKind.BEFORE_FIRST)
    assert treatment.answers(failed_antidepressants=TWO_FAILED[:1]).outcome == "refused"
    assert treatment.answers(failed_antidepressants=TWO_FAILED).outcome == "cleared"
    treatment.consents()
    treatment.is_ordered(8)
    eight = treatment.books_series(count=8)
    assert days_of(eight) == EIGHT
    treatment.is_treated(*eight)
    assert "arrange_follow_up" in treatment.open_tasks()
    consults(treatment, ConsultKind.FOLLOW_UP)
    assert "arrange_follow_up" not in treatment.open_tasks()
    assert refused(treatment.books, 50).code == "phase_not_open"

    treatment.responds(Improvement.SIGNIFICANT)
    for on in BOOSTERS:
        assert treatment.dashboard.suggested.day == day(on)
        treatment.is_evening_of(on - 10)
        treatment.answers(failed_antidepressants=TWO_FAILED)
        treatment.is_ordered(1)
        treatment.is_treated(treatment.books(on, by=treatment.world.bob))
        treatment.responds(Improvement.SOME)
    assert treatment.dashboard.suggested.day == day(BETTER_YET)
    assert treatment.open_tasks() == set(), "nobody is pressed to come"
    assert treatment.given() == {"induction": 8, "booster": 2}
