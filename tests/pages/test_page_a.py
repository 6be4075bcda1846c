"""Page A, a clinic in Maryland: six infusions for adults whom nothing else has helped.

In its words: a diagnosis that other treatment did not help, and a provider at home who goes on
treating; blood pressure, heart rate, oxygen and weight are taken first; the drug runs 40 minutes
and a visit takes about an hour and a half; insurance mostly does not pay, the codes come on
request; therapist and physician hear how it went.
"""

import pytest

from dispatch.domain.channels import Channel
from dispatch.domain.sharing import RecipientKind
from dispatch.models import LocalMessage, Visit
from dispatch.selectors.superbill import superbill_of
from dispatch.services.sharing import agree_to_share
from tests.builders import KETAMINE, World
from tests.treating import MINUTE, Treatment, days_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def treatment() -> Treatment:
    treatment = Treatment(World(), KETAMINE, state="MD")
    treatment.nurse_works(*range(1, 28))
    return treatment


def test_six_infusions_from_the_first_question_to_the_last_bill(treatment) -> None:
    assert treatment.answers(mental_health_provider=None).outcome == "refused"
    assert refused(treatment.books_series).code == "not_cleared"
    assert treatment.answers(indication=["ptsd"], failed_antidepressants=[]).outcome == "cleared"
    treatment.consents()
    treatment.is_ordered(6)
    shares_with_both(treatment)
    visits = treatment.books_series()
    assert days_of(visits) == [1, 4, 7, 10, 13, 16]
    treatment.is_treated(*visits)
    assert treatment.given() == {"induction": 6}
    for visit in Visit.objects.all():
        assert visit.infusion_ended_at - visit.infusion_started_at == 40 * MINUTE
        assert visit.completed_at - visit.arrived_at >= 90 * MINUTE
        bill = superbill_of(treatment.alice, visit.id)
        assert [code.code for code in bill.codes] == ["96365", "J3490"]
        assert (bill.coverage, bill.price_cents) == ("unknown", treatment.price_cents)
    assert refused(treatment.books, 19).code == "phase_full"
    assert treatment.open_tasks() == {"arrange_follow_up", "record_response"}
    assert len([one for one in LocalMessage.objects.all() if "/summaries/" in one.body]) == 2 * 6


def shares_with_both(treatment) -> None:
    for recipient in RecipientKind:
        agree_to_share(
            recipient=recipient, name="Dr. Green", channel=Channel.TEXT, contact="+12025550133",
            text_version=1, by=treatment.alice, now=treatment.now,
        )  # fmt: skip
