"""The ledger as people meet it: out, given, wasted, signed; what does not balance stays open."""

import pytest

from dispatch import ledger
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.visit import Action
from dispatch.models import AuditEntry, CustodyEntry, Task
from dispatch.selectors.custody import custody_seen_by, open_custody_of, to_sign
from dispatch.selectors.vials import VialState
from dispatch.services.booking import book_hold
from dispatch.services.custody import explain, look_at_custody
from tests.builders import NOW, TODAY, TOMORROW, World, at
from tests.services.custody_day import BACK, CONTENT, GAP, GIVEN, OUT, WASTED, Day, refused

pytestmark = pytest.mark.django_db

DRIP = "hydration_drip"


@pytest.fixture
def day() -> Day:
    return Day()


def test_what_is_out_is_given_or_wasted_and_somebody_else_has_seen_it(day) -> None:
    assert ledger.is_settled(day.visit), "nothing was taken"
    day.told(OUT, vial="V1")
    assert (ledger.balance_of(day.visit), day.state()) == (CONTENT, VialState.OUT)
    day.told(GIVEN, 35_000)
    wasted = day.told(WASTED, 15_000, witness_id=day.nora.user_id)
    assert (ledger.balance_of(day.visit), ledger.is_settled(day.visit)) == (0, False)
    assert "CustodySettled" not in day.events
    day.sign(wasted, day.dora)
    assert ledger.is_settled(day.visit)
    assert day.events.count("CustodySettled") == 1
    assert day.state() == VialState.USED_UP
    seen = custody_seen_by(day.nina, day.visit)
    (waste,) = (entry for entry in seen.entries if entry.kind == "wasted")
    assert (waste.asked, waste.signed_by) == ("nora@Washington", "dora@Washington")
    assert AuditEntry.objects.filter(subject__in=["vial", "custody_entry"]).count() == 5


def test_the_last_of_two_signatures_settles_the_visit(day) -> None:
    day.told(OUT)
    first, second = day.told(WASTED, 20_000), day.told(WASTED, 30_000)
    day.sign(first)
    assert "CustodySettled" not in day.events
    day.sign(second, day.dora)
    day.sign(second, day.dora)
    assert day.events.count("CustodySettled") == 1, "signing again changes nothing"


def test_nobody_signs_for_themselves_and_nothing_twice(day) -> None:
    out, wasted = day.told(OUT), day.told(WASTED, CONTENT)
    with refused("own_entry"):
        day.sign(wasted, day.nina)
    with refused("no_witness_needed"):
        day.sign(out)
    day.sign(wasted)
    with refused("already_signed"):
        day.sign(wasted, day.dora)
    with pytest.raises(NotFound):
        day.sign(wasted, World("Boston").dora)


def test_what_waits_for_a_signature_is_shown_to_those_who_may_give_it(day) -> None:
    day.told(OUT)
    wasted = day.told(WASTED, CONTENT)
    for actor, seen in ((day.nora, [wasted]), (day.dora, [wasted]), (day.nina, []),
                        (World("Boston").dora, [])):  # fmt: skip
        assert [row.id for row in to_sign(actor)] == seen
    day.sign(wasted)
    assert not to_sign(day.dora)


def test_an_event_told_twice_is_entered_once(day) -> None:
    event = new_id()
    assert day.told(OUT, event_id=event) is not None
    assert day.told(OUT, event_id=event) is None
    assert CustodyEntry.objects.filter(kind="checked_out").count() == 1


def test_a_vial_that_is_out_cannot_be_checked_out_by_anybody(day) -> None:
    day.told(OUT)
    visit = day.book(14)
    for late in (False, True):
        with refused("vial_not_in_stock"):
            day.told(OUT, visit_id=visit, late=late)


def test_a_returned_vial_is_in_stock_again_once_somebody_has_seen_it(day) -> None:
    day.told(OUT)
    back = day.told(BACK)
    with refused("vial_not_in_stock"):
        day.told(OUT)
    assert (ledger.balance_of(day.visit), day.state()) == (0, VialState.OUT)
    day.sign(back)
    assert (ledger.is_settled(day.visit), day.state()) == (True, VialState.IN_STOCK)
    day.told(OUT)
    assert ledger.balance_of(day.visit) == CONTENT


def test_a_return_that_is_told_and_signed_before_the_checkout_comes_to_the_same(day) -> None:
    day.sign(day.told(BACK))
    assert ledger.balance_of(day.visit) == -CONTENT
    day.told(OUT, late=True)
    assert (ledger.is_settled(day.visit), day.state()) == (True, VialState.IN_STOCK)


def test_an_opened_vial_never_goes_back_into_stock(day) -> None:
    day.told(OUT)
    day.told(GIVEN, 1)
    day.sign(day.told(BACK))
    assert (ledger.balance_of(day.visit), day.state()) == (-1, VialState.OUT)
    found = explain(day.vial, visit_id=day.visit, ug=-1, reason="x", by=day.dora, now=at(12))
    day.sign(found)
    assert ledger.is_settled(day.visit)
    assert day.state() == VialState.OUT, "what lies returned is explained, too"
    explain(day.vial, visit_id=None, ug=CONTENT, reason="destroyed", by=day.world.anna, now=at(12))
    assert day.state() == VialState.USED_UP


@pytest.mark.parametrize(("given", "gap"), [(50_001, -1), (49_999, 1)])
def test_what_does_not_balance_stays_open_until_it_is_explained_and_seen(day, given, gap) -> None:
    day.told(OUT)
    day.told(GIVEN, given)
    assert (ledger.balance_of(day.visit), ledger.is_settled(day.visit)) == (gap, False)
    assert day.open_tasks == ([day.visit] if gap < 0 else [])
    explained = day.told(GAP, gap, reason="the label said 50 mg")
    assert (ledger.balance_of(day.visit), ledger.is_settled(day.visit)) == (0, False)
    task = Task.objects.get(done_at=None)
    assert (task.kind, task.urgent, task.visit_id) == ("custody_open", True, day.visit)
    day.sign(explained)
    assert ledger.is_settled(day.visit)
    assert day.open_tasks == []


def test_a_discrepancy_without_a_reason_is_none(day) -> None:
    day.told(OUT)
    for reason in ("", " "):
        with pytest.raises(Invalid):
            day.told(GAP, 1, reason=reason)


def test_what_is_told_before_its_checkout_alarms_only_until_that_comes(day) -> None:
    day.told(GIVEN, 10)
    assert day.open_tasks == [day.visit]
    day.told(OUT)
    assert (ledger.balance_of(day.visit), day.open_tasks) == (CONTENT - 10, [])


def test_an_expired_vial_is_not_checked_out_but_is_recorded_where_it_was(day) -> None:
    day.vial = day.world.vial("V2", expires_on=TODAY)
    with refused("vial_expired"):
        day.told(OUT)
    day.told(OUT, late=True)
    (entry,) = custody_seen_by(day.nina, day.visit).entries
    assert entry.expired
    day.vial = day.world.vial("V3", expires_on=TOMORROW)
    day.told(OUT)
    assert [one.expired for one in custody_seen_by(day.nina, day.visit).entries] == [True, False]


def test_a_vial_opened_elsewhere_or_of_another_drug_is_not_checked_out(day) -> None:
    visit = day.book(14)
    day.told(GIVEN, 1)
    with refused("vial_opened"):
        day.told(OUT, visit_id=visit)
    day.told(OUT)
    day.vial = day.world.vial("V2")
    dana = day.world.patient("dana")
    home = day.world.home(dana)
    slot = day.world.slots(home, code=DRIP)[-1]
    hold = day.world.hold(slot, home, dana, code=DRIP)
    drip = book_hold(hold, companion_id=None, key=None, by=dana, now=NOW)
    with refused("wrong_drug"):
        day.told(OUT, visit_id=drip)


def test_a_vial_of_another_market_is_unknown_and_a_witness_who_cannot_sign_is_not_asked(
    day,
) -> None:
    other = World("Boston")
    for vial in (other.vial("V9"), "V9", "", new_id()):
        with pytest.raises(NotFound):
            day.told(OUT, vial=vial)
    day.told(OUT)
    for nobody in (other.dora.user_id, day.nina.user_id, day.world.bob.user_id, new_id()):
        entry = day.told(WASTED, 1, witness_id=nobody)
        assert CustodyEntry.objects.get(id=entry).asked is None


def test_custody_of_an_aborted_visit_stays_open_until_it_balances(day) -> None:
    day.told(OUT)
    day.step(Action.DEPART, Action.ARRIVE)
    assert open_custody_of(day.nina.person_id) == (), "her present visit is no earlier one"
    day.step(Action.ABORT)
    look_at_custody(day.visit, now=at(11))
    assert open_custody_of(day.nina.person_id) == (day.visit,)
    assert open_custody_of(day.nora.person_id) == ()
    assert day.open_tasks == [day.visit]
    back = day.told(BACK, late=True)
    assert open_custody_of(day.nina.person_id) == (day.visit,)
    day.sign(back)
    assert (open_custody_of(day.nina.person_id), day.open_tasks) == ((), [])


def test_vials_of_a_visit_that_went_to_another_nurse_are_still_in_the_firsts_hands(day) -> None:
    day.told(OUT)
    day.step(Action.UNASSIGN)
    assert open_custody_of(day.nina.person_id) == (day.visit,)
