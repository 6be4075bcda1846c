"""Every gate opens on its own facts and says why it is closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.gates import CompanionAnswer, Facts, GateName, Order, Validity, gates
from dispatch.domain.protocol import CompanionRule

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
)


def closed(**facts) -> set[str]:
    return {gate.name.value for gate in gates(replace(ALL_WELL, **facts)) if not gate.open}


def test_with_everything_in_order_every_gate_is_open() -> None:
    assert closed() == set()
    assert [gate.name for gate in gates(ALL_WELL)] == list(GateName)


@pytest.mark.parametrize(
    ("missing", "says"), [("questions_due", "before each visit"), ("answers_outdated", "too old")]
)
def test_a_clearance_does_not_hold_without_its_answers(missing, says) -> None:
    assert closed(**{missing: 1}) == {"clearance"}
    gate = gates(replace(ALL_WELL, **{missing: 1}))[0]
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
    names = {gate.name for gate in gates(replace(ALL_WELL, companion_duty=None, companion=None))}
    assert GateName.COMPANION not in names


@pytest.mark.parametrize("faults", [None, ("acls",)], ids=["no nurse", "a certificate runs out"])
def test_a_nurse_with_every_credential_opens_the_last_gate(faults) -> None:
    assert closed(credential_faults=faults) == {"credentials"}


def test_a_closed_gate_says_why_and_who_can_help() -> None:
    nothing = replace(
        ALL_WELL, clearances=(), orders=(), consents=(), companion=None, credential_faults=None
    )
    for gate in gates(nothing):
        assert not gate.open
        assert gate.reason.endswith(".")
        assert gate.resolver
