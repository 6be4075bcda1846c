"""Messages fall due at the right hour and never in vain."""

from datetime import date, time, timedelta

import pytest

from dispatch.domain.clock import local, to_instant
from dispatch.domain.due import Occasion, due_times
from dispatch.domain.messages import AFTER_THE_VISIT, Audience, Event, Kind, Need
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.shipped import load_shipped

NEW_YORK = "America/New_York"
PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
RULES = PROTOCOLS["ketamine_six_induction"].messages
START = to_instant(date(2026, 12, 1), time(14), NEW_YORK)
LONG_AGO = START - timedelta(days=30)


def dues(event=Event.BOOKED, kind=LocationKind.RESIDENCE, start=START, booked_at=LONG_AGO):
    end = start + timedelta(seconds=1800 + PROTOCOLS["ketamine_six_induction"].service_s)
    return due_times(RULES, Occasion(event, booked_at, start, end, NEW_YORK, kind))


def at(found, kind):
    return next((due.due_at for due in found if due.kind is kind), None)


def test_a_booking_calls_for_a_confirmation_the_reminders_and_aftercare():
    found = [(due.template, local(due.due_at, NEW_YORK)) for due in dues()]
    assert [(template, f"{when:%d %H:%M}") for template, when in found] == [
        ("confirmation", "01 14:00"),
        ("agree_medication", "10 09:00"),
        ("name_companion_stays", "28 14:00"),
        ("screening_due", "28 14:00"),
        ("companion_open_two_days", "29 14:00"),
        ("companion_open_one_day", "30 14:00"),
        ("screening_still_due", "30 14:00"),
        ("eating", "30 17:00"),
        ("day_before", "30 18:00"),
        ("companion_unconfirmed", "30 20:00"),
        ("visit_on_hold", "01 02:00"),
        ("on_hold", "01 08:00"),
        ("two_hours_before", "01 12:00"),
        ("aftercare_rest", "01 20:00"),
        ("follow_up", "02 10:00"),
        ("next_visit", "02 17:00"),
        ("feedback", "03 11:00"),
    ]


@pytest.mark.parametrize(
    ("kind", "request_", "missing"),
    [
        (LocationKind.RESIDENCE, "companion_stays", "name_companion_stays"),
        (LocationKind.HOTEL, "companion_drives", "name_companion_drives"),
        (LocationKind.OFFICE, "companion_drives", "name_companion_drives"),
        (LocationKind.OTHER, "companion_drives", "name_companion_drives"),
    ],
)
def test_who_is_asked_to_stay_or_drive_depends_on_the_kind_of_place(kind, request_, missing):
    asked, *reminders = dues(Event.COMPANION_NAMED, kind)
    assert (asked.template, asked.audience, asked.due_at) == (
        request_,
        Audience.COMPANION,
        LONG_AGO,
    )
    assert asked.needs is Need.COMPANION_NAMED
    assert [START - one.due_at for one in reminders] == [timedelta(days=2), timedelta(days=1)]
    assert {one.needs for one in reminders} == {Need.COMPANION_ASKED}
    (reminder,) = [due for due in dues(kind=kind) if due.kind is Kind.COMPANION_MISSING]
    assert (reminder.template, reminder.needs) == (missing, Need.COMPANION_UNNAMED)


def test_cancelling_calls_for_nothing_but_the_notice_to_both():
    found = dues(Event.CANCELLED)
    assert {(due.template, due.due_at) for due in found} == {
        ("cancelled", LONG_AGO),
        ("companion_cancelled", LONG_AGO),
    }


def test_moving_a_visit_brings_the_notice_and_new_reminders_but_no_second_confirmation():
    kinds = [due.kind for due in dues(Event.RESCHEDULED)]
    assert kinds.count(Kind.RESCHEDULED) == 2
    assert Kind.DAY_BEFORE in kinds
    assert Kind.CONFIRMATION not in kinds


def test_instructions_missed_the_evening_before_are_sent_at_once():
    booked_at = START - timedelta(hours=5)
    assert at(dues(booked_at=booked_at), Kind.DAY_BEFORE) == booked_at


def test_a_reminder_due_at_the_very_moment_of_booking_is_sent():
    booked_at = START - timedelta(hours=2)
    assert at(dues(booked_at=booked_at), Kind.TWO_HOURS_BEFORE) == booked_at


def test_a_two_hour_reminder_missed_by_a_second_is_left_out():
    booked_at = START - timedelta(hours=2) + timedelta(seconds=1)
    assert at(dues(booked_at=booked_at), Kind.TWO_HOURS_BEFORE) is None


def test_nothing_prepares_for_a_visit_that_has_begun():
    kinds = {due.kind for due in dues(booked_at=START)}
    assert kinds == {Kind.CONFIRMATION} | (AFTER_THE_VISIT - {Kind.SUMMARY})


def test_aftercare_waits_for_the_end_of_a_late_visit():
    start = to_instant(date(2026, 12, 1), time(18, 30), NEW_YORK)
    found = dues(start=start)
    assert at(found, Kind.AFTERCARE) == start + timedelta(seconds=1800 + 7800)


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)])
@pytest.mark.parametrize("after", [0, 1])
def test_reminders_keep_their_local_hour_when_the_clocks_change(day, after):
    served = day + timedelta(days=after)
    found = dues(start=to_instant(served, time(11), NEW_YORK))
    evening = local(at(found, Kind.DAY_BEFORE), NEW_YORK)
    assert (evening.date(), evening.time()) == (served - timedelta(days=1), time(18))
    assert local(at(found, Kind.TWO_HOURS_BEFORE), NEW_YORK).time() == time(9)
    assert local(at(found, Kind.AFTERCARE), NEW_YORK).time() == time(20)
