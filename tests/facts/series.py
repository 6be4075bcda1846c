"""Proofs of the series: what follows an induction, for whom, and how far apart."""

from dispatch.domain.infusions import Improvement
from dispatch.models import Message
from dispatch.services.responses import Finding, record_induction_elsewhere
from tests.builders import World
from tests.facts.proof import proves
from tests.treating import Treatment, day, missing, refused

SIX_TO_EIGHT, WEEKLY = "ketamine_six_to_eight_induction", "ketamine_weekly_then_monthly"
BOOSTER = "ketamine_booster"
SIX = [1, 4, 7, 10, 13, 16]


def had(world: World, code: str, days: list[int], more: list[int]) -> Treatment:
    """With infusions behind her on these days, and a nurse who works on more of them."""
    treatment = Treatment(world, code)
    treatment.nurse_works(*days, *more)
    treatment.has_had(*days)
    return treatment


@proves("series.boosters_grow")
def each_booster_is_suggested_later_than_the_one_before(world: World) -> None:
    treatment = had(world, SIX_TO_EIGHT, SIX, [44])
    assert missing(refused(treatment.books, 44)) == ["response_recorded"]
    treatment.responds(Improvement.SIGNIFICANT)
    assert treatment.dashboard.suggested.day == day(16 + 28)
    treatment.is_evening_of(43)
    treatment.has_had(44)
    treatment.responds(Improvement.SOME)
    assert treatment.dashboard.suggested.day == day(44 + 42)


@proves("series.no_booster")
def nobody_is_pressed_to_have_a_booster(world: World) -> None:
    treatment = had(world, SIX_TO_EIGHT, SIX, [])
    assert treatment.dashboard.suggested is None, "not before somebody has looked"
    treatment.responds(Improvement.SIGNIFICANT)
    treatment.is_evening_of(200)
    assert treatment.dashboard.next is None
    assert "record_response" not in treatment.open_tasks()
    assert not Message.objects.filter(state="due").exists(), "nor is anything to be sent"
    (least,) = (one.least for one in treatment.dashboard.phases if one.code == "booster")
    assert least == 0


@proves("series.monthly_if_improved")
def monthly_for_the_much_improved_and_nobody_else(world: World) -> None:
    treatment = had(world, WEEKLY, [1, 8, 15], [45])
    treatment.is_evening_of(20)
    both = ["response_recorded", "significant_improvement"]
    assert missing(refused(treatment.books, 45)) == both
    for improvement in (Improvement.NONE, Improvement.SOME):
        treatment.responds(improvement)
        assert missing(refused(treatment.books, 45)) == both[1:]
    treatment.responds(Improvement.SIGNIFICANT)
    assert treatment.books(45).phase == "maintenance"


@proves("series.four_weekly")
def a_booster_after_four_weeks_or_two_or_seventeen(world: World) -> None:
    treatment = Treatment(world, BOOSTER)
    treatment.nurse_works(4, 5, 33, 60)
    record_induction_elsewhere(
        patient_id=treatment.alice.person_id, protocol_code=BOOSTER, on=day(-9),
        finding=Finding(Improvement.SOME), by=treatment.world.dora, now=treatment.now,
    )  # fmt: skip
    assert refused(treatment.books, 4).code == "gap_not_kept", "thirteen days are too few"
    assert treatment.dashboard.suggested.day == day(-9 + 28)
    treatment.has_had(5)
    treatment.responds(Improvement.SOME)
    found = treatment.dashboard.suggested
    assert (found.soonest, found.day, found.until) == (day(19), day(33), day(125))
    treatment.has_had(33)
    treatment.responds(Improvement.SOME)
    assert treatment.dashboard.suggested.day == day(61), "the mean does not grow"
    assert treatment.books(60).phase == "booster"
