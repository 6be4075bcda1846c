"""Six zones and every hour of three years: each rule yields one row, by day, before the visit.

The oracle reckons with the standard library alone, by tables written out by hand.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.due import Occasion, due_times
from dispatch.domain.messages import Event, IfPast, Kind
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.quiet import allowed_from
from dispatch.domain.shipped import load_shipped

PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
RULES = PROTOCOLS["ketamine_six_induction"].messages
CITIES = ("New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles")
ZONES = [*(f"America/{city}" for city in CITIES), "Pacific/Honolulu"]
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTES = st.integers(0, 3 * 366 * 24 * 60)
STAYS = timedelta(minutes=30 + 130)
"""The arrival window and the visit as planned."""

HOURS_BEFORE = {
    "name_companion_stays": 72, "screening_due": 72, "companion_open_two_days": 48,
    "companion_open_one_day": 24, "screening_still_due": 24, "companion_unconfirmed": 18,
    "visit_on_hold": 12, "on_hold": 12, "two_hours_before": 2,
}  # fmt: skip
EVENINGS_BEFORE = {"agree_medication": (21, 9), "eating": (1, 17), "day_before": (1, 18)}
AFTERWARDS = {"aftercare_rest": (0, 20), "follow_up": (1, 10), "next_visit": (1, 17),
              "feedback": (2, 11)}  # fmt: skip
COMPANIONS = {"companion_reminder_two_days": 48, "companion_reminder_one_day": 24}
ON_LISTS = {"agree_medication", "companion_unconfirmed", "visit_on_hold"}
ANSWERS = {
    Event.BOOKED: {"confirmation"},
    Event.RESCHEDULED: {"rescheduled", "companion_rescheduled"},
    Event.COMPANION_NAMED: {"companion_stays"},
    Event.COMPANION_DECLINED: {"companion_declined"},
    Event.COMPANION_REPLACED: {"companion_replaced"},
    Event.CANCELLED: {"cancelled", "companion_cancelled"},
    Event.NURSE_CHANGED: {"nurse_changed"},
    Event.RUNNING_LATE: {"running_late", "companion_running_late"},
    Event.EARLIER_AGAIN: {"earlier_again", "companion_earlier_again"},
    Event.DEPARTED: {"on_the_way"},
    Event.SUSPENDED: {"suspended", "companion_suspended"},
    Event.RESUMED: {"resumed", "companion_resumed"},
}
AT_ANY_HOUR = {Event.RUNNING_LATE, Event.EARLIER_AGAIN, Event.DEPARTED}


def asleep(wall) -> bool:
    return wall.hour < 8 or wall.hour >= 21


def clocks(wall, hour, minute=0, days=0):
    """The instant at which the same clocks show another time."""
    naive = datetime(wall.year, wall.month, wall.day, hour, minute) + timedelta(days=days)  # noqa: DTZ001
    return naive.replace(tzinfo=wall.tzinfo).astimezone(UTC)


def occasion(start, zone, event=Event.BOOKED, now=None) -> Occasion:
    at = start - timedelta(days=40) if now is None else now
    return Occasion(event, at, start, start + STAYS, zone, LocationKind.RESIDENCE)


def reminder(ideal, start, here, code):
    """When a reminder is to go whose moment is ``ideal``."""
    wall = ideal.astimezone(here)
    if not asleep(wall) or code in ON_LISTS:
        return ideal
    morning = clocks(wall, 8, days=1 if wall.hour >= 21 else 0)
    if start - morning >= (start - ideal) / 2:
        return morning
    return clocks(wall, 20, 30, days=0 if wall.hour >= 21 else -1)


def expected(start, here) -> dict[str, datetime]:
    """When each rule of a booking long ago falls due, the answer to it aside."""
    wall = start.astimezone(here)
    plain = {code: start - hours * HOUR for code, hours in HOURS_BEFORE.items()}
    plain |= {c: clocks(wall, hour, days=-days) for c, (days, hour) in EVENINGS_BEFORE.items()}
    found = {code: reminder(ideal, start, here, code) for code, ideal in plain.items()}
    later = {c: clocks(wall, hour, days=days) for c, (days, hour) in AFTERWARDS.items()}
    return found | {code: max(at, start + STAYS) for code, at in later.items()}


@pytest.mark.parametrize("zone", ZONES)
def test_each_rule_yields_one_row_by_day_and_before_the_visit(zone) -> None:
    here, start, wrong = ZoneInfo(zone), FIRST, []
    while start < LAST:
        dues = due_times(RULES, occasion(start, zone))
        found = {due.template: due.due_at for due in dues}
        del found["confirmation"]
        if len(dues) != len(found) + 1 or found != _by_day(expected(start, here), here):
            wrong.append(start)
        before = [at for code, at in found.items() if code not in AFTERWARDS]
        by_night = [at for code, at in found.items() if code not in ON_LISTS | {"aftercare_rest"}]
        if max(before) >= start or any(asleep(at.astimezone(here)) for at in by_night):
            wrong.append(start)
        start += HOUR
    assert not wrong[:3]


def _by_day(dues, here):
    """What follows after a visit waits for the morning, but for how to be safe until then."""
    waits = {"follow_up", "next_visit", "feedback"}
    for code in waits:
        wall = dues[code].astimezone(here)
        if asleep(wall):
            dues[code] = clocks(wall, 8, days=1 if wall.hour >= 21 else 0)
    return dues


LEADS = (1, 3, 8, 10, 11, 12, 200)
"""How many hours before the visit something happens: seven, so that each meets every hour."""


@pytest.mark.parametrize("zone", ZONES)
def test_what_answers_an_event_waits_for_the_morning_where_it_can(zone) -> None:
    here, now, wrong, index = ZoneInfo(zone), FIRST, [], 0
    events = list(ANSWERS)
    while now < LAST:
        event, lead = events[index % len(events)], LEADS[index % len(LEADS)]
        dues = due_times(RULES, occasion(now + lead * HOUR, zone, event, now))
        found = {due.template: due.due_at for due in dues}
        wall, goes = now.astimezone(here), now
        if asleep(wall) and event not in AT_ANY_HOUR:
            morning = clocks(wall, 8, days=1 if wall.hour >= 21 else 0)
            goes = now if now + lead * HOUR - morning < 2 * HOUR else morning
        answers = {code: found.get(code) for code in ANSWERS[event]}
        if len(dues) != len(found) or answers != dict.fromkeys(ANSWERS[event], goes):
            wrong.append((now, event))
        now, index = now + HOUR, index + 1
    assert not wrong[:3]


@given(MINUTES, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_a_companion_is_reminded_by_their_own_clocks(minute, zone, theirs) -> None:
    start, here = FIRST + timedelta(minutes=minute), ZoneInfo(theirs)
    long_ago = start - timedelta(days=40)
    asked = Occasion(Event.COMPANION_NAMED, long_ago, start, start + STAYS, zone,
                     LocationKind.HOTEL, theirs)  # fmt: skip
    found = {due.template: due.due_at for due in due_times(RULES, asked)}
    assert not asleep(found.pop("companion_drives").astimezone(here))
    assert found == {
        code: reminder(start - hours * HOUR, start, here, code)
        for code, hours in COMPANIONS.items()
    }


@given(
    MINUTES,
    st.integers(-120, 30 * 24 * 60),
    st.sampled_from(ZONES),
    st.sampled_from(LocationKind),
    st.sampled_from(Event),
    st.sampled_from(sorted(PROTOCOLS)),
)
def test_no_message_is_early_doubled_or_in_vain(minute, lead, zone, kind, event, code) -> None:
    start = FIRST + timedelta(minutes=minute)
    now, end = start - timedelta(minutes=lead), start + STAYS
    rules = {rule.template: rule for rule in PROTOCOLS[code].messages}
    found = due_times(rules.values(), Occasion(event, now, start, end, zone, kind))
    assert len({due.template for due in found}) == len(found)
    assert list(found) == sorted(found, key=lambda due: due.due_at)
    answers = {name for names in ANSWERS.values() for name in names} | {"companion_drives"}
    for due in found:
        assert due.due_at >= now
        assert due.due_at.tzinfo is UTC
        if due.template in AFTERWARDS or due.kind is Kind.AFTERCARE:
            assert due.due_at >= end
        elif due.template not in answers:
            assert due.due_at < start
        late = rules[due.template].if_past is not IfPast.SKIP or due.template in answers
        wall = due.due_at.astimezone(ZoneInfo(zone))
        if asleep(wall) and due.kind not in {Kind.TASK, Kind.AFTERCARE} and late:
            morning = clocks(wall, 8, days=1 if wall.hour >= 21 else 0)
            assert event in AT_ANY_HOUR or start - morning < 2 * HOUR
        elif asleep(wall):
            assert due.kind in {Kind.TASK, Kind.AFTERCARE}


@pytest.mark.parametrize(
    ("kind", "hour", "before", "goes"),
    [
        (Kind.CONFIRMATION, 20, 60, 0),
        (Kind.CONFIRMATION, 21, 60, 11),
        (Kind.CONFIRMATION, 7, 60, 1),
        (Kind.CONFIRMATION, 8, 60, 0),
        (Kind.CANCELLED, 7, 3, 1),
        (Kind.CANCELLED, 7, 2, 0),
        (Kind.CANCELLED, 23, 10, 0),
        (Kind.CANCELLED, 23, 11, 9),
        (Kind.CANCELLED, 23, -3, 0),
        (Kind.CANCELLED, 23, -4, 9),
        (Kind.CANCELLED, 23, -14, 9),
        (Kind.ON_THE_WAY, 23, 60, 0),
        (Kind.RUNNING_LATE, 23, 60, 0),
        (Kind.TASK, 3, 60, 0),
        (Kind.FEEDBACK, 23, -20, 9),
    ],
)
def test_a_message_goes_at_once_or_in_the_morning(kind, hour, before, goes) -> None:
    """By the hours of a visit that begins so many hours later, and how many are waited."""
    moment = datetime(2027, 6, 8, hour, tzinfo=ZoneInfo("America/Denver")).astimezone(UTC)
    found = allowed_from(kind, moment, "America/Denver", before=moment + before * HOUR)
    assert found == moment + goes * HOUR


def test_where_nothing_hurries_everything_waits() -> None:
    night = datetime(2027, 6, 8, 3, tzinfo=ZoneInfo("America/Denver")).astimezone(UTC)
    assert allowed_from(Kind.CANCELLED, night, "America/Denver", before=None) == night + 5 * HOUR
