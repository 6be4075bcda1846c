"""Messages fall due at the right hour, never in vain, and say nothing about the treatment."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.clock import local, to_instant
from dispatch.domain.fields import FieldError
from dispatch.domain.messages import Audience, Event, Kind, Need, due_times, render
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.sharing import LINK_LASTS
from dispatch.domain.shipped import load_sharing_terms, load_shipped, load_templates

NEW_YORK = "America/New_York"
PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
TEMPLATES = load_templates("en")
RULES = PROTOCOLS["ketamine_six_induction"].messages
START = to_instant(date(2026, 12, 1), time(9), NEW_YORK)
LONG_AGO = START - timedelta(days=30)
CONTEXT = {
    "when": "Wed 30 Sep, 11:30 AM–12:00 PM",
    "link": "https://visits.example.org/c/" + "k" * 43,
    "phone": "+1 202 555 0143",
}
UNSAYABLE = (
    *("ketamine", "hydration", "drip", "infusion", "saline", "induction", "booster", "therapy"),
    *("depress", "ptsd", "pain", "anxiety", "psych", "mental", "suicid", "iv ", "drug"),
)


def dues(event=Event.BOOKED, kind=LocationKind.RESIDENCE, start=START, booked_at=LONG_AGO):
    end = start + timedelta(seconds=1800 + PROTOCOLS["ketamine_six_induction"].service_s)
    return due_times(
        RULES,
        window_start=start,
        end=end,
        zone=NEW_YORK,
        booked_at=booked_at,
        location_kind=kind,
        event=event,
    )


def at(found, kind):
    return next((due.due_at for due in found if due.kind is kind), None)


def test_a_booking_calls_for_a_confirmation_the_reminders_and_aftercare():
    found = [(due.kind, local(due.due_at, NEW_YORK)) for due in dues()]
    assert [(kind, f"{when:%d %H:%M}") for kind, when in found] == [
        (Kind.CONFIRMATION, "01 09:00"),
        (Kind.COMPANION_MISSING, "28 09:00"),
        (Kind.DAY_BEFORE, "30 18:00"),
        (Kind.TWO_HOURS_BEFORE, "01 07:00"),
        (Kind.AFTERCARE, "01 20:00"),
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
    (asked,) = dues(Event.COMPANION_NAMED, kind)
    assert (asked.template, asked.audience, asked.due_at) == (
        request_,
        Audience.COMPANION,
        LONG_AGO,
    )
    assert asked.needs is Need.COMPANION_NAMED
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
    assert kinds == {Kind.CONFIRMATION, Kind.AFTERCARE}


def test_aftercare_waits_for_the_end_of_a_late_visit():
    start = to_instant(date(2026, 12, 1), time(18, 30), NEW_YORK)
    found = dues(start=start)
    assert at(found, Kind.AFTERCARE) == start + timedelta(seconds=1800 + 7800)


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)])
@pytest.mark.parametrize("after", [0, 1])
def test_reminders_keep_their_local_hour_when_the_clocks_change(day, after):
    served = day + timedelta(days=after)
    found = dues(start=to_instant(served, time(9), NEW_YORK))
    evening = local(at(found, Kind.DAY_BEFORE), NEW_YORK)
    assert (evening.date(), evening.time()) == (served - timedelta(days=1), time(18))
    assert local(at(found, Kind.TWO_HOURS_BEFORE), NEW_YORK).time() == time(7)
    assert local(at(found, Kind.AFTERCARE), NEW_YORK).time() == time(20)


US_CITIES = ("New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles", "Anchorage")
ZONES = st.sampled_from([*(f"America/{city}" for city in US_CITIES), "Pacific/Honolulu"])
MINUTES = st.integers(0, 3 * 366 * 24 * 60)


@given(MINUTES, st.integers(-120, 30 * 24 * 60), ZONES, st.sampled_from(LocationKind),
       st.sampled_from(Event), st.sampled_from(sorted(PROTOCOLS)))  # fmt: skip
def test_no_message_is_early_doubled_or_in_vain(minute, lead, zone, kind, event, code):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    end = start + timedelta(hours=2)
    booked_at = start - timedelta(minutes=lead)
    found = due_times(PROTOCOLS[code].messages, window_start=start, end=end, zone=zone,
                      booked_at=booked_at, location_kind=kind, event=event)  # fmt: skip
    assert len({due.template for due in found}) == len(found)
    assert all(due.template in TEMPLATES for due in found)
    assert list(found) == sorted(found, key=lambda due: due.due_at)
    for due in found:
        assert due.due_at >= booked_at
        assert due.due_at.tzinfo is UTC
        if due.kind is Kind.AFTERCARE:
            assert due.due_at >= end
        elif due.due_at != booked_at:
            assert due.due_at < start


def test_every_template_belongs_to_a_rule_and_every_rule_has_its_template():
    """One text belongs to no treatment: it goes to whom a patient shares summaries with."""
    used = {rule.template for protocol in PROTOCOLS.values() for rule in protocol.messages}
    assert used | {"summary"} == set(TEMPLATES)


@pytest.mark.parametrize("code", sorted(PROTOCOLS))
def test_a_text_is_short_and_says_nothing_about_the_treatment(code):
    protocol = PROTOCOLS[code]
    for rule in protocol.messages:
        for kind in rule.locations:
            context = CONTEXT | {"instructions": protocol.instructions[kind]}
            text = render(TEMPLATES[rule.template], context)
            assert len(text) <= 480, (rule.template, kind)
            assert "{" not in text
            assert not [word for word in UNSAYABLE if word in text.lower()], rule.template


def test_the_text_to_a_recipient_says_nothing_and_how_long_its_link_opens() -> None:
    text = render(TEMPLATES["summary"], CONTEXT)
    assert len(text) <= 480
    assert not [word for word in UNSAYABLE if word in text.lower()]
    assert f"{LINK_LASTS.days} days" in text
    assert f"{LINK_LASTS.days} days" in load_sharing_terms("en").text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (LocationKind.RESIDENCE, "adult stays"),
        (LocationKind.HOTEL, "driver home"),
        (LocationKind.OFFICE, "driver home"),
        (LocationKind.OTHER, "driver home"),
    ],
)
def test_the_reminders_say_what_to_prepare_at_that_kind_of_place(kind, words):
    instructions = PROTOCOLS["ketamine_booster"].instructions[kind]
    for template in ("day_before", "two_hours_before"):
        text = render(TEMPLATES[template], CONTEXT | {"instructions": instructions})
        assert words in text
        assert "private, quiet room" in text
        assert "list of medications" in text


@pytest.mark.parametrize(
    "template", ["{when", "At {name}", "{}", "{link.__class__}", "{when!r}", "{when:>9}", "{phone}"]
)
def test_a_placeholder_that_is_unknown_or_empty_handed_is_refused(template):
    with pytest.raises(ValueError, match=r"placeholder|no value|expected"):
        render(template, {"when": "now", "link": "there"})


def test_a_missing_value_is_named():
    with pytest.raises(FieldError) as caught:
        render("Call {phone}", {"when": "now"})
    assert caught.value.field == "phone"


def test_braces_in_a_value_stay_as_they_are():
    assert render("At {when}.", {"when": "{link}"}) == "At {link}."
