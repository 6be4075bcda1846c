"""Page C, psychotherapy helped by medicine: boosters after a series, and one infusion for alcohol.

In its words: after a series most come back every four weeks, and it differs much from one to the
next; for alcohol use there is a single infusion, off-label, together with motivational therapy;
other medication goes on, but opioid blockers weaken the effect; who still feels it after a night's
sleep calls.
"""

import pytest

from dispatch.domain.infusions import Improvement
from dispatch.models import LocalMessage
from dispatch.services.responses import Finding, record_induction_elsewhere
from tests.builders import World
from tests.treating import Treatment, day, days_of, missing, refused

pytestmark = pytest.mark.django_db

BOOSTER, WITH_THERAPY = "ketamine_booster", "ketamine_single_with_therapy"
ALCOHOL = {"indication": ["alcohol_use_disorder"], "substance_abuse": ["alcohol"],
           "failed_antidepressants": []}  # fmt: skip
THERAPIST = {"therapist": {"name": "Dr. Ruth Adeyemi", "contact": "ruth@example.org"}}


def test_boosters_about_every_four_weeks_after_a_series_elsewhere() -> None:
    treatment = Treatment(World(), BOOSTER)
    treatment.nurse_works(8, 36, 71)
    assert treatment.answers(opioid_blockers=True).outcome == "review"
    assert treatment.answers(medications=["sertraline 100 mg"]).outcome == "cleared"
    treatment.consents()
    assert missing(refused(treatment.books, 8)) == ["induction_completed", "response_recorded"]
    record_induction_elsewhere(
        patient_id=treatment.alice.person_id, protocol_code=BOOSTER, on=day(-20),
        finding=Finding(Improvement.SIGNIFICANT), by=treatment.world.dora, now=treatment.now,
    )  # fmt: skip
    assert treatment.dashboard.suggested.day == day(8)

    visits = []
    for on, next_best in ((8, 36), (36, 64), (71, 99)):
        treatment.is_ordered(1)
        visits.append(treatment.books(on))
        treatment.is_treated(visits[-1])
        treatment.responds(Improvement.SOME)
        assert treatment.dashboard.suggested.day == day(next_best), "the mean, and no more"
    assert days_of(visits) == [8, 36, 71]
    assert treatment.given() == {"booster": 3}


def test_one_infusion_for_alcohol_use_with_the_therapist_named() -> None:
    treatment = Treatment(World(), WITH_THERAPY)
    treatment.nurse_works(1, 15)
    assert treatment.answers(**ALCOHOL).outcome == "review", "nobody gives the therapy"
    assert refused(treatment.books, 1).code == "not_cleared"
    assert treatment.answers(**ALCOHOL, **THERAPIST).outcome == "cleared"
    treatment.consents()
    treatment.is_ordered(1)
    visit = treatment.books(1)
    treatment.is_treated(visit)
    assert treatment.given() == {"single": 1}
    assert refused(treatment.books, 15).code == "phase_full"
    treatment.is_evening_of(1)
    assert any("is still there tomorrow, call" in one.body for one in LocalMessage.objects.all())


def test_what_is_treated_once_shuts_out_of_a_series() -> None:
    treatment = Treatment(World(), BOOSTER)
    treatment.nurse_works(8)
    assert treatment.answers(**ALCOHOL, **THERAPIST).outcome == "refused"
    assert refused(treatment.books, 8).code == "not_cleared"
