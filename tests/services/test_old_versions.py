"""A database of before treatments were laid out whole: told plainly, or passed over."""

import pytest
from django.core.management import CommandError, call_command

from dispatch.domain.errors import NotFound
from dispatch.models import Protocol, Screening
from dispatch.selectors.protocols import controlled_drugs, version_row, versions_of
from dispatch.services.protocols import publish_shipped
from tests.builders import KETAMINE, NOW, World

pytestmark = pytest.mark.django_db
TOO_OLD = {"code": KETAMINE, "version": 1, "phases_s": {"infusion": 2400}}


@pytest.fixture
def world() -> World:
    world = World()
    assert world.market
    return world


def old_version(world: World) -> Protocol:
    return Protocol.objects.create(
        code=KETAMINE, version=1, name="Ketamine", data=TOO_OLD, is_current=False,
        questionnaire=world.protocol_row().questionnaire,
    )  # fmt: skip


def test_what_nobody_was_treated_by_is_passed_over(world) -> None:
    old_version(world)
    assert publish_shipped() == 0
    present = world.protocol().version
    assert [one.version for one in versions_of(world.market.id, KETAMINE)] == [present]
    with pytest.raises(NotFound):
        version_row(world.market.id, KETAMINE, 1)
    assert controlled_drugs() == {"ketamine"}


def test_what_somebody_was_screened_by_stops_the_update_in_plain_words(world) -> None:
    Screening.objects.create(
        market=world.market, patient_id=world.alice.person_id, protocol=old_version(world),
        answers="{}", outcome="cleared", reasons="[]", taken_at=NOW, taken_by_id=world.bob.user_id,
    )  # fmt: skip
    with pytest.raises(CommandError, match=f"by {KETAMINE} version 1, .* an empty database"):
        call_command("publish_protocols")
