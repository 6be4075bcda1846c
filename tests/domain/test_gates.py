"""Every gate opens on its own facts and says why it is closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.care import Item
from dispatch.domain.charges import CoverageState
from dispatch.domain.errors import Conflict
from dispatch.domain.gates import (
    SOFT,
    Checklist,
    CompanionAnswer,
    Facts,
    GateName,
    Order,
    Price,
    Validity,
    blocking,
    check_gates_stand,
)
from dispatch.domain.judging import judge
from dispatch.domain.protocol import CompanionRule
from dispatch.domain.visit import Status

START = datetime(2027, 6, 8, 14, tzinfo=UTC)
END = START + timedelta(hours=2)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
VALID = Validity(START - DAY, END)
ALL_WELL = Facts(
    start=START,
    end=END,
    clearances=(VALID,),
    orders=(Order(VALID, 1),),
    consents=(VALID,),
    companion_duty=CompanionRule.STAYS,
    companion=CompanionAnswer.CONFIRMED,
    credential_faults=(),
    vials_open=False,
    kit=Checklist(
        (Item("pump", "Pump, charged."), Item("iv_set", "IV set.")), frozenset({"pump", "iv_set"})
    ),
    home=Checklist((Item("quiet", "A quiet room."),), frozenset({"quiet"})),
    price=Price(59500, CoverageState.UNKNOWN, START.date() - DAY),
)


def closed(**facts) -> set[str]:
    return {gate.name.value for gate in judge(replace(ALL_WELL, **facts)) if not gate.open}


def test_with_everything_in_order_every_gate_is_open() -> None:
    assert closed() == set()
    assert [gate.name for gate in judge(ALL_WELL)] == list(GateName)


@pytest.mark.parametrize(
    ("missing", "says"), [("questions_due", "before each visit"), ("answers_outdated", "too old")]
)
def test_a_clearance_does_not_hold_without_its_answers(missing, says) -> None:
    assert closed(**{missing: 1}) == {"clearance"}
    gate = judge(replace(ALL_WELL, **{missing: 1}))[0]
    assert says in gate.reason
    assert gate.resolver.value == "patient", "it is the patient who answers"


@pytest.mark.parametrize("paper", ["clearance", "consent"])
@pytest.mark.parametrize(
    "validity",
    [None, Validity(START + SECOND, END + DAY), Validity(START - DAY, END - SECOND)],
    ids=["missing", "begins too late", "ends during the visit"],
)
def test_a_paper_must_cover_the_whole_visit(paper, validity) -> None:
    papers = () if validity is None else (validity,)
    assert closed(**{f"{paper}s": papers}) == {paper}
    assert closed(**{f"{paper}s": (*papers, VALID)}) == set(), "any paper that covers will do"


@pytest.mark.parametrize(
    "order",
    [None, Order(VALID, 0), Order(Validity(START - DAY, END - SECOND), 1)],
    ids=["missing", "used up", "ends during the visit"],
)
def test_an_order_must_cover_the_visit_and_have_an_infusion_left(order) -> None:
    orders = () if order is None else (order,)
    assert closed(orders=orders) == {"order"}
    assert closed(orders=(*orders, Order(VALID, 1))) == set(), "any order that covers will do"


@pytest.mark.parametrize("answer", [None, CompanionAnswer.ASKED, CompanionAnswer.DECLINED])
@pytest.mark.parametrize("duty", list(CompanionRule))
def test_only_a_companion_who_said_yes_opens_the_gate(answer, duty) -> None:
    assert closed(companion=answer, companion_duty=duty) == {"companion"}


def test_where_nobody_is_needed_there_is_no_companion_gate() -> None:
    names = {gate.name for gate in judge(replace(ALL_WELL, companion_duty=None, companion=None))}
    assert GateName.COMPANION not in names


@pytest.mark.parametrize("faults", [None, ("acls",)], ids=["no nurse", "a certificate runs out"])
def test_a_nurse_with_every_credential_opens_the_last_gate(faults) -> None:
    assert closed(credential_faults=faults) == {"credentials"}


@pytest.mark.parametrize("vials_open", [None, True], ids=["no nurse", "vials are out"])
def test_vials_of_an_earlier_visit_close_the_gate_of_custody(vials_open) -> None:
    assert closed(vials_open=vials_open) == {"custody"}


@pytest.mark.parametrize("left", ["pump", "iv_set"])
def test_every_item_of_the_kit_is_confirmed(left) -> None:
    kit = replace(ALL_WELL.kit, confirmed=ALL_WELL.kit.confirmed - {left})
    assert closed(kit=kit) == {"kit"}
    assert closed(kit=None) == {"kit"}, "nobody has packed it"


def test_what_is_missing_is_named_as_people_read_it() -> None:
    reasons = {
        gate.name: gate.reason
        for gate in judge(
            replace(
                ALL_WELL,
                kit=replace(ALL_WELL.kit, confirmed=frozenset()),
                home=replace(ALL_WELL.home, confirmed=frozenset()),
            )
        )
    }
    assert reasons["kit"] == "The nurse has not confirmed: Pump, charged; IV set."
    assert reasons["home"] == "Not confirmed for this place: A quiet room."


def test_where_nothing_is_to_be_brought_or_asked_there_is_no_gate() -> None:
    nothing = Checklist((), frozenset())
    names = {gate.name for gate in judge(replace(ALL_WELL, kit=nothing, home=nothing))}
    assert names == set(GateName) - {GateName.KIT, GateName.HOME}


@pytest.mark.parametrize(
    ("state", "shown", "reason"),
    [
        ("unknown", True, "Coverage unknown; self-pay price of $595.00 was shown on June 7, 2027."),
        ("unknown", False, "Coverage unknown; self-pay price of $595.00 not shown yet."),
        ("not_covered", True, "Not covered; self-pay price of $595.00 was shown on June 7, 2027."),
        ("maybe", False, "Perhaps covered; self-pay price of $595.00 not shown yet."),
        ("covered", False, "Covered; self-pay price of $595.00 not shown yet."),
    ],
)
def test_the_price_is_shown_whatever_the_coverage(state, shown, reason) -> None:
    price = Price(59500, CoverageState(state), ALL_WELL.price.shown_on if shown else None)
    (found,) = (gate for gate in judge(replace(ALL_WELL, price=price)) if gate.name == "coverage")
    assert (found.open, found.reason) == (shown, reason)


CAUSES = {
    "clearance": [{"clearances": ()}],
    "order": [{"orders": ()}, {"orders": (Order(VALID, 0),)}],
    "consent": [{"consents": ()}],
    "companion": [{"companion": None}, {"companion": CompanionAnswer.DECLINED}],
    "credentials": [{"credential_faults": None}, {"credential_faults": ("VA", "acls")}],
    "custody": [{"vials_open": None}, {"vials_open": True}],
    "kit": [{"kit": None}, {"kit": replace(ALL_WELL.kit, confirmed=frozenset())}],
    "home": [{"home": replace(ALL_WELL.home, confirmed=frozenset())}],
    "coverage": [{"price": replace(ALL_WELL.price, shown_on=None)}],
}
"""What closes each gate, and nothing else."""
RESOLVERS = {
    "clearance": "prescriber", "order": "prescriber", "consent": "patient",
    "companion": "patient", "credentials": "dispatcher", "custody": "nurse",
    "kit": "nurse", "home": "patient", "coverage": "patient",
}  # fmt: skip
MAY_BE_OVERRIDDEN = {"kit", "home", "coverage"}
ROWS = [(name, cause) for name, causes in CAUSES.items() for cause in causes]


@pytest.mark.parametrize(("name", "cause"), ROWS)
@pytest.mark.parametrize("overridden", [False, True])
def test_gate_by_cause_and_override(name, cause, overridden) -> None:
    facts = replace(ALL_WELL, **cause, overridden=frozenset({name} if overridden else ()))
    soft = name in MAY_BE_OVERRIDDEN
    (gate,) = (one for one in judge(facts) if not one.open)
    resolver = "dispatcher" if "No nurse" in gate.reason else RESOLVERS[name]
    assert (gate.name, gate.resolver, gate.hard) == (name, resolver, not soft)
    assert gate.reason.endswith(".")
    assert gate.state == ("overridden" if soft and overridden else "closed")
    assert gate.overridable is (soft and not overridden)
    assert [one.name for one in blocking(judge(facts))] == ([] if soft and overridden else [name])


def test_an_override_of_an_open_gate_changes_nothing() -> None:
    everything = replace(ALL_WELL, overridden=frozenset(GateName))
    assert judge(everything) == judge(ALL_WELL)


def test_what_may_be_overridden_is_what_the_table_says() -> None:
    assert {name.value for name in SOFT} == MAY_BE_OVERRIDDEN


@given(
    causes=st.sets(st.sampled_from(list(CAUSES))).flatmap(
        lambda names: st.fixed_dictionaries({n: st.sampled_from(CAUSES[n]) for n in names})
    ),
    overridden=st.frozensets(st.sampled_from(list(CAUSES))),
)
def test_blocking_is_exactly_what_is_closed_and_not_overridden(causes, overridden) -> None:
    """Overrides of hard gates are in the database of nobody; here they are, and count nothing."""
    broken = {field: value for cause in causes.values() for field, value in cause.items()}
    found = judge(replace(ALL_WELL, **broken, overridden=frozenset(map(GateName, overridden))))
    stops = {name for name in causes if name not in MAY_BE_OVERRIDDEN or name not in overridden}
    assert {gate.name.value for gate in blocking(found)} == stops
    assert {gate.name.value for gate in found if not gate.open} == set(causes)


@pytest.mark.parametrize(
    ("status", "stand"),
    [
        ("requested", True), ("assigned", True), ("en_route", True), ("arrived", True),
        ("in_treatment", False), ("recovering", False), ("completed", False),
        ("cancelled", False), ("no_show", False), ("aborted", False), ("suspended", False),
    ],
)  # fmt: skip
def test_gates_stand_until_the_infusion_begins(status, stand) -> None:
    if stand:
        check_gates_stand(Status(status))
        return
    with pytest.raises(Conflict) as refused:
        check_gates_stand(Status(status))
    assert refused.value.code == "wrong_status"
