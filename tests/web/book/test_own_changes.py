"""What a patient does on their pages, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from dispatch.domain.scores import Instrument
from dispatch.models import Companion, Hold, Patient, Task, Visit
from dispatch.services.scores import record_score
from tests.builders import NOW, at, named
from tests.readying import shut, sign_papers
from tests.web.book.reading import WORDS, of, text_of, version

pytestmark = pytest.mark.usefixtures("quick_passwords")


def test_a_patient_opens_the_gates_that_are_theirs(town, alice) -> None:
    assert town.assigned
    sign_papers(town.world)
    assert {"home", "coverage"} <= shut(town.visit)
    rooms = ["private_quiet_room", "bed_or_recliner", "pets_and_children"]
    assert alice.post(of(town, "place"), {"items": rooms}).status_code == 303
    assert alice.post(of(town, "price"), {"price_cents": 59500}).status_code == 303
    assert not {"home", "coverage"} & shut(town.visit, town.now())
    assert alice.post(of(town, "price"), {"price_cents": 1}).status_code == 422
    assert alice.post(of(town, "place"), {"items": ["helipad"]}).status_code == 422


def test_the_consent_is_signed_by_name(town, alice) -> None:
    assert town.assigned
    assert "off-label" in text_of(alice.get(of(town, "consent")))
    form = {"text_version": 1, "name": ""}
    assert alice.post(of(town, "consent"), form).status_code == 400
    assert alice.post(of(town, "consent"), form | {"name": named("Alice")}).status_code == 303
    assert "consent" not in shut(town.visit)


def test_the_days_questions_are_answered_and_open_the_clearance(town, alice) -> None:
    assert town.assigned
    sign_papers(town.world, now=NOW - timedelta(days=10))
    assert "clearance" in shut(town.visit)
    page = alice.get(of(town, "questions"))
    names = set(re.findall(r'name="(answer_\w+)"', page.content.decode()))
    assert {"answer_suicidal_now", "answer_pregnant", "answer_breastfeeding"} <= names
    nothing = alice.post(of(town, "questions"), {})
    assert nothing.status_code == 400
    said = dict.fromkeys(names, "no") | {"answer_pregnant": "no"}
    answer = alice.post(of(town, "questions"), said)
    assert answer.status_code == 303, text_of(answer)
    assert "clearance" not in shut(town.visit, town.now())


def test_whoever_tells_of_danger_in_an_answer_sees_where_help_is(town, alice) -> None:
    assert town.assigned
    sign_papers(town.world, now=NOW - timedelta(days=10))
    said = {
        "answer_suicidal_now": "yes",
        "answer_pregnant": "no",
        "answer_breastfeeding": "no",
        "answer_mania": "no",
    }
    answer = alice.post(of(town, "questions"), said)
    assert answer.headers["Location"] == of(town, "help")
    told = alice.get(answer.headers["Location"]).content.decode()
    assert 'href="tel:988"' in told
    assert 'href="tel:911"' in told


def test_danger_is_heard_though_other_answers_are_missing(town, alice) -> None:
    assert town.assigned
    sign_papers(town.world, now=NOW - timedelta(days=10))
    answer = alice.post(of(town, "questions"), {"answer_suicidal_now": "yes"})
    assert answer.headers["Location"] == of(town, "help")
    some = alice.post(of(town, "questions"), {"answer_pregnant": "no"})
    assert some.status_code == 400
    assert "answer_pregnant" not in some.content.decode(), "what was said stands"
    assert "answer_breastfeeding" in some.content.decode()


def test_somebody_new_is_named_and_asked(town, alice) -> None:
    assert town.assigned
    form = {"version": version(town), "companion": "new", "name": named("Eve"), "phone": "12"}
    refused = alice.post(of(town, "companion"), form)
    assert refused.status_code == 400
    assert named("Eve") in refused.content.decode()
    known = Companion.objects.count()
    taken = alice.post(of(town, "companion"), form | {"phone": "202-555-0133"})
    assert taken.status_code == 303, text_of(taken)
    assert Companion.objects.count() == known + 1
    assert Visit.objects.get(id=town.visit).companion.name == named("Eve")


def test_calling_off_tells_what_it_costs_and_keeps_the_reason(town, alice) -> None:
    assert town.assigned
    assert WORDS["cancel_free"] in text_of(alice.get(of(town, "cancel")))
    town.set_clock(at(5))
    assert "$148.75" in text_of(alice.get(of(town, "cancel")))
    cheap = {"version": version(town), "owed_cents": 0, "reason": "Ill"}
    dearer = alice.post(of(town, "cancel"), cheap)
    assert dearer.status_code == 409
    assert "Ill</textarea>" in dearer.content.decode()
    old = alice.post(of(town, "cancel"), cheap | {"owed_cents": 14875, "version": 0})
    assert old.status_code == 409
    assert "Somebody else changed this" in text_of(old)
    done = alice.post(of(town, "cancel"), cheap | {"owed_cents": 14875})
    assert done.status_code == 303
    visit = Visit.objects.get(id=town.visit)
    assert (visit.status, visit.fee_cents, visit.ended_because) == ("cancelled", 14875, "Ill")
    assert WORDS["cancel_late"] in text_of(alice.get(of(town, "cancel")))


def test_a_visit_is_moved_to_a_time_that_is_offered(town, alice) -> None:
    assert town.assigned
    sign_papers(town.world)
    page = alice.get(of(town, "change"))
    starts = re.findall(r'name="start" value="(\d+)"', page.content.decode())
    two = int(at(14).timestamp())
    assert str(two) in starts
    assert str(int(at(10).timestamp())) not in starts
    seen = version(town)
    stale = alice.post(of(town, "change"), {"version": seen - 1, "start": two})
    assert stale.status_code == 409
    assert not Hold.objects.exists()
    assert alice.post(of(town, "change"), {"version": seen, "start": "soon"}).status_code == 400
    gone = alice.post(of(town, "change"), {"version": seen, "start": two + 60})
    assert gone.status_code == 409
    moved = alice.post(of(town, "change"), {"version": seen, "start": two})
    assert moved.status_code == 303, text_of(moved)
    assert Visit.objects.get(id=town.visit).window_start == at(14)


@pytest.mark.parametrize(
    ("haste", "kind", "urgent"),
    [
        ("can_wait", "symptom_reported", False),
        ("today", "symptom_reported", True),
        ("now", "symptom_reported", True),
        ("self_harm", "red_flag", True),
    ],
)
def test_a_symptom_stands_on_a_clinicians_list(town, alice, haste, kind, urgent) -> None:
    assert town.assigned
    words = named("My arm is red")
    answer = alice.post(of(town, "symptom"), {"haste": haste, "text": words})
    assert answer.status_code == 303
    assert 'href="tel:911"' in alice.get(answer.headers["Location"]).content.decode()
    task = Task.objects.get(kind=kind, visit_id=town.visit)
    assert (task.role, task.urgent) == ("prescriber", urgent)
    assert words in task.reason


def test_two_reports_are_two_tasks_and_nothing_is_none(town, alice) -> None:
    for text in ("Dizzy", "Still dizzy"):
        alice.post(of(town, "symptom"), {"haste": "today", "text": text})
    assert Task.objects.filter(kind="symptom_reported").count() == 2
    for form in (
        {"haste": "today", "text": " "},
        {"haste": "soon", "text": "x"},
        {"haste": "today", "text": "x" * 2001},
    ):
        assert alice.post(of(town, "symptom"), form).status_code == 400
    assert alice.post(of(town, "symptom"), {"haste": "now", "text": ""}).status_code == 303
    assert Task.objects.filter(kind="symptom_reported").count() == 3


def test_the_series_shows_each_infusion_and_calls_off_the_rest(town, alice) -> None:
    assert town.booked
    record_score(
        patient_id=None, instrument=Instrument.PHQ_9, items=[2] * 8 + [0], by=town.alice, now=NOW
    )
    told = alice.get(f"/book/series/{town.booked}")
    assert told.content.decode().count('class="dot ') == 3
    assert "<svg" in told.content.decode()
    assert "PHQ-9" in text_of(told)
    page = alice.get(f"/book/series/{town.booked}/cancel")
    owed = re.search(r'name="owed_cents" value="(\d+)"', page.content.decode())[1]
    dearer = alice.post(f"/book/series/{town.booked}/cancel", {"owed_cents": int(owed) - 1})
    assert dearer.status_code == 409
    answer = alice.post(f"/book/series/{town.booked}/cancel", {"owed_cents": owed})
    assert answer.status_code == 303
    assert set(Visit.objects.values_list("status", flat=True)) == {"cancelled"}
    again = alice.post(f"/book/series/{town.booked}/cancel", {"owed_cents": 0})
    assert again.status_code == 409


def test_addresses_and_consents_are_kept(town, alice) -> None:
    page = text_of(alice.get("/book/contact"))
    assert WORDS["way_agreed"] in page
    consent = re.search(
        r"/book/contact/consents/[^\"]+/withdraw", alice.get("/book/contact").content.decode()
    )
    assert alice.post(consent[0]).status_code == 303
    assert WORDS["way_not_agreed"] in text_of(alice.get("/book/contact"))
    agreed = {"channel": "text", "text_version": 1}
    assert alice.post("/book/contact/agree", agreed).status_code == 303
    form = {
        "phone": "202-555-0134", "email": "no", "language": "es", "channel": "email",
        "mark": mark_in(alice),
    }  # fmt: skip
    refused = alice.post("/book/contact", form)
    assert refused.status_code == 400
    assert 'value="202-555-0134"' in refused.content.decode()
    kept = alice.post("/book/contact", form | {"email": f"a@{named('x').split()[-1]}.org"})
    assert kept.status_code == 303, text_of(kept)
    patient = Patient.objects.get(id=town.alice.person_id)
    assert (patient.phone, patient.language, patient.channels[0]) == (
        "+12025550134", "es", "email")  # fmt: skip
    assert alice.post("/book/contact/companions", {"name": "", "phone": ""}).status_code == 400


def mark_in(browser: Client) -> str:
    (mark,) = re.findall(
        r'name="mark" value="(\w+)"', browser.get("/book/contact").content.decode()
    )
    return mark


def test_of_two_tabs_the_second_is_told_and_can_send_what_was_typed(town, alice) -> None:
    form = {"phone": "202-555-0134", "email": "", "language": "en", "channel": "text"}
    assert alice.post("/book/contact", form).status_code == 400, "without what it was made from"
    form["mark"] = mark_in(alice)
    assert alice.post("/book/contact", form).status_code == 303
    second = form | {"phone": "202-555-0177", "language": "es"}
    refused = alice.post("/book/contact", second)
    shown = refused.content.decode()
    assert refused.status_code == 409
    assert 'value="202-555-0177"' in shown
    assert "+12025550134" in shown, "what the other tab has kept"
    assert re.search(r'value="es" lang="es" selected', shown)
    (mark,) = re.findall(r'name="mark" value="(\w+)"', shown)
    assert alice.post("/book/contact", second | {"mark": mark}).status_code == 303
    assert Patient.objects.get(id=town.alice.person_id).phone == "+12025550177"
