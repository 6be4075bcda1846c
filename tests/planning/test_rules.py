"""Each rule holds on its boundary and breaks one second past it, by exactly that second."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import rules
from dispatch.planning.problem import Credential
from dispatch.planning.rules import Breach
from tests.planning import oracle, worlds

VISIT = worlds.request(earliest=100, latest=200, service=50)


@pytest.mark.parametrize(
    ("valid", "amount"),
    [((100, 250), 0), ((101, 250), 1), ((100, 249), 1), ((300, 400), 150), ((0, 50), 150)],
)
def test_a_licence_holds_from_the_earliest_start_to_the_latest_end(valid, amount):
    found = tuple(rules.licensed_in_state(worlds.nurse(licence=valid), VISIT))
    assert found == ((Breach("licensed_in_state", "VA", amount),) if amount else ())


@pytest.mark.parametrize(("valid", "amount"), [((100, 250), 0), ((101, 250), 1), ((100, 249), 1)])
def test_a_certificate_that_ends_during_the_visit_excludes(valid, amount):
    found = tuple(rules.certified(worlds.nurse(certificate=valid), VISIT))
    assert found == ((Breach("certified", "acls", amount),) if amount else ())


def test_a_licence_of_another_state_is_none():
    found = tuple(rules.licensed_in_state(worlds.nurse(state="MD"), VISIT))
    assert found == (Breach("licensed_in_state", "VA", 150),)


@pytest.mark.parametrize(("renewed", "held"), [(150, True), (151, False)])
def test_a_renewal_without_a_gap_carries_through(renewed, held):
    chain = (Credential("VA", renewed, 900), Credential("VA", 0, 150))
    assert rules.valid_spans(chain, "VA") == (((0, 900),) if held else ((0, 150), (renewed, 900)))


def test_only_the_asked_nurse_will_do():
    asked = worlds.request(asked=UUID(int=1))
    assert not tuple(rules.asked_nurse(worlds.nurse(1), asked))
    assert not tuple(rules.asked_nurse(worlds.nurse(2), worlds.request()))
    assert tuple(rules.asked_nurse(worlds.nurse(2), asked)) == (
        Breach("asked_nurse", str(UUID(int=1)), 1),
    )


@pytest.mark.parametrize(("late", "count"), [(0, 0), (1, 1)])
def test_the_timing_rules_count_the_second_past(late, count):
    stop, shift = worlds.stop(latest=500), worlds.shift(end=800)
    found = (
        *rules.within_shift(shift, 800 + late),
        *rules.arrives_in_window(stop, 500 + late),
        *rules.next_visit_on_time(stop, 500 + late),
        *rules.not_in_the_past(stop, 500 + late),
    )
    assert [breach.amount for breach in found] == [1] * 4 * count
    assert [breach.rule for breach in found] == list(rules.ORDER[6:]) * count


@settings(max_examples=500, deadline=None)
@given(worlds.nurses(1), worlds.requests())
def test_qualification_agrees_with_the_oracle_and_with_the_spans(nurse, request):
    begin, end = request.earliest, request.latest + request.service
    expected = oracle.qualified(nurse, request, begin, end)
    found = tuple(rules.qualification(nurse, request))
    assert (not found) is expected
    assert all(breach.amount > 0 for breach in found)
    spans = rules.qualified_spans(nurse, request.state, request.certificates)
    covered = any(a <= begin and end <= b for a, b in spans)
    assert covered is not any(breach.rule != "asked_nurse" for breach in found)


@settings(max_examples=300, deadline=None)
@given(worlds.credentials("VA"), st.integers(-5, 95))
def test_valid_spans_hold_exactly_the_seconds_some_credential_holds(credentials, second):
    held = any(c.code == "VA" and c.valid_from <= second < c.valid_until for c in credentials)
    spans = rules.valid_spans(credentials, "VA")
    assert any(a <= second < b for a, b in spans) is held
    assert all(left[1] < right[0] for left, right in pairwise(spans))
