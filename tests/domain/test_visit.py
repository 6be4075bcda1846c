"""The state table: what follows what, and what nothing leads out of."""

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.visit import ENDED, ON_ROUTE, TRANSITIONS, UNDER_WAY, Action, Status, advance


def test_the_plain_day_of_a_visit() -> None:
    status = Status.REQUESTED
    for action in (
        Action.ASSIGN,
        Action.DEPART,
        Action.ARRIVE,
        Action.START_INFUSION,
        Action.END_INFUSION,
        Action.DISCHARGE,
        Action.COMPLETE,
    ):
        status = advance(status, action)
    assert status is Status.COMPLETED


CORRECTIONS = {Action.CORRECT, Action.REOPEN}


@pytest.mark.parametrize("status", sorted(ENDED))
@pytest.mark.parametrize("action", sorted(set(Action) - CORRECTIONS))
def test_nothing_that_people_do_leads_out_of_an_end(status, action) -> None:
    with pytest.raises(Conflict) as refused:
        advance(status, action)
    assert refused.value.code == "wrong_status"


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.IN_TREATMENT, Status.RECOVERING])
def test_a_treatment_that_has_begun_is_aborted_not_cancelled(status) -> None:
    with pytest.raises(Conflict):
        advance(status, Action.CANCEL)
    assert advance(status, Action.ABORT) is Status.ABORTED


def test_no_infusion_without_an_arrival() -> None:
    leading = {before for before, action in TRANSITIONS if action is Action.START_INFUSION}
    assert leading == {Status.ARRIVED}


def test_whoever_is_under_way_is_on_a_route() -> None:
    assert UNDER_WAY < ON_ROUTE
