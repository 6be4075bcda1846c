"""What patients told of themselves and what they wait for: taken along, and after an erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.channels import Language
from dispatch.domain.symptoms import Haste
from dispatch.domain.waiting import Unserved
from dispatch.models import Task, WaitingEntry
from dispatch.services.cancellation import cancel_visit
from dispatch.services.erasing import erase_patient
from dispatch.services.exports import export_patient
from dispatch.services.symptoms import report_symptom
from dispatch.services.waiting import join_waiting_list
from tests.api.town import Town
from tests.builders import KETAMINE, NOW, named

SAID = named("My arm is red")


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.fixture
def reported(town: Town) -> None:
    for haste in (Haste.TODAY, Haste.SELF_HARM):
        report_symptom(town.visit, haste, SAID, by=town.alice, now=NOW)


def wait(town: Town) -> WaitingEntry:
    entry = join_waiting_list(
        town.home.id,
        protocol_code=KETAMINE,
        because=Unserved.NO_TIMES,
        language=Language.ENGLISH,
        text_version=1,
        by=town.alice,
        now=NOW,
    )
    return WaitingEntry.objects.get(id=entry)


def taken_by(town: Town) -> dict[str, list[dict[str, object]]]:
    return dict(export_patient(None, by=town.alice, now=NOW).tables)


def erase(town: Town) -> None:
    cancel_visit(town.visit, reason="", expected_version=None, by=town.bob, now=NOW)
    later = NOW + timedelta(hours=1)
    erase_patient(town.alice.person_id, because="asked by letter", by=town.anna, now=later)


def test_patients_take_along_what_they_told_and_not_what_staff_wrote_of_it(town, reported) -> None:
    Task.objects.filter(kind="symptom_reported").update(outcome="exaggerates")
    tasks = taken_by(town)["task"]
    told = [str(row["reason"]) for row in tasks if "reason" in row]
    assert len([text for text in told if SAID in text]) == 2
    assert "exaggerates" not in str(tasks)


def test_what_somebody_waits_for_is_taken_along(town) -> None:
    entry = wait(town)
    (row,) = taken_by(town)["waiting_entry"]
    assert (row["id"], row["protocol_code"], row["ended_at"]) == (entry.id, KETAMINE, None)


def test_what_was_told_stays_with_the_record_of_who_is_erased(town, reported) -> None:
    erase(town)
    kinds = ("symptom_reported", "red_flag")
    kept = Task.objects.filter(kind__in=kinds).values_list("reason", flat=True)
    assert [SAID in one for one in kept] == [True, True]


def test_nobody_waits_any_more_who_is_erased(town) -> None:
    wait(town)
    assert Task.objects.get(kind="waiting_for_service").done_at is None
    erase(town)
    assert WaitingEntry.objects.get().ended_at is not None
    task = Task.objects.get(kind="waiting_for_service")
    assert (task.reason, task.done_by_id) == ("erased", town.anna.user_id)
    assert task.done_at is not None
