"""A clinician decides on the answers as they are by then, not on those that were judged before."""

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.people import Role
from dispatch.models import Clearance
from dispatch.selectors.verdicts import screening_seen_by
from dispatch.services.screening import clear_screening, keep_answers, record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, World

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=4)


def to_review_and_then(world: World, pregnant: str) -> UUID:
    """A screening that a clinician has to look at, and one question answered again days later."""
    screening_id = record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | {"aneurysm": True},
        by=world.alice, now=NOW,
    )  # fmt: skip
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers={"pregnant": pregnant}, by=world.alice,
        now=LATER,
    )  # fmt: skip
    return screening_id


def test_what_was_said_since_the_judgement_is_not_cleared_with_it() -> None:
    """The other questions of each visit are too old by then, so that nothing was judged anew."""
    world = World()
    screening_id = to_review_and_then(world, "yes")
    with pytest.raises(Conflict) as refused:
        clear_screening(screening_id, by=world.dora, now=LATER)
    assert refused.value.code == "answers_changed"
    assert not Clearance.objects.exists()


def test_the_same_said_again_hinders_nobody() -> None:
    world = World()
    screening_id = to_review_and_then(world, "no")
    clear_screening(screening_id, by=world.dora, now=LATER)
    assert Clearance.objects.filter(withdrawn_at=None).exists()


def test_whoever_adds_an_answer_does_not_read_the_others_in_the_verdict() -> None:
    world = World()
    said = CLEARED | {"pregnant": "yes"}
    screening_id = record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=said, by=world.alice, now=NOW
    )
    codes = {
        by.role: [one.code for one in screening_seen_by(by, screening_id).reasons]
        for by in (world.alice, world.dora, world.bob)
    }
    assert codes == {Role.PATIENT: ["pregnant"], Role.PRESCRIBER: ["pregnant"], Role.DISPATCHER: []}
    heard = screening_seen_by(world.bob, screening_id, heard=True)
    assert (heard.reasons, heard.crisis) == ([], [])
