"""However a file is spoilt, it is read or refused with words, never with a traceback."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.gateways.travel import GeodesicTravel
from dispatch.planning.exchange.document import problem_of
from dispatch.planning.exchange.parts import Refused
from dispatch.planning.exchange.reading import BREAK, JOB, PROBLEM, VEHICLE, read
from tests.planning import files

ROADS = GeodesicTravel(1.3, 38.0, 240)
names = st.sampled_from(sorted(BREAK | JOB | PROBLEM | VEHICLE)) | st.text(max_size=3)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from([0, 1, -1, 2**31, 2**32, 2**64, 10**400])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)


@st.composite
def spoilt(draw):
    """A problem with one value anywhere in it replaced, added or taken away."""
    whole = deepcopy(draw(files.problems()))
    inner, steps = whole, draw(st.integers(0, 5))
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = draw(st.sampled_from(keys)) if keys else None
        if key is None or steps == 0 or not isinstance(inner[key], dict | list):
            break
        inner, steps = inner[key], steps - 1
    if key is not None and draw(st.booleans()):
        del inner[key]
    elif isinstance(inner, list):
        inner.append(draw(values))
    else:
        inner[draw(names) if key is None or draw(st.booleans()) else key] = draw(values)
    return whole


def outcome(text):
    """What the file asks for, or the faults it is refused for."""
    try:
        return read(text, ROADS)
    except Refused as refused:
        return refused.faults


@settings(max_examples=100, deadline=None)
@given(spoilt())
def test_a_spoilt_problem_is_read_or_refused(problem):
    found = outcome(json.dumps(problem).encode())
    if isinstance(found, tuple):
        assert found
        assert all(len(fault.splitlines()) == 1 for fault in found)
    else:
        assert all(shift.opens <= shift.closes for shift in problem_of(found).shifts)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=20) | values.map(json.dumps).map(str.encode))
def test_anything_at_all_is_refused(text):
    assert isinstance(outcome(text), tuple)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "the file: is not JSON: "),
        (b"{", "the file: is not JSON: "),
        (b"\xff\xfe", "the file: is not JSON: "),
        (b"[" * 100_000, "the file: is nested too deeply"),
        (b'{"jobs": NaN}', "the file: is not JSON: NaN is no number"),
        (b'{"jobs": [], "jobs": []}', 'the file: is not JSON: "jobs" stands twice in one object'),
        (b"1" * 5000, "the file: is not JSON: "),
        (b"[]", "the file: must be an object"),
        (b"null", "the file: must be an object"),
    ],
)
def test_what_is_no_json_object_is_refused(text, fault):
    found = outcome(text)
    assert len(found) == 1
    assert found[0].startswith(fault)
