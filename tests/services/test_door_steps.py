"""The steps that are asked for online: what has to come first, and what an end costs."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.visit import Action
from dispatch.models import Reservation, Visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.fieldwork import perform
from tests.builders import World, at
from tests.door import ready_visit, step, tell, whole_day
from tests.telling import before_infusion, step_data, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world) -> Visit:
    return ready_visit(world)


@pytest.mark.parametrize(
    ("reason", "cents"), [("adverse_reaction", 0), ("patient_stopped", 29_750)]
)
def test_what_an_abort_costs_is_by_its_reason(world, visit, reason, cents) -> None:
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, at(10))):
        step(visit.id, action, world.nina, now)
    perform(
        visit.id, Action.ABORT, reason=reason, expected_version=None, by=world.nina, now=at(10, 5)
    )
    visit.refresh_from_db()
    assert (visit.status, visit.ended_code, visit.fee_cents) == ("aborted", reason, cents)
    assert not Reservation.objects.exists()


def test_an_abort_gives_a_reason_of_the_list(world, visit) -> None:
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, at(10))):
        step(visit.id, action, world.nina, now)
    for reason in ("", "bored"):
        with pytest.raises(Invalid) as refused:
            perform(
                visit.id, Action.ABORT, reason=reason, expected_version=None, by=world.nina,
                now=at(10, 5),
            )  # fmt: skip
        assert set(refused.value.fields) == {"reason"}


@pytest.mark.parametrize(
    ("now", "cents"),
    [(at(10) - timedelta(hours=24), 0), (at(10) - timedelta(hours=24, seconds=-1), 14_875),
     (at(6), 14_875), (at(6, 1), 29_750), (at(10), 29_750), (at(10, 1), 59_500)],
)  # fmt: skip
def test_what_calling_off_costs_is_by_the_notice(world, visit, now, cents) -> None:
    cancel_visit(visit.id, reason="", expected_version=None, by=world.alice, now=now)
    assert Visit.objects.get(id=visit.id).fee_cents == cents


def test_a_dispatcher_calls_off_for_the_company_with_a_reason_and_nothing_is_owed(world, visit):
    for by, reason, field in ((world.alice, "x", "charge"), (world.bob, " ", "reason")):
        with pytest.raises(Invalid) as refused:
            cancel_visit(
                visit.id, reason=reason, charge=False, expected_version=None, by=by, now=at(9)
            )
        assert set(refused.value.fields) == {field}
    cancel_visit(
        visit.id, reason="no nurse", charge=False, expected_version=None, by=world.bob, now=at(9)
    )
    assert Visit.objects.get(id=visit.id).fee_cents == 0


def test_before_an_infusion_online_everything_has_to_be_there(world, visit) -> None:
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, at(10))):
        step(visit.id, action, world.nina, now)
    assert missing(world, visit, dose_ug=35_001) == [
        "identity", "companion", "home", "vitals", "go", "checkout"
    ]  # fmt: skip
    tell(world, visit, *before_infusion(world.protocol(), at(10, 5)), now=at(10, 5))
    assert missing(world, visit, dose_ug=35_001) == ["dose_within_order"]
    tell(world, visit, told("vitals", at(10, 6), systolic_mmhg=161), now=at(10, 6))
    assert missing(world, visit, dose_ug=35_000) == ["vitals_within_limits"]
    tell(world, visit, told("vitals", at(10, 7), systolic_mmhg=160), now=at(10, 7))
    perform(
        visit.id, Action.START_INFUSION, reason="", data={"dose_ug": 35_000},
        expected_version=None, by=world.nina, now=at(10, 20),
    )  # fmt: skip
    assert Visit.objects.get(id=visit.id).status == "in_treatment"


def missing(world, visit, **data) -> list[str]:
    with pytest.raises(Conflict) as refused:
        perform(
            visit.id, Action.START_INFUSION, reason="", data=data, expected_version=None,
            by=world.nina, now=at(10, 20),
        )  # fmt: skip
    assert refused.value.code == "step_missing"
    return refused.value.facts["missing"]


def test_nobody_is_discharged_online_before_the_time_or_the_list_is_done(world, visit) -> None:
    tell(world, visit, *whole_day(world)[:15], now=at(11))
    assert visit.status == "recovering"
    codes = step_data(world.protocol(), "discharge")["criteria"]
    for now, met, expected in (
        (at(11, 29), codes, ["recovery"]), (at(11, 30), codes[1:], codes[:1]),
    ):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            step(visit.id, Action.DISCHARGE, world.nina, now, criteria=met)
        assert refused.value.facts["missing"] == expected
    step(visit.id, Action.DISCHARGE, world.nina, at(11, 30))
    with pytest.raises(Conflict) as refused:
        step(visit.id, Action.DISCHARGE, world.nina, at(11, 31))
    assert refused.value.code == "wrong_status"


def test_a_phone_whose_clock_is_fast_does_not_stop_the_next_step(world, visit) -> None:
    tell(world, visit, told("depart", at(9, 50)), now=at(9, 40))
    step(visit.id, Action.ARRIVE, world.nina, at(9, 45))
    visit.refresh_from_db()
    assert (visit.status, visit.arrived_at) == ("arrived", at(9, 50))
