"""A patient whose veins are hard to find gets a nurse who can, everywhere alike."""

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.questionnaire import AnswerType
from dispatch.models import Screening, Visit
from dispatch.selectors.candidates import candidates_for
from dispatch.selectors.claims import claim_of, claims_of
from dispatch.selectors.gates import gates_of
from dispatch.selectors.movable import movable_in
from dispatch.selectors.protocols import bookable, questionnaire_of
from dispatch.selectors.skills import skills_needed
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.screening import clear_screening, record_screening
from tests.answers import CLEARED, CLEARED_FOR_A_DRIP
from tests.builders import KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db

SKILLED = ("iv_ketamine", "acls", "iv_therapy", "difficult_iv")


@pytest.fixture
def world() -> World:
    """Nina has the certificates of the treatment, Sue that one more."""
    world = World()
    world.nina, world.sue = world.nurse("nina"), world.nurse("sue", certificates=SKILLED)
    for nurse in (world.nina, world.sue):
        world.shift(nurse)
    return world


def screened(world, *, hard: bool, code=KETAMINE, answers=CLEARED, now=NOW) -> None:
    """Dora clears whom the answers leave to her."""
    screening_id = record_screening(
        patient_id=None, protocol_code=code, answers=answers | {"difficult_iv": hard},
        by=world.alice, now=now,
    )  # fmt: skip
    if Screening.objects.get(id=screening_id).outcome == "review":
        clear_screening(screening_id, by=world.dora, now=now)


def nurses_offered(world, home) -> set:
    return {slot.nurse_id for slot in world.slots(home, nurse=world.nina)} | {
        slot.nurse_id for slot in world.slots(home, nurse=world.sue)
    }


@pytest.mark.parametrize("hard", [True, False])
def test_only_who_can_is_offered_taken_and_passed(world, hard) -> None:
    home = world.home(world.alice)
    screened(world, hard=hard)
    able = {world.sue.person_id} if hard else {world.sue.person_id, world.nina.person_id}
    assert nurses_offered(world, home) == able
    visit = Visit.objects.get(id=world.book(home, world.alice, at(10)))
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert visit.reservation.nurse_id in able
    free = {one.nurse_id for one in candidates_for(visit, now=NOW) if not one.breaches}
    assert free == able
    assert credentials(visit).open


def test_a_dispatcher_hears_of_the_certificate_and_of_nothing_else(world) -> None:
    screened(world, hard=True)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    with pytest.raises(Conflict) as refused:
        assign_by_hand(
            visit_id, world.nina.person_id, reason="", expected_version=None, by=world.bob, now=NOW
        )
    (breach,) = refused.value.facts["breaches"]
    assert breach["sentence"] == "No valid certificate difficult_iv through the visit's end."


def test_an_answer_that_comes_later_closes_the_gate_of_credentials(world) -> None:
    screened(world, hard=False)
    visit = Visit.objects.get(id=world.book(world.home(world.alice), world.alice, at(10)))
    with_nina(world, visit)
    assert credentials(visit).open
    screened(world, hard=True, now=at(8))
    gate = credentials(visit)
    assert (gate.open, gate.hard) == (False, True)
    assert gate.reason == "The nurse lacks until the visit's end: difficult_iv."
    screened(world, hard=False, now=at(9))
    assert credentials(visit).open, "the newest answer counts"


def test_every_way_to_ask_for_the_visit_asks_for_the_same_certificates(world) -> None:
    screened(world, hard=True)
    visit = Visit.objects.get(id=world.book(world.home(world.alice), world.alice, at(10)))
    needed = set(world.protocol().certificates) | {"difficult_iv"}
    asked = [
        skills_needed(visit.patient_id, world.protocol()),
        claim_of(visit, now=NOW).request.certificates,
        claims_of([visit], now=NOW)[visit.id].request.certificates,
        movable_in(world.market.id, at(0), at(23), now=NOW)[visit.reservation_id].certificates,
    ]
    assert asked == [needed] * 4


def test_the_answers_to_one_treatment_are_not_those_to_another(world) -> None:
    screened(world, hard=True, code="hydration_drip", answers=CLEARED_FOR_A_DRIP)
    assert "difficult_iv" in skills_needed(world.alice.person_id, world.protocol("hydration_drip"))
    assert "difficult_iv" not in skills_needed(world.alice.person_id, world.protocol())
    other = world.patient("zoe").person_id
    assert skills_needed(other, world.protocol()) == set(world.protocol().certificates)


def test_each_shipped_skill_hangs_on_a_question_that_is_answered_yes_or_no(world) -> None:
    offered = bookable(world.market.id)
    assert offered
    for one in offered:
        row = world.protocol_row(one.protocol.code)
        questions = {q.id: q.type for q in questionnaire_of(row.questionnaire_id).questions}
        assert [skill.code for skill in one.protocol.skills] == ["difficult_iv"]
        for skill in one.protocol.skills:
            assert questions[skill.question] is AnswerType.BOOLEAN


def with_nina(world, visit) -> None:
    assign_by_hand(
        visit.id, world.nina.person_id, reason="", expected_version=None, by=world.bob, now=NOW
    )
    visit.refresh_from_db()


def credentials(visit):
    fresh = Visit.objects.get(id=visit.id)
    return next(one for one in gates_of(fresh, now=NOW) if one.name == "credentials")
