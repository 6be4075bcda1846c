"""What counts of a verified visit, against a plain dictionary that is written over."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.verification import (
    BY_DEVICE,
    Change,
    Element,
    Elements,
    corrected,
    normalised,
    told_later,
    written,
)

BEGIN = datetime(2027, 6, 8, 14, tzinfo=UTC)
NEW_YORK = "America/New_York"
FIRST = Elements(
    service="ketamine_booster",
    billing="CPT 96365",
    recipient="Alice",
    address="1 Main Street",
    arrived_at_point=None,
    provider="Nina",
    begun_at=BEGIN,
    ended_at=BEGIN + timedelta(hours=2),
)
TIMES = st.integers(0, 10**6).map(lambda s: BEGIN + timedelta(seconds=s, microseconds=s % 977))
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
TEXTS = st.text("ab ,;é–", max_size=20)
VALUES = {
    Element.SERVICE: TEXTS, Element.BILLING: TEXTS, Element.RECIPIENT: TEXTS,
    Element.ADDRESS: TEXTS, Element.PROVIDER: TEXTS, Element.BEGUN_AT: TIMES,
    Element.ENDED_AT: TIMES, Element.ARRIVED_AT_POINT: st.none() | POINTS,
}  # fmt: skip
CHANGES = st.lists(st.sampled_from(Element).flatmap(lambda e: VALUES[e].map(lambda v: (e, v))))


@given(CHANGES)
def test_the_last_word_on_each_element_counts(changes) -> None:
    expected = asdict(FIRST)
    said = []
    for element, value in changes:
        expected[element.value] = value
        said.append(Change(element, as_text(value)))
    assert asdict(corrected(FIRST, said)) == expected


@given(TIMES, TIMES, st.none() | POINTS, TEXTS)
def test_what_the_phone_tells_later_changes_that_and_nothing_else(begun, ended, point, name):
    told = Elements("other", "other", name, name, point, name, begun, ended)
    after = corrected(FIRST, told_later(FIRST, told))
    assert (after.begun_at, after.ended_at, after.arrived_at_point) == (begun, ended, point)
    assert (after.service, after.recipient, after.provider) == ("ketamine_booster", "Alice", "Nina")
    assert told_later(after, told) == (), "told again, it is no news"


@given(CHANGES)
def test_what_is_written_is_read_as_it_was(changes) -> None:
    for element, value in changes:
        one = corrected(FIRST, [Change(element, as_text(value))])
        assert corrected(FIRST, [Change(element, written(one, element))]) == one


def as_text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"{value[0]!r},{value[1]!r}"
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize(
    ("element", "text", "stored"),
    [
        (Element.BEGUN_AT, "2027-06-08T10:00", "2027-06-08T14:00:00+00:00"),
        (Element.ENDED_AT, "2027-06-08T10:00-07:00", "2027-06-08T17:00:00+00:00"),
        (Element.ARRIVED_AT_POINT, " 38.9, -77", "38.9,-77.0"),
        (Element.RECIPIENT, "Alice B.", "Alice B."),
    ],
)
def test_people_write_times_by_the_local_clock_and_points_with_a_comma(element, text, stored):
    assert normalised(element, text, NEW_YORK) == stored


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (Element.BEGUN_AT, "yesterday"),
        (Element.BEGUN_AT, "2027-03-14T02:30"),
        (Element.ENDED_AT, "9999-12-31T23:59-23:59"),
        (Element.ARRIVED_AT_POINT, "38.9"),
        (Element.ARRIVED_AT_POINT, "90.1,0"),
        (Element.ARRIVED_AT_POINT, "0,-180.1"),
        (Element.ARRIVED_AT_POINT, "nan,0"),
        (Element.ARRIVED_AT_POINT, ""),
    ],
)
def test_what_is_no_time_and_no_point_is_refused(element, text) -> None:
    with pytest.raises(ValueError, match="Write a"):
        normalised(element, text, NEW_YORK)


def test_the_phone_tells_of_place_and_times() -> None:
    assert {one.value for one in BY_DEVICE} == {"arrived_at_point", "begun_at", "ended_at"}
