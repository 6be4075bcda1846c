"""A patient's pages: what they tell, what they do, and what they refuse."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.scores import Instrument
from dispatch.domain.visit import Action
from dispatch.models import Companion, Hold, Patient, Task, Visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.scores import record_score
from tests import door
from tests.api.town import Town
from tests.builders import NOW, at, named
from tests.readying import make_ready, shut, sign_papers
from tests.web.signing_in import sign_in, with_password
from web.languages import all_words

pytestmark = pytest.mark.usefixtures("quick_passwords")
WORDS = all_words("en")["book"]


@pytest.fixture
def alice(town) -> Client:
    return signed_in(town.alice)


def signed_in(person) -> Client:
    client = Client()
    assert sign_in(client, with_password(person.user_id)).status_code == 302
    return client


def of(town: Town, *more: str) -> str:
    return "/".join([f"/book/visits/{town.visit}", *more])


def version(town: Town) -> int:
    return Visit.objects.get(id=town.visit).version


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_first_page_says_what_is_next_and_what_is_waited_for(town, alice) -> None:
    assert WORDS["nothing_next"] in text_of(alice.get("/book/"))
    assert town.assigned
    told = text_of(alice.get("/book/"))
    assert "10:00 AM–10:30 AM" in told
    assert WORDS["status_assigned"] in told
    assert "things are still to be settled" in told
    assert 'href="/book/new/"' in alice.get("/book/").content.decode()


def test_time_that_is_held_is_to_be_booked_first(town, alice) -> None:
    assert town.hold
    told = text_of(alice.get("/book/"))
    assert WORDS["kept"] in told
    assert "2:00 PM" in told
    Hold.objects.update(expires_at=NOW - timedelta(seconds=1))
    assert WORDS["kept"] not in text_of(alice.get("/book/"))


def test_the_nurse_is_named_with_what_she_holds_once_the_visit_is_hers(town, alice) -> None:
    assert town.visit
    assert "nina" not in text_of(alice.get(of(town)))
    assert town.assigned
    told = text_of(alice.get(of(town)))
    assert "nina" in told
    assert "Licensed nurse in DC" in told
    assert WORDS["held_acls"] in told


def test_the_window_becomes_a_live_time_once_the_nurse_is_on_the_way(town, alice) -> None:
    assert town.assigned
    make_ready(town.world, town.visit, now=NOW)
    assert WORDS["all_set"] in text_of(alice.get(of(town)))
    door.step(town.visit, Action.DEPART, town.nina, at(9, 50))
    town.set_clock(at(9, 51))
    told = text_of(alice.get(of(town)))
    assert WORDS["status_en_route"] in told
    assert re.search(r"about 10:\d\d AM", told)
    assert 'data-every="8000"' in alice.get(of(town)).content.decode()


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


def test_a_completed_visit_has_its_superbill_and_its_aftercare(town, alice) -> None:
    assert town.assigned
    make_ready(town.world, town.visit, now=NOW)
    hours = (
        (Action.DEPART, 9.7),
        (Action.ARRIVE, 10),
        (Action.START_INFUSION, 10.4),
        (Action.END_INFUSION, 11),
        (Action.DISCHARGE, 12.2),
        (Action.COMPLETE, 12.5),
    )
    for action, hour in hours:
        door.step(town.visit, action, town.nina, at(0) + timedelta(hours=hour))
    town.set_clock(at(13))
    page = alice.get(of(town))
    told = text_of(page)
    assert WORDS["status_completed"] in told
    assert WORDS["text_aftercare_rest"] in told
    bill = re.search(r'href="(/api/v1/visits/[^"]+superbill[^"]*)"', page.content.decode())
    assert bill is not None
    assert alice.get(bill[1]).status_code == 200


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
    form = {"phone": "202-555-0134", "email": "no", "language": "es", "channel": "email"}
    refused = alice.post("/book/contact", form)
    assert refused.status_code == 400
    assert 'value="202-555-0134"' in refused.content.decode()
    kept = alice.post("/book/contact", form | {"email": f"a@{named('x').split()[-1]}.org"})
    assert kept.status_code == 303, text_of(kept)
    patient = Patient.objects.get(id=town.alice.person_id)
    assert (patient.phone, patient.language, patient.channels[0]) == (
        "+12025550134", "es", "email")  # fmt: skip
    assert alice.post("/book/contact/companions", {"name": "", "phone": ""}).status_code == 400


PATHS = ("", "/companion", "/questions", "/consent", "/symptom", "/told", "/help", "/change",
         "/cancel")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_nobody_elses_visit_is_there(town, path) -> None:
    mallory = signed_in(town.world.patient("mallory"))
    for visit in (town.visit, uuid4()):
        assert mallory.get(f"/book/visits/{visit}{path}").status_code == 404


def test_nobody_else_changes_it(town) -> None:
    mallory = signed_in(town.world.patient("mallory"))
    before = Visit.objects.values().get(id=town.visit)
    for path in (
        "place",
        "price",
        "companion",
        "questions",
        "consent",
        "symptom",
        "change",
        "cancel",
    ):
        form = {
            "version": before["version"],
            "owed_cents": 0,
            "price_cents": 59500,
            "start": int(at(14).timestamp()),
            "haste": "now",
            "companion": str(town.carl.id),
        }
        assert mallory.post(of(town, path), form).status_code == 404, path
    for path in (f"/book/series/{town.booked}", f"/book/series/{town.booked}/cancel"):
        assert mallory.get(path).status_code == 404
    assert Visit.objects.values().get(id=town.visit) == before
    assert not Task.objects.exists()


def test_staff_are_led_to_their_own_screen(town) -> None:
    for person in (town.bob, town.nina, town.dora):
        assert signed_in(person).get(of(town)).headers["Location"] == "/"


@pytest.mark.parametrize("path", PATHS)
def test_each_page_is_there_in_spanish(town, alice, path) -> None:
    assert town.assigned
    Patient.objects.update(language="es")
    page = alice.get(f"/book/visits/{town.visit}{path}")
    assert page.status_code == 200
    assert '<html lang="es">' in page.content.decode()
    assert all_words("es")["book"]["emergency_988"] in page.content.decode()


def test_the_words_are_the_same_in_both_languages() -> None:
    assert all_words("en")["book"].keys() == all_words("es")["book"].keys()


def test_a_visit_called_off_by_others_is_told_as_such(town, alice) -> None:
    assert town.assigned
    cancel_visit(town.visit, reason="", expected_version=None, by=town.bob, now=NOW)
    told = text_of(alice.get(of(town)))
    assert WORDS["status_cancelled"] in told
    assert WORDS["text_cancelled"] in told
    assert WORDS["cancel_do"] not in told
