"""Page E, a clinic with several sites: forty minutes, and as long to recover as it takes.

In its words: not for low mood from grief, a relationship or one's surroundings; benzodiazepines end
two weeks before, agreed with whoever prescribes them; the infusion takes 40 minutes, its rate can
be changed, and the IV stays in until one has recovered, an hour or two later; nobody drives.
"""

from datetime import timedelta

import pytest

from dispatch.domain.visit import Action
from dispatch.models import LocalMessage
from dispatch.services.medication import agree_last_dose
from dispatch.services.screening import clear_screening
from tests.builders import KETAMINE, World
from tests.telling import told
from tests.treating import INFUSION, MINUTE, Treatment, day, days_of, refused

pytestmark = pytest.mark.django_db

LAST_DOSE, EARLIEST = 2, 16
HELD_BY_THE_WASHOUT = [16, 19, 22, 25, 28, 31]


@pytest.fixture
def treatment() -> Treatment:
    treatment = Treatment(World(), KETAMINE)
    treatment.nurse_works(*range(1, 33))
    return treatment


def agrees_last_dose(treatment: Treatment) -> None:
    """Dora speaks with Dr. Okafor, who prescribes it; the patient is told nothing by a machine."""
    screening = treatment.answers(benzodiazepines=True)
    assert screening.outcome == "review"
    assert refused(treatment.books_series).code == "not_cleared"
    assert "agree_medication" in treatment.open_tasks()
    by = {"by": treatment.world.dora, "now": treatment.now}
    earliest = agree_last_dose(
        screening.id, rule_code="benzodiazepine", last_dose_on=day(LAST_DOSE),
        agreed_with="Dr. Okafor", **by,
    )  # fmt: skip
    assert earliest == day(EARLIEST)
    clear_screening(screening.id, **by)


def test_two_weeks_after_the_last_dose_six_infusions_each_with_its_recovery(treatment) -> None:
    assert treatment.answers(situational_depression=True).outcome == "refused"
    assert refused(treatment.books_series).code == "not_cleared"
    agrees_last_dose(treatment)
    treatment.consents()
    treatment.is_ordered(6)
    first, *others = visits = treatment.books_series()
    assert days_of(visits) == HELD_BY_THE_WASHOUT

    treatment.said |= {"benzodiazepines": False}
    treatment.begins(first)
    treatment.tells(first, told("rate", treatment.now, ug_per_min=700))
    first.refresh_from_db()
    ended = first.infusion_started_at + INFUSION
    treatment.does(first, Action.END_INFUSION, ended)
    is_not_left_too_soon(treatment, first)
    assert leaves_after(treatment, first, minutes=90) == timedelta(minutes=90)
    treatment.is_treated(*others)
    assert treatment.given() == {"induction": 6}
    assert all("stop taking" not in one.body for one in LocalMessage.objects.all())


def is_not_left_too_soon(treatment, visit) -> None:
    criteria = [item.code for item in treatment.world.protocol().discharge]
    with_iv = [code for code in criteria if code != "iv_removed"]
    for minutes, met, lacks in ((29, criteria, ["recovery"]), (60, with_iv, ["iv_removed"])):
        conflict = refused(
            treatment.does, visit, Action.DISCHARGE, treatment.now + minutes * MINUTE, criteria=met
        )
        assert conflict.facts["missing"] == lacks


def leaves_after(treatment, visit, *, minutes: int) -> timedelta:
    """Recovery is lengthened by half an hour, and the nurse stays as long."""
    visit.refresh_from_db()
    ends_at, ended = visit.reservation.end_at, visit.infusion_ended_at
    treatment.tells(visit, told("extend-recovery", ended + 50 * MINUTE, minutes=30))
    treatment.moves_on_to(treatment.now)
    visit.reservation.refresh_from_db()
    assert visit.reservation.end_at >= ends_at + 30 * MINUTE
    treatment.does(visit, Action.DISCHARGE, ended + minutes * MINUTE)
    treatment.does(visit, Action.COMPLETE, treatment.now + 10 * MINUTE)
    visit.refresh_from_db()
    return visit.discharged_at - visit.infusion_ended_at
