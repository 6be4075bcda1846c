"""A nurse's calendar behind its secret link: what a phone reads there, and who else does not."""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from icalendar import Calendar

from api.calendar_file import calendar_file
from dispatch.domain.calendar import CalendarVisit
from dispatch.domain.ids import new_secret
from dispatch.models import CalendarLink, Patient, User
from dispatch.services.cancellation import cancel_visit
from tests.api.town import Client, Town, assert_problem
from tests.builders import NOW, PHONE, at


@pytest.fixture
def town(db) -> Town:
    return Town()


def path_of(answer: Any) -> str:
    assert answer.status_code in {200, 201}, answer.content
    return str(answer.json()["url"]).partition("/api/v1/")[2]


def feed(path: str, **headers: str) -> Any:
    return Client().ask("GET", path, **headers)


def events(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.content
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_the_phone_shows_the_visit_and_nothing_of_the_patient(town: Town) -> None:
    assert town.assigned
    answer = feed(path_of(town.as_(town.nina).get_("nurses/me/calendar-link")))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = events(answer)
    assert event["DTSTART"].dt == at(10)
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert (event["SUMMARY"], event["STATUS"]) == ("Visit", "CONFIRMED")
    assert event["URL"].endswith("/route/")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M" in answer.content
    told = answer.content.decode().casefold()
    patient = Patient.objects.get(id=town.alice.person_id)
    hidden = (patient.name, PHONE, "main street", "20001", "ketamine", str(patient.id),
              str(town.visit))  # fmt: skip
    assert not [word for word in hidden if re.search(rf"\b{re.escape(word.casefold())}\b", told)]
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_an_unchanged_feed_is_not_sent_again(town: Town) -> None:
    assert town.assigned
    path = path_of(town.as_(town.nina).get_("nurses/me/calendar-link"))
    first = feed(path)
    tag = first.headers["ETag"]
    assert feed(path).content == first.content
    again = feed(path, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    cancel_visit(town.visit, reason="", expected_version=None, by=town.alice, now=NOW)
    changed = feed(path, If_None_Match=tag)
    (before,), (after,) = events(first), events(changed)
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == before["DTSTART"].dt


def test_the_link_stays_until_it_is_renewed_or_ended(town: Town) -> None:
    nina = town.as_(town.nina)
    first = path_of(nina.get_("nurses/me/calendar-link"))
    assert path_of(nina.get_("nurses/me/calendar-link")) == first
    second = path_of(nina.post_("nurses/me/calendar-link"))
    assert second != first
    assert path_of(nina.get_("nurses/me/calendar-link")) == second
    assert (feed(first).status_code, feed(second).status_code) == (404, 200)
    assert nina.ask("DELETE", "nurses/me/calendar-link").status_code == 204
    assert feed(second).status_code == 404
    assert_problem(nina.get_("nurses/me/calendar-link"), 404)
    assert_problem(nina.ask("DELETE", "nurses/me/calendar-link"), 404)
    third = path_of(nina.post_("nurses/me/calendar-link"))
    assert (feed(first).status_code, feed(third).status_code) == (404, 200)


def test_unknown_ended_and_forsaken_links_cannot_be_told_apart(town: Town) -> None:
    nina, nora = town.as_(town.nina), town.world.nurse("nora")
    ended = path_of(nina.get_("nurses/me/calendar-link"))
    nina.ask("DELETE", "nurses/me/calendar-link")
    forsaken = path_of(town.as_(nora).get_("nurses/me/calendar-link"))
    User.objects.filter(id=nora.user_id).update(is_active=False)
    unknown = f"calendars/{new_secret()}.ics"
    answers = [feed(one) for one in (ended, forsaken, unknown, "calendars/x.ics")]
    assert len({answer.content for answer in answers}) == 1
    assert_problem(answers[0], 404, "not_found")


def test_a_feed_is_one_nurses_and_its_secret_is_encrypted_at_rest(town: Town) -> None:
    assert town.assigned
    nora = town.world.nurse("nora")
    hers = path_of(town.as_(nora).get_("nurses/me/calendar-link"))
    assert events(feed(hers)) == []
    secret = hers.removeprefix("calendars/").removesuffix(".ics")
    assert CalendarLink.objects.filter(secret_digest=secret).count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM calendar_link t")
        assert secret not in str(cursor.fetchall())


def test_the_log_does_not_tell_the_secret(town: Town) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    (own,) = (one for one in root.handlers if "stderr" in str(one.get_name()))
    copy = logging.StreamHandler(written)
    copy.setFormatter(own.formatter)
    for one in own.filters:
        copy.addFilter(one)
    root.addHandler(copy)
    try:
        unknown = new_secret()
        assert feed(f"calendars/{unknown}.ics").status_code == 404
        path = path_of(town.as_(town.nina).get_("nurses/me/calendar-link"))
        assert feed(path).status_code == 200
    finally:
        root.removeHandler(copy)
    assert "A request was answered 404" in written.getvalue(), "the control: it listens"
    assert unknown not in written.getvalue()
    assert path not in written.getvalue()


@pytest.mark.parametrize("zone", ["America/New_York", "America/Phoenix", "Pacific/Honolulu"])
def test_the_clocks_of_the_file_are_those_of_the_place_over_both_changes(zone: str) -> None:
    """Each hour around both changes of 2027, read back by the rules that the file itself brings."""
    changes = (datetime(2027, 3, 14, tzinfo=UTC), datetime(2027, 11, 7, tzinfo=UTC))
    hours = [day + timedelta(hours=h) for day in changes for h in range(30)]
    rows = [
        CalendarVisit(uuid4(), 1, one, one + timedelta(hours=1), zone, False, NOW) for one in hours
    ]
    file = calendar_file(rows)
    rules = offsets_of(file)
    for row, event in zip(rows, Calendar.from_ical(file).walk("VEVENT"), strict=True):
        local = event["DTSTART"].dt.replace(tzinfo=None)
        assert local == row.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        offset = row.starts_at.astimezone(ZoneInfo(zone)).utcoffset()
        repeated = row.starts_at.astimezone(ZoneInfo(zone)).fold
        assert rules_at(rules, local) == offset or repeated, (local, offset)


def offsets_of(file: bytes) -> list[tuple[datetime, timedelta]]:
    """The file's observances by hand: from which local time on, in the offset before, which
    offset holds."""
    found = []
    for part in Calendar.from_ical(file).walk():
        if part.name in {"STANDARD", "DAYLIGHT"}:
            assert "RRULE" not in part
            starts = [part["DTSTART"].dt]
            more = part.get("RDATE", [])
            for dates in more if isinstance(more, list) else [more]:
                starts += [date.dt for date in dates.dts]
            found += [(start, part["TZOFFSETTO"].td) for start in starts]
    return sorted(found)


def rules_at(rules: list[tuple[datetime, timedelta]], local: datetime) -> timedelta:
    return [offset for start, offset in rules if start <= local][-1]
