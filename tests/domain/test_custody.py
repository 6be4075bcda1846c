"""Double entry on paper: accounts that sum to zero, and when a visit is settled."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.custody import (
    FIELD_EVENTS,
    MOST_UG,
    WAYS,
    WITNESSED,
    Account,
    Entry,
    EntryKind,
    Movement,
    alarming,
    balances,
    entered,
    in_hand,
    movement_of,
    settled,
    to_restock,
)
from dispatch.domain.errors import Invalid
from dispatch.domain.ids import new_id
from tests.builders import NOW

VIAL, VISIT = new_id(), new_id()
CONTENT = 50_000
WITH_A_NURSE = [EntryKind.CHECKED_OUT, EntryKind.GIVEN, EntryKind.WASTED, EntryKind.RETURNED]


def entry(kind: EntryKind, ug: int = CONTENT, **more) -> Entry:
    ((source, target),) = WAYS[kind]
    ours = None if Account.NURSE not in (source, target) else VISIT
    return Entry(kind, source, target, ug, VIAL, **({"visit_id": ours} | more))


def found(ug: int, *, signed: bool = False) -> Entry:
    movement = Movement(EntryKind.DISCREPANCY, VIAL, VISIT, NOW, ug=ug, reason="spilt")
    made = entered(movement, VIAL, CONTENT)
    return Entry(made.kind, made.source, made.target, made.ug, VIAL, VISIT, signed=signed)


OUT = entry(EntryKind.CHECKED_OUT)


@given(st.lists(st.tuples(st.sampled_from(WITH_A_NURSE), st.integers(1, MOST_UG))))
def test_the_accounts_of_a_vial_sum_to_zero(drawn) -> None:
    assert sum(balances(entry(kind, ug) for kind, ug in drawn).values()) == 0


@given(st.permutations([(EntryKind.CHECKED_OUT, CONTENT), (EntryKind.GIVEN, 35_000),
                        (EntryKind.WASTED, 15_000)]))  # fmt: skip
def test_what_was_given_and_wasted_is_gone_from_the_nurses_hands(drawn) -> None:
    made = [entry(kind, ug, signed=True) for kind, ug in drawn]
    assert in_hand(made) == {VIAL: 0}
    assert settled(made)


@pytest.mark.parametrize(("given_ug", "wasted_ug"), [(35_000, 14_999), (35_000, 15_001)])
def test_one_microgram_too_few_or_too_many_leaves_the_visit_open(given_ug, wasted_ug) -> None:
    made = [OUT, entry(EntryKind.GIVEN, given_ug), entry(EntryKind.WASTED, wasted_ug, signed=True)]
    assert not settled(made)
    assert alarming(made) is (wasted_ug == 15_001)
    explained = [*made, found(15_000 - wasted_ug)]
    assert in_hand(explained) == {VIAL: 0}
    assert alarming(explained), "somebody must look at the explanation"
    assert settled([*made, found(15_000 - wasted_ug, signed=True)])


@pytest.mark.parametrize("kind", sorted(WITNESSED))
def test_what_leaves_the_nurse_and_does_not_reach_the_patient_is_signed(kind) -> None:
    def made(*, signed: bool) -> list[Entry]:
        gone = found(CONTENT, signed=signed) if kind is EntryKind.DISCREPANCY else None
        return [OUT, gone or entry(kind, signed=signed)]

    assert not settled(made(signed=False))
    assert settled(made(signed=True))


def test_two_vials_do_not_make_up_for_each_other() -> None:
    other = new_id()
    made = [OUT, Entry(EntryKind.GIVEN, Account.NURSE, Account.PATIENT, CONTENT, other, VISIT)]
    assert in_hand(made) == {VIAL: CONTENT, other: -CONTENT}
    assert not settled(made)


@pytest.mark.parametrize(
    ("kind", "ug", "reason", "field"),
    [
        (EntryKind.GIVEN, None, "", "ug"),
        (EntryKind.GIVEN, 0, "", "ug"),
        (EntryKind.GIVEN, -1, "", "ug"),
        (EntryKind.WASTED, MOST_UG + 1, "", "ug"),
        (EntryKind.DISCREPANCY, 0, "lost", "ug"),
        (EntryKind.DISCREPANCY, -MOST_UG - 1, "lost", "ug"),
        (EntryKind.DISCREPANCY, 1, " ", "reason"),
    ],
)
def test_an_amount_that_cannot_be_is_named(kind, ug, reason, field) -> None:
    with pytest.raises(Invalid) as refused:
        entered(Movement(kind, VIAL, VISIT, NOW, ug=ug, reason=reason), VIAL, CONTENT)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("event_type", sorted(FIELD_EVENTS))
def test_every_field_event_of_a_drug_becomes_a_movement(event_type) -> None:
    witness, event_id = new_id(), new_id()
    data = {"vial": "V1", "ug": 7, "reason": "spilt", "witness": str(witness)}
    made = movement_of(event_type, data, event_id=event_id, visit_id=VISIT, at=NOW, late=True)
    assert (made.vial, made.event_id, made.witness_id, made.late) == ("V1", event_id, witness, True)
    assert entered(made, VIAL, CONTENT).ug == (CONTENT if event_type in {"checkout", "return"}
                                               else 7)  # fmt: skip


BACK = entry(EntryKind.RETURNED, id=new_id(), signed=True)
RECEIVED = entry(EntryKind.RECEIVED)


def test_a_signed_return_goes_into_stock_once() -> None:
    assert to_restock([RECEIVED, OUT, BACK], VISIT) == BACK
    restocked = entry(EntryKind.RESTOCKED, restocks=BACK.id)
    assert to_restock([RECEIVED, OUT, BACK, restocked], VISIT) is None


@pytest.mark.parametrize(
    "entries",
    [
        [RECEIVED, OUT, entry(EntryKind.RETURNED, id=new_id())],
        [RECEIVED, OUT, BACK, entry(EntryKind.GIVEN, 1)],
        [RECEIVED, OUT, BACK, entry(EntryKind.WASTED, 1)],
        [RECEIVED, BACK],
        [RECEIVED, entry(EntryKind.CHECKED_OUT, visit_id=new_id()), BACK],
    ],
    ids=["not signed", "given from", "wasted from", "still in stock", "out at another visit"],
)
def test_no_other_return_goes_into_stock(entries) -> None:
    assert to_restock(entries, VISIT) is None


def test_a_vial_is_never_in_stock_twice_however_it_goes_round() -> None:
    """Out, back, signed, out again: after each step the stock holds all of it or nothing."""
    again = entry(EntryKind.RESTOCKED, restocks=BACK.id)
    steps = [RECEIVED, OUT, BACK, again, OUT]
    stocks = [balances(steps[: n + 1])[VIAL, Account.STOCK] for n in range(len(steps))]
    assert stocks == [CONTENT, 0, 0, CONTENT, 0]
    assert all(before != after or after == 0 for before, after in pairwise(stocks))
