"""A patient's pages: what they tell, and whom."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.translation import override

from dispatch.domain.visit import Action
from dispatch.models import AuditEntry, Hold, Patient, Task, Visit
from dispatch.services.cancellation import cancel_visit
from tests import door
from tests.builders import NOW, at
from tests.readying import make_ready
from tests.web.book.reading import WORDS, of, signed_in, text_of
from web.languages import all_words
from web.templatetags.telling import said

pytestmark = pytest.mark.usefixtures("quick_passwords")


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
    hold = Hold.objects.get()
    way = f"/book/new/{hold.location_id}/{hold.protocol_id}/visit/held/{hold.id}"
    assert f'href="{way}/companion"' in alice.get("/book/").content.decode()
    alice.post(f"{way}/companion", {"companion": "later"})
    assert f'href="{way}/consent"' in alice.get("/book/").content.decode()
    Hold.objects.update(expires_at=NOW - timedelta(seconds=1))
    assert WORDS["kept"] not in text_of(alice.get("/book/"))


def test_questions_that_were_left_go_on_with_the_next(town, alice) -> None:
    way = f"/book/new/{town.home.id}/{town.world.protocol_row().id}/visit/questions"
    assert alice.post(f"{way}/1", {"answer": "1980-05-17"}).status_code == 303
    page = alice.get("/book/")
    assert WORDS["answering"] in text_of(page)
    assert f'href="{way}"' in page.content.decode()
    assert alice.get(way).headers["Location"] == f"{way}/2"
    assert 'href="/book/new/"' in signed_in(town.alice).get("/book/").content.decode()


def test_a_page_that_stays_open_is_looked_at_once_until_something_changes(town, alice) -> None:
    assert town.assigned
    looks = AuditEntry.objects.filter(operation="GET book/visits/<uuid:visit_id>")
    mark = alice.get(of(town)).headers["ETag"]
    for _ in range(3):
        same = alice.get(of(town), headers={"if-none-match": mark, "x-background": "1"})
        assert (same.status_code, same.content) == (304, b"")
    assert looks.count() == 1
    make_ready(town.world, town.visit, now=NOW)
    changed = alice.get(of(town), headers={"if-none-match": mark, "x-background": "1"})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != mark
    assert looks.count() == 2
    Patient.objects.update(language="es")
    answer = alice.get(of(town), headers={"if-none-match": changed.headers["ETag"]})
    assert answer.status_code == 200


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


def test_the_words_are_the_same_in_both_languages() -> None:
    assert all_words("en")["book"].keys() == all_words("es")["book"].keys()


def test_a_visit_called_off_by_others_is_told_as_such(town, alice) -> None:
    assert town.assigned
    cancel_visit(town.visit, reason="", expected_version=None, by=town.bob, now=NOW)
    told = text_of(alice.get(of(town)))
    assert WORDS["status_cancelled"] in told
    assert WORDS["text_cancelled"] in told
    assert WORDS["cancel_do"] not in told


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


def test_what_is_not_in_spanish_is_marked_as_english(town, alice) -> None:
    assert town.assigned
    Patient.objects.update(language="es")
    shown = alice.get(of(town)).content.decode()
    assert '<span lang="es">Ketamina, inducción de seis</span>' in shown
    with override("es"):
        assert said("A drip of their own") == '<span lang="en">A drip of their own</span>'


@pytest.mark.parametrize("path", PATHS)
def test_each_page_is_there_in_spanish(town, alice, path) -> None:
    assert town.assigned
    Patient.objects.update(language="es")
    page = alice.get(f"/book/visits/{town.visit}{path}")
    assert page.status_code == 200
    assert '<html lang="es">' in page.content.decode()
    assert all_words("es")["book"]["emergency_988"] in page.content.decode()
