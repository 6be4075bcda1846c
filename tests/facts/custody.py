"""Proofs of what the pages disagree on or leave open: the drug, the questions, the sign-off."""

import pytest

from dispatch import ledger
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.visit import Action
from dispatch.models import Visit
from dispatch.selectors.gates import visit_questions_seen_by
from dispatch.selectors.protocols import bookable, bookable_row
from dispatch.services.consents import sign_consent
from dispatch.services.fieldwork import perform
from dispatch.services.protocols import sign_off
from dispatch.services.screening import keep_answers
from tests.builders import KETAMINE, World, at
from tests.door import sign_all, step, tell
from tests.facts.proof import proves
from tests.facts.visit import ENDED, treated
from tests.readying import shut
from tests.telling import CONTENT_UG, DOSE_UG, told
from tests.treating import Treatment

NOON, ONE = at(12), at(13)


@proves("disagree.not_left_at_home")
def nobody_is_done_before_every_microgram_is_accounted_for(world: World) -> None:
    visit = treated(world)
    vial = str(visit.id)[-12:]
    step(visit.id, Action.END_INFUSION, world.nina, ENDED)
    step(visit.id, Action.DISCHARGE, world.nina, NOON)
    assert ledger.balance_of(visit.id) == CONTENT_UG
    assert_open(world, visit)
    tell(world, visit, told("give", NOON, vial=vial, ug=DOSE_UG), now=NOON)
    rest = CONTENT_UG - DOSE_UG
    tell(world, visit, told("waste", NOON, vial=vial, ug=rest - 1), now=NOON)
    assert ledger.balance_of(visit.id) == 1
    assert_open(world, visit)
    tell(world, visit, told("waste", NOON, vial=vial, ug=1), now=NOON)
    assert ledger.balance_of(visit.id) == 0
    assert_open(world, visit)
    sign_all(visit.id, NOON)
    completes(world, visit)
    assert Visit.objects.get(id=visit.id).status == "completed"


def completes(world: World, visit: Visit) -> None:
    perform(visit.id, Action.COMPLETE, reason="", expected_version=None, by=world.nina, now=ONE)


def assert_open(world: World, visit: Visit) -> None:
    with pytest.raises(Conflict) as refused:
        completes(world, visit)
    assert refused.value.code == "custody_open"


@proves("disagree.breastfeeding_each_visit")
def breastfeeding_is_asked_for_the_second_visit_as_for_the_first(world: World) -> None:
    treatment = Treatment(world, KETAMINE)
    treatment.nurse_works(1, 4)
    treatment.answers(indication=["postpartum_depression"], failed_antidepressants=[])
    treatment.consents()
    treatment.is_ordered(6)
    first, second = treatment.books(1), treatment.books(4)
    treatment.is_treated(first)
    treatment.is_evening_of(3)
    seen = visit_questions_seen_by(treatment.alice, second.id, now=treatment.now)
    assert {"breastfeeding", "pregnant"} <= {one.id for one in seen.questions}
    assert "clearance" in shut(second.id, treatment.now)
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers={"breastfeeding": True},
        by=treatment.alice, now=treatment.now,
    )  # fmt: skip
    treatment.moves_on_to(treatment.now)
    second.refresh_from_db()
    assert (second.status, second.reservation_id) == ("suspended", None)


@proves("visit.off_label")
def only_the_present_wording_is_signed(world: World) -> None:
    assert world.market
    present = world.protocol().consent
    with pytest.raises(Invalid) as refused:
        sign_consent(
            protocol_code=KETAMINE, text_version=present.version + 1, name="Alice A.",
            by=world.alice, now=NOON,
        )  # fmt: skip
    assert set(refused.value.fields) == {"text_version"}
    assert "off-label" in present.text


@proves("beyond.demo_only")
def a_market_that_is_live_offers_only_what_was_signed_off(world: World) -> None:
    assert KETAMINE in {one.protocol.code for one in bookable(world.market.id)}
    live = World("Boston", demo=False)
    assert bookable(live.market.id) == ()
    with pytest.raises(Invalid):
        bookable_row(live.market.id, KETAMINE)
    protocol = live.protocol()
    codes = [rule.code for rule in protocol.extra_rules]
    sign_off(KETAMINE, protocol.version, rules=codes[1:], by=live.dora, now=NOON)
    assert bookable(live.market.id) == ()
    sign_off(KETAMINE, protocol.version, rules=codes[:1], by=live.dora, now=NOON)
    assert [one.protocol.code for one in bookable(live.market.id)] == [KETAMINE]
    live.shift(live.nurse("nina"))
    assert live.book(live.home(live.alice), live.alice, at(10))
