"""The board's mark is another one after each change of what the board reads, and after no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dispatch.models import (
    Certificate,
    CompanionRequest,
    Licence,
    Market,
    Message,
    Nurse,
    Reservation,
    Shift,
    Supervision,
    Visit,
)
from dispatch.selectors.board import board_of
from dispatch.selectors.people import patient_names
from dispatch.selectors.pulse import WRITTEN, pulse_of
from dispatch.services.booking import request_visit
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TOMORROW, at
from tests.readying import confirm_companion
from tests.services.custody_day import GIVEN, OUT, WASTED, Day
from web.board.showing import patients_on

pytestmark = pytest.mark.django_db

BESIDE = {
    "assignment": "written with its visit, whose version it counts up",
    "hold": "written with its reservation, and run out by the minute",
    "location": "never edited: another place is another row",
    "patient": "nobody edits a name",
    "protocol": "a version is never edited: another one is another row",
}
"""Tables that the board reads and the mark does not, and why nothing is missed by that."""


@pytest.fixture
def day() -> Day:
    """With something in each table that the board reads."""
    day = Day()
    day.world.supervise(3)
    confirm_companion(day.world, day.visit)
    amy = day.world.patient("amy")
    request_visit(
        location_id=day.world.home(amy).id, protocol_code=KETAMINE, start=at(8), end=at(18),
        companion_id=None, key=None, by=amy, now=NOW,
    )  # fmt: skip
    day.told(OUT)
    day.unsigned = day.told(WASTED, 10_000)
    return day


def pulse(day: Day, now: datetime = NOW) -> str:
    return pulse_of(day.world.market.id, TOMORROW, now=now)


def screen(day: Day) -> None:
    record_screening(
        patient_id=Visit.objects.get(id=day.visit).patient_id, protocol_code=KETAMINE,
        answers=CLEARED, by=day.dora, now=NOW,
    )  # fmt: skip


def go_dead(day: Day) -> None:
    Message.objects.create(
        market=day.world.market, visit_id=day.visit, kind="day_before", audience="patient",
        person_id=day.visit, template="day_before", about_id=day.visit, move=0, due_at=NOW,
        state="dead",
    )  # fmt: skip


CHANGES: dict[str, Callable[[Day], object]] = {
    "visit": lambda day: Visit.objects.filter(id=day.visit).update(version=9),
    "shift": lambda _: Shift.objects.update(end_at=at(19)),
    "nurse": lambda _: Nurse.objects.update(home_lat=38.9),
    "reservation": lambda _: Reservation.objects.update(leave_at=at(9)),
    "licence": lambda day: Licence.objects.filter(nurse_id=day.nina.person_id).delete(),
    "certificate": lambda _: Certificate.objects.update(valid_until=at(12)),
    "companion_request": lambda _: CompanionRequest.objects.update(answer="declined"),
    "custody_entry": lambda day: day.told(GIVEN, 20_000),
    "custody_signature": lambda day: day.sign(day.unsigned),
    "message": go_dead,
    "screening": screen,
    "supervision": lambda _: Supervision.objects.update(infusions=7),
    "market": lambda _: Market.objects.update(speed_kmh=31),
}
BY_ITS_NURSE = {"licence", "certificate"}
"""Triggers have the nurse's row written when these are."""


def test_a_change_of_what_the_board_reads_is_another_mark(day) -> None:
    assert [table for table in CHANGES if not is_told(day, table)] == []


def is_told(day: Day, table: str) -> bool:
    """Whether a change there, undone at once, is another mark."""
    before = pulse(day)
    assert pulse(day) == before
    step = transaction.savepoint()
    with transaction.atomic():  # numbered by itself, as what is committed is
        CHANGES[table](day)
    after = pulse(day)
    transaction.savepoint_rollback(step)
    return after != before


def test_no_table_that_the_board_reads_is_forgotten(day) -> None:
    with CaptureQueriesContext(connection) as asked:
        shown = board_of(day.world.market.id, TOMORROW, now=NOW)
        patient_names(day.world.bob, patients_on(shown))
    read = set().union(*(read_by(one["sql"]) for one in asked.captured_queries))
    assert {"visit", "licence", "screening"} <= read, "or else nothing is found"
    assert read - read_by(WRITTEN) - BY_ITS_NURSE == BESIDE.keys()
    assert read - BESIDE.keys() == CHANGES.keys(), "each with a change that is told"


def read_by(sql: str) -> set[str]:
    named = re.findall(r'\b(?:FROM|JOIN)\s+"?(\w+)"?', sql)
    return set(named) & set(connection.introspection.table_names())


def test_the_mark_is_one_look_and_changes_with_the_minute_and_with_nothing_else(
    day, django_assert_num_queries
) -> None:
    before = pulse(day)
    day.world.patient("somebody else")
    day.world.shift(day.nora, TOMORROW + timedelta(days=9))
    with django_assert_num_queries(1):
        assert pulse(day) == before
    assert pulse(day, NOW + timedelta(minutes=1)) != before
