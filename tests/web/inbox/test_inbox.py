"""The list of what waits: each role's own tasks, urgent ones first, and ticking them off."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dispatch import tasking
from dispatch.domain.ids import new_id
from dispatch.domain.tasks import FOR, TaskKind
from dispatch.models import AuditEntry, Task
from dispatch.selectors.waiting import waiting_for
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.api.town import Town
from tests.builders import KETAMINE, NOW
from web.languages import WORDS

pytestmark = pytest.mark.django_db


def open_task(town: Town, kind: TaskKind, minutes: int = 0) -> Task:
    about = new_id()
    tasking.open_task(
        kind, about, market_id=town.market.id, patient_id=town.alice.person_id,
        reason="Asked.", now=NOW + timedelta(minutes=minutes),
    )  # fmt: skip
    return Task.objects.get(subject_id=about)


def test_urgent_kinds_come_first_then_the_oldest_and_all_are_counted(town: Town) -> None:
    late = open_task(town, TaskKind.SERIES_PAUSED, 0)
    second, first = (open_task(town, TaskKind.RED_FLAG, minutes) for minutes in (9, 8))
    open_task(town, TaskKind.VISIT_SUSPENDED)
    kinds = waiting_for(town.dora)
    shown = [(one.kind, one.count, [card.task.id for card in one.cards]) for one in kinds]
    assert shown == [("red_flag", 2, [first.id, second.id]), ("series_paused", 1, [late.id])]


def test_each_kind_has_its_words_in_both_languages() -> None:
    for language in ("en", "es"):
        told = json.loads((Path(WORDS) / language / "inbox.json").read_text())["inbox"]
        for kind in FOR:
            assert told[f"name_{kind}"], kind
            assert told[f"kind_{kind}"], kind
    assert len({len(json.loads((WORDS / one / "inbox.json").read_text())["inbox"])
                for one in ("en", "es")}) == 1  # fmt: skip


def test_a_screening_leads_to_its_page_also_from_before_a_visit(town: Town, before) -> None:
    visit = town.visit
    screening = town.for_agreement
    tasking.open_task(
        TaskKind.AGREE_MEDICATION, visit, market_id=town.market.id,
        patient_id=town.alice.person_id, visit_id=visit, now=NOW,
    )  # fmt: skip
    (kind,) = (one for one in waiting_for(town.dora) if one.kind == "agree_medication")
    assert {card.screening for card in kind.cards} == {screening}
    page = before(town.dora).get("/inbox/").content.decode()
    assert f"/inbox/screenings/{screening}" in page
    assert f"/inbox/patients/{town.alice.person_id}" in page


def test_a_task_is_ended_by_saying_what_was_done(town: Town, before) -> None:
    task = open_task(town, TaskKind.RED_FLAG)
    dora = before(town.dora)
    empty = dora.post(f"/tasks/{task.id}/done", {"outcome": " "})
    assert empty.status_code == 422
    assert "outcome" in empty.content.decode()
    answer = dora.post(f"/tasks/{task.id}/done", {"outcome": "Called; is safe."})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox/?done=task")
    task.refresh_from_db()
    assert task.outcome == "Called; is safe."
    assert "The task is done." in dora.get("/inbox/?done=task").content.decode()
    assert dora.post(f"/tasks/{task.id}/done", {"outcome": "Again."}).status_code == 409


def test_the_task_of_another_role_is_none(town: Town, before) -> None:
    task = open_task(town, TaskKind.RED_FLAG)
    for task_id in (task.id, uuid4()):
        answer = before(town.bob).post(f"/tasks/{task_id}/done", {"outcome": "Mine?"})
        assert answer.status_code == 404


def test_dispatchers_have_a_list_of_their_own(town: Town, before) -> None:
    assert town.task
    page = before(town.bob).get("/tasks/").content.decode()
    assert "Visits suspended" in page
    assert 'href="/tasks/"' in page
    assert before(town.bob).get("/inbox/").status_code == 302
    assert before(town.dora).get("/tasks/").status_code == 302


def test_a_patient_is_found_by_number_and_by_name_and_that_is_noted(town: Town, before) -> None:
    dora, alice = before(town.dora), f"/inbox/patients/{town.alice.person_id}"
    for said in ("(202) 555-0100", "alice"):
        answer = dora.post("/inbox/patients", {"who": said})
        assert alice in answer.content.decode()
    noted = AuditEntry.objects.filter(operation="POST inbox/patients")
    assert list(noted.values_list("shown", flat=True)) == [1, 1]
    assert alice not in dora.post("/inbox/patients", {"who": "bob"}).content.decode()
    assert dora.post("/inbox/patients", {"who": ""}).status_code == 422


def test_patients_of_another_market_are_none(town: Town, before) -> None:
    other = Town("Boston")
    screening = record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED, by=other.alice, now=NOW
    )
    dora = before(town.dora)
    for address in (f"patients/{other.alice.person_id}", f"screenings/{screening}"):
        assert dora.get(f"/inbox/{address}").status_code == 404
    found = dora.post("/inbox/patients", {"who": "alice"}).content.decode()
    assert str(other.alice.person_id) not in found


def test_the_list_is_in_the_language_that_was_chosen(town: Town, before) -> None:
    open_task(town, TaskKind.RED_FLAG)
    dora = before(town.dora)
    dora.post("/language", {"language": "es"})
    page = dora.get("/inbox/").content.decode()
    assert 'lang="es"' in page
    assert "Llame ahora" in page
