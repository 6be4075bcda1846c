"""What customers are sent, and how often it is tried: against the specification's own words."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.events import EVENTS
from dispatch.domain.webhooks import (
    MEANINGS,
    SUBSCRIBABLE,
    TOLD,
    Topic,
    body_of,
    is_taken,
    rest_after,
    wait_after,
)

SPECIFIED = ["0:00:05", "0:05:00", "0:30:00", "2:00:00", "5:00:00", "10:00:00", "14:00:00",
             "20:00:00", "1 day, 0:00:00"]  # fmt: skip
"""Standard Webhooks 1.0.0, "Example retry schedule", after the try that is made at once."""


def test_the_waits_are_those_of_the_specification_and_then_it_is_over() -> None:
    assert [str(wait_after(tries)) for tries in range(1, 10)] == SPECIFIED
    assert wait_after(10) is None


def test_a_receiver_that_fails_rests_longer_each_time_up_to_five_minutes() -> None:
    rests = [rest_after(failures).total_seconds() for failures in (1, 2, 3, 6, 7, 8, 10**6)]
    assert rests == [5, 10, 20, 160, 300, 300, 300]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_taken(status: int) -> None:
    assert is_taken(status)


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 302, 307, 308, 400, 410, 500, 999])
def test_nothing_else_is(status: int | None) -> None:
    assert not is_taken(status)


def test_the_same_facts_are_the_same_bytes() -> None:
    moment = datetime(2027, 6, 7, 8, 0, 0, 5, UTC)
    one = body_of("visit.booked", moment, {"visit": "v", "market": "m"})
    other = body_of("visit.booked", moment.astimezone(), {"market": "m", "visit": "v"})
    assert one == other
    assert json.loads(one) == {
        "type": "visit.booked",
        "timestamp": "2027-06-07T08:00:00.000005Z",
        "data": {"market": "m", "visit": "v"},
    }


def test_every_type_has_one_event_and_a_meaning() -> None:
    assert len(set(TOLD.values())) == len(TOLD)
    assert set(SUBSCRIBABLE) | {Topic.TEST} == set(Topic) == set(MEANINGS)
    assert {kind.__name__ for kind in TOLD} <= set(EVENTS)


def test_what_is_told_is_of_visits_and_series_and_names_no_patient() -> None:
    fields = {name for kind in TOLD for name in kind.__dataclass_fields__}
    assert fields == {"visit_id", "series_id"}
    assert timedelta(days=3) < sum((wait_after(n) for n in range(1, 10)), timedelta())
