"""A message is sent only while its reason lasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Kind, Need
from dispatch.domain.sending import Situation, waits_for_a_nurse, why_not
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
