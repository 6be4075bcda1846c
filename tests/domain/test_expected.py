"""What a visit under way is expected to take, against a walk through its phases; who is told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.expected import Facts, expected_span, is_earlier_again, is_late
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.shipped import load_shipped

KETAMINE = next(
    parse_protocol(one) for one in load_shipped() if one["code"] == "ketamine_six_induction"
)
TEN = datetime(2027, 6, 8, 14, tzinfo=UTC)
SETUP, INFUSION, RECOVERY, WRAP_UP = 20, 40, 60, 10
STEPS = ("arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at", "completed_at")


def minutes(count: int) -> datetime:
    return TEN + timedelta(minutes=count)


def walk(planned: int, known: list[int], extended: int, now: int) -> list[int]:
    """When each step is or will be, in minutes, step by step: what is known, or its time, or now.

    The patient is discharged when the recovery is over.
    """
    waits = [SETUP, INFUSION, RECOVERY + extended, WRAP_UP]
    times = [*known]
    while len(times) < len(STEPS):
        due = times[-1] + waits[len(times) - 1] if times else planned
        last = len(times) == len(STEPS) - 1
        times.append(due if len(times) == 3 and not last else max(due, now))
    return times


@settings(max_examples=500, deadline=None)
@given(
    st.integers(-60, 60),
    st.lists(st.integers(1, 200), max_size=5),
    st.sampled_from([0, 15, 30, 45]),
    st.integers(0, 300),
)
def test_what_is_to_come_follows_at_the_protocols_pace(planned, gaps, extended, after) -> None:
    known = [sum(gaps[: step + 1]) for step in range(len(gaps))]
    now = (known[-1] if known else 0) + after
    facts = Facts(
        **{name: minutes(at) for name, at in zip(STEPS, known, strict=False)},
        recovery_extended_s=extended * 60,
    )
    span = expected_span(KETAMINE, minutes(planned), facts, minutes(now))
    start, begun, done, _, end = walk(planned, known, extended, now)
    assert (span.start, span.infusion_from, span.infusion_until, span.end) == (
        minutes(start), minutes(begun), minutes(done), minutes(end)
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | st.integers(-300, 300), min_size=5, max_size=5), st.integers(-300, 300))
def test_whatever_phones_say_the_times_ascend(known, now) -> None:
    facts = Facts(**{
        name: None if at is None else minutes(at) for name, at in zip(STEPS, known, strict=True)
    })  # fmt: skip
    span = expected_span(KETAMINE, TEN, facts, minutes(now))
    times = [span.start, span.infusion_from, span.infusion_until, span.end]
    assert all(before <= after for before, after in pairwise(times))
    assert span.infusion_from < span.infusion_until


def test_the_pace_is_the_protocols() -> None:
    phases = KETAMINE.phases
    assert (phases.setup_s, phases.infusion_s, KETAMINE.recovery.planned, phases.wrap_up_s) == (
        SETUP * 60, INFUSION * 60, RECOVERY * 60, WRAP_UP * 60
    )  # fmt: skip
    span = expected_span(KETAMINE, TEN, Facts(), TEN - timedelta(hours=1))
    assert span.end - span.start == timedelta(seconds=KETAMINE.service_s)


@pytest.mark.parametrize(
    ("expected", "told", "late", "earlier"),
    [
        (30, None, False, False),
        (31, None, True, False),
        (0, None, False, False),
        (60, 45, False, False),
        (61, 45, True, False),
        (30, 45, False, False),
        (29, 45, False, True),
    ],
)
def test_people_are_told_beyond_the_window_and_by_quarters_of_an_hour(
    expected, told, late, earlier
) -> None:
    known = None if told is None else minutes(told)
    assert is_late(minutes(expected), minutes(30), known) is late
    assert is_earlier_again(minutes(expected), known) is earlier
