"""A message is sent only while its reason lasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Kind, Need
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.sending import Situation, waits_for_a_nurse, why_not
from dispatch.domain.shipped import load_shipped
from dispatch.domain.visit import Status

START = datetime(2027, 6, 8, 14, tzinfo=UTC)
BEFORE = START - timedelta(hours=2)
WELL = Situation(
    status=Status.ASSIGNED,
    treated=False,
    window_start=START,
    moves=1,
    planned_after=1,
    companion_named=True,
    answer=CompanionAnswer.ASKED,
    right_person=True,
    has_nurse=True,
    window_end=START + timedelta(minutes=30),
    consent_withdrawn=False,
)


@pytest.mark.parametrize(
    ("kind", "need", "changes", "now", "reason"),
    [
        (Kind.CONFIRMATION, None, {}, BEFORE, None),
        (Kind.DAY_BEFORE, None, {}, BEFORE, None),
        (Kind.DAY_BEFORE, None, {"status": Status.CANCELLED}, BEFORE, "called_off"),
        (Kind.DAY_BEFORE, None, {"status": Status.SUSPENDED}, BEFORE, "called_off"),
        (Kind.DAY_BEFORE, None, {"planned_after": 0}, BEFORE, "moved"),
        (Kind.DAY_BEFORE, None, {"right_person": False}, BEFORE, "other_person"),
        (Kind.TWO_HOURS_BEFORE, None, {}, START - timedelta(seconds=1), None),
        (Kind.TWO_HOURS_BEFORE, None, {}, START, "too_late"),
        (Kind.COMPANION_REQUEST, Need.COMPANION_NAMED, {}, BEFORE, None),
        (
            Kind.COMPANION_REQUEST,
            Need.COMPANION_NAMED,
            {"companion_named": False},
            BEFORE,
            "no_companion",
        ),
        (
            Kind.COMPANION_REQUEST,
            Need.COMPANION_NAMED,
            {"answer": CompanionAnswer.CONFIRMED},
            BEFORE,
            "answered",
        ),
        (Kind.COMPANION_MISSING, Need.COMPANION_UNNAMED, {}, BEFORE, "companion_named"),
        (
            Kind.COMPANION_MISSING,
            Need.COMPANION_UNNAMED,
            {"companion_named": False},
            BEFORE,
            None,
        ),
        (Kind.COMPANION_DECLINED, Need.COMPANION_DECLINED, {}, BEFORE, "not_declined"),
        (
            Kind.COMPANION_DECLINED,
            Need.COMPANION_DECLINED,
            {"answer": CompanionAnswer.DECLINED},
            BEFORE,
            None,
        ),
        (Kind.AFTERCARE, None, {"treated": True, "status": Status.COMPLETED}, START, None),
        (Kind.AFTERCARE, None, {"treated": True, "status": Status.ABORTED}, START, None),
        (Kind.AFTERCARE, None, {"status": Status.NO_SHOW}, START, "called_off"),
        (Kind.AFTERCARE, None, {}, START, "not_treated"),
        (Kind.CONFIRMATION, None, {"status": Status.ABORTED}, START, "called_off"),
        (Kind.SUMMARY, None, {"status": Status.COMPLETED}, START, None),
        (Kind.SUMMARY, None, {"status": Status.ABORTED}, START, "not_completed"),
        (
            Kind.SUMMARY,
            None,
            {"status": Status.COMPLETED, "consent_withdrawn": True},
            START,
            "consent_withdrawn",
        ),
        (Kind.CANCELLED, None, {"status": Status.CANCELLED}, START, None),
        (Kind.CANCELLED, None, {"status": Status.CANCELLED, "planned_after": 0}, START, None),
        (Kind.CANCELLED, None, {}, START, "not_cancelled"),
        (Kind.COMPANION_REPLACED, None, {"planned_after": 0}, START, None),
        (Kind.COMPANION_REPLACED, None, {"status": Status.CANCELLED}, START, None),
        (Kind.COMPANION_REPLACED, None, {"status": Status.IN_TREATMENT}, START, "too_late"),
        (Kind.COMPANION_REPLACED, None, {"right_person": False}, BEFORE, "other_person"),
        (
            Kind.CANCELLED,
            None,
            {"status": Status.CANCELLED, "right_person": False},
            START,
            "other_person",
        ),
    ],
)
def test_each_reason_withdraws(kind, need, changes, now, reason) -> None:
    assert why_not(kind, need, replace(WELL, **changes), now) == reason


@pytest.mark.parametrize("kind", list(Kind))
def test_only_what_promises_a_nurse_waits_for_one(kind) -> None:
    lost = replace(WELL, has_nurse=False)
    assert waits_for_a_nurse(kind, lost) is (kind in {Kind.DAY_BEFORE, Kind.TWO_HOURS_BEFORE})
    assert not waits_for_a_nurse(kind, WELL)
    assert why_not(Kind.TWO_HOURS_BEFORE, None, lost, START) == "too_late"


def oracle(kind, need, one, now) -> bool:
    """Whether it is right to write, told as a person would who stands at the visit."""
    if not one.right_person:
        return False
    if kind == "suspended":
        return one.status == "suspended"
    if kind == "companion_request" and one.answer in {"confirmed", "declined"}:
        return False
    wanted = {
        "companion_declined": one.answer == "declined",
        "companion_asked": one.answer == "asked",
        "companion_unconfirmed": one.answer != "confirmed",
        "companion_named": one.companion_named,
        "companion_expected": one.answer in {"asked", "confirmed"},
    }
    same_time = one.planned_after == one.moves
    return same_time and one.need_met and wanted.get(need, True) and _in_time(kind, need, one, now)


def _in_time(kind, need, one, now) -> bool:
    if kind == "follow_up":
        return one.treated and one.status not in {"cancelled", "no_show", "suspended"}
    if kind in {"feedback", "next_visit"}:
        return one.status == "completed"
    if kind == "on_the_way":
        return one.status == "en_route" and one.expected is not None
    if kind in {"companion_request", "companion_declined", "nurse_changed", "resumed"}:
        return one.status in {"requested", "assigned", "en_route", "arrived"}
    over = {"cancelled", "no_show", "aborted"}
    off = over if need == "medication_open" else over | {"suspended"}
    return one.status not in off and now < one.window_start


TOLD_OF = (
    Kind.SCREENING_DUE, Kind.COMPANION_REMINDER, Kind.ON_HOLD, Kind.TASK, Kind.EATING,
    Kind.ON_THE_WAY, Kind.FOLLOW_UP, Kind.FEEDBACK, Kind.NEXT_VISIT, Kind.SUSPENDED, Kind.RESUMED,
    Kind.COMPANION_REQUEST, Kind.COMPANION_DECLINED, Kind.NURSE_CHANGED,
)  # fmt: skip
RULES = sorted(
    {
        (rule.kind, rule.needs)
        for data in load_shipped()
        for rule in parse_protocol(data).messages
        if rule.kind in TOLD_OF
    },
    key=str,
)
SITUATIONS = st.builds(
    Situation,
    status=st.sampled_from(Status),
    treated=st.booleans(),
    window_start=st.just(START),
    moves=st.integers(0, 1),
    planned_after=st.integers(0, 1),
    companion_named=st.booleans(),
    answer=st.none() | st.sampled_from(CompanionAnswer),
    right_person=st.sampled_from([True, True, False]),
    has_nurse=st.booleans(),
    window_end=st.just(START + timedelta(minutes=30)),
    consent_withdrawn=st.just(False),
    expected=st.none() | st.just(START),
    told=st.none(),
    need_met=st.sampled_from([True, True, False]),
)


@given(st.sampled_from(RULES), SITUATIONS, st.sampled_from([-1, 0, 1]))
@settings(max_examples=1500, deadline=None)
def test_a_message_goes_out_where_a_person_would_write(rule, situation, hours) -> None:
    (kind, need), now = rule, START + timedelta(hours=hours)
    wrong = why_not(kind, need, situation, now)
    assert (wrong is None) is oracle(kind, need, situation, now), wrong


def test_each_of_these_kinds_has_a_rule() -> None:
    assert {kind for kind, _ in RULES} == set(TOLD_OF)
