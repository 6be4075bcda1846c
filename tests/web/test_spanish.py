"""Pages in Spanish: nothing on them is in English but what stands in the list below."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from typing import Any

import pytest
from django.test import Client

import dispatch
import web
from dispatch.domain.channels import Language
from dispatch.domain.gates import GateName
from dispatch.domain.people import Actor
from dispatch.domain.shipped import load_sentences, load_translations
from dispatch.planning import rules
from dispatch.planning.explain import Change
from tests.api.town import Town
from tests.builders import KETAMINE, TOMORROW, at
from tests.domain.sentences import codes_in_source
from tests.telling import told
from tests.web.book_new.booking import Booking
from tests.web.signing_in import with_password
from web.languages import all_words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

MARKED = re.compile(r'<(\w+)[^>]*\blang="en"[^>]*>(.*?)</\1>', re.DOTALL)
UNREAD = re.compile(r"<script.*?</script>|<style.*?</style>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
DAY = TOMORROW.isoformat()
LONG_ENOUGH = 12
"""Words of fewer letters may read alike in both languages."""
NOT_ON_PAGES = {
    "forged",  # to a provider's program
    "bound",  # to whoever binds an identity by a command
    "version_changed", "version_too_old", "no_trail",  # to whoever runs a command
    "not_a_demo",  # the API alone moves a demo's clock
}  # fmt: skip


@pytest.fixture
def booking(db: None) -> Booking:
    return Booking()


def in_spanish(person: Actor) -> Client:
    client = Client()
    client.force_login(with_password(person.user_id), "web.sign_in.backend.Backend")
    client.cookies["django_language"] = "es"
    return client


@cache
def english() -> frozenset[str]:
    """Whatever pages and the business say in English and otherwise in Spanish, without gaps."""
    both = load_sentences(Language.SPANISH) | load_translations(Language.SPANISH)
    for page, told_in_english in all_words("en").items():
        own = all_words("es")[page]
        both |= {text: own[key] for key, text in told_in_english.items()}
    parts = (part.strip(" .") for text, other in both.items() if text != other
             for part in re.split(r"\{\w*\}", text))  # fmt: skip
    return frozenset(one for one in parts if len(one) >= LONG_ENOUGH and " " in one)


TO_ENGLISH = {"English", "EnglishEN"}
"""The way to the English page; on phones its sign is shown instead."""


def english_on(page: str, but: tuple[str, ...] = ()) -> set[str]:
    """What a page has in English, whether it says so or not: besides the way to the English page
    and the wordings given, of which the Spanish one is only a translation."""
    page = UNREAD.sub("", page)
    marked = {html.unescape(TAG.sub("", text)).strip() for _, text in MARKED.findall(page)}
    for one in but:
        page = page.replace(html.escape(one), "")
    read = html.unescape(TAG.sub("|", page)) + "|".join(re.findall(r'aria-label="([^"]*)"', page))
    return marked - {*TO_ENGLISH, *but} | {one for one in english() if one in read}


def shown(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, (path, answer.status_code, answer.headers)
    text = str(answer.content.decode())
    assert '<html lang="es"' in text or "<html" not in text, path
    return text


def refused(client: Client, path: str, body: dict[str, Any], *also: int) -> str:
    answer = client.post(path, body)
    assert answer.status_code in {400, 409, 422, *also}, (path, body, answer.status_code)
    return str(answer.content.decode())


def consent_of(town: Town) -> str:
    return town.world.protocol(KETAMINE).consent.text


def test_the_patients_pages(town: Town) -> None:
    assert town.assigned
    assert town.booked
    alice, own = in_spanish(town.alice), f"/book/visits/{town.visit}"
    paths = ["/book/", "/book/contact", "/book/new/", f"/book/series/{town.booked}", own]
    steps = ("companion", "questions", "consent", "symptom", "change", "cancel", "help")
    paths += [f"{own}/{one}" for one in steps]
    for path in paths:
        assert english_on(shown(alice, path), (consent_of(town),)) == set(), path


def test_refused_forms_of_a_patient(town: Town) -> None:
    assert town.assigned
    alice, own = in_spanish(town.alice), f"/book/visits/{town.visit}"
    forms: list[tuple[str, dict[str, Any]]] = [
        (f"{own}/symptom", {"haste": "can_wait", "text": ""}),
        (f"{own}/symptom", {"haste": "can_wait", "text": "x" * 3000}),
        (f"{own}/symptom", {"haste": "x"}),
        (f"{own}/questions", {"answer_pregnant": "perhaps", "answer_born_on": "1800-01-01"}),
        (f"{own}/cancel", {"owed_cents": "0", "version": "99", "reason": "x" * 501}),
        (f"{own}/change", {"version": "0", "start": "soon"}),
        (f"{own}/consent", {"text_version": "77", "name": "Alice"}),
        ("/book/contact", {"channel": "text", "language": "es", "phone": "12"}),
        ("/book/contact", {"channel": "text", "language": "es", "phone": "202-555-0100 x12"}),
        ("/book/contact/companions", {"name": "Carl", "phone": "900 555 0100"}),
    ]
    for path, body in forms:
        page = refused(alice, path, body)
        assert english_on(page, (consent_of(town),)) == set(), (path, body)


def test_the_way_to_a_booking(booking: Booking) -> None:
    town, alice = booking.town, booking.browser
    alice.cookies["django_language"] = "es"
    booking.clear()
    held = booking.hold()
    place = f"/book/new/{booking.home.id}"
    steps = [booking.to(one) for one in ("questions/1", "questions/3", "outcome", "times")]
    for path in ("/book/new/", place, *steps, held, held.replace("/companion", "")):
        assert english_on(shown(alice, path)) == set(), path
    consent = held.replace("companion", "consent")
    assert english_on(shown(alice, consent), (consent_of(town),)) == set()
    for path, body in (
        ("/book/new/", {"kind": "residence", "address": "", "zip_code": "1"}),
        (booking.to("questions/1"), {"answer": "1800-01-01"}),
        (booking.to("times"), {"start": "soon"}),
        (held, {"companion": "new", "name": "", "phone": "12"}),
        (consent, {"name": ""}),
    ):
        assert english_on(refused(alice, path, body), (consent_of(town),)) == set(), (path, body)
    booking.sign(held)
    assert english_on(shown(alice, held.replace("companion", "price"))) == set()


def test_the_nurses_pages_with_closed_gates_and_what_speaks_against_a_step(town: Town) -> None:
    assert town.assigned
    town.set_clock(at(9, 30))
    nina, own = in_spanish(town.nina), f"/route/visits/{town.visit}"
    for path in ("/route/", own, "/route/end"):
        page = shown(nina, path)
        assert english_on(page) == set(), path
    assert "Ningún médico ha firmado una orden." in shown(nina, own)
    assert "Bomba de infusión, cargada." in shown(nina, "/route/")
    asked = json.dumps({"step": told("depart", town.now()), "waiting": []})
    against = nina.post(f"{own}/before", asked, "application/json").json()
    assert {one["lang"] for one in against["gates"]} == {"es"}
    assert english_on(refused(nina, "/route/kit", {"date": DAY, "items": "balloon"})) == set()
    assert english_on(nina.get("/route/?date=never").content.decode()) == set()


def test_the_board_with_closed_gates_and_why_others_cannot_go(town: Town) -> None:
    vera, ana = town.world.nurse("vera", states=("VA",)), town.world.nurse("ana")
    for nurse in (vera, ana):
        town.world.shift(nurse)
    assert town.assigned
    assert town.dead_message
    bob, own = in_spanish(town.bob), f"/board/visits/{town.visit}"
    dialogs = [f"/board/planning/{one}" for one in ("plan", "repair", "absence", "undo")]
    for path in ("/board/", "/board/day", own, "/board/undo", "/tasks/", *dialogs):
        assert english_on(shown(bob, path, date=DAY)) == set(), path
    inspector = shown(bob, own)
    for said in (
        "Sin licencia en DC",
        "Ningún médico ha firmado una orden.",
        "Cobertura desconocida",
    ):
        assert said in inspector
    assert "Sin licencia en DC" in bob.get(f"{own}/candidates").content.decode()


def test_refused_forms_of_the_desk(town: Town) -> None:
    vera = town.world.nurse("vera", states=("VA",))
    town.world.shift(vera)
    assert town.assigned
    bob, own = in_spanish(town.bob), f"/board/visits/{town.visit}"
    bob.defaults["HTTP_HX_REQUEST"] = "true"
    away = {"date": DAY, "nurse": vera.person_id, "span": "hours", "from": "12:00"}
    forms: list[tuple[str, dict[str, Any]]] = [
        (f"{own}/assign", {"nurse": vera.person_id, "version": "1"}),
        (f"{own}/assign", {"nurse": "x", "version": "1"}),
        (f"{own}/cancel", {"reason": " ", "version": "1"}),
        (f"{own}/gates/clearance/override", {"reason": "Because."}),
        ("/board/plans", {"date": "2001-01-01", "seconds": "5"}),
        ("/board/plans", {"date": "soon", "seconds": "5"}),
        ("/board/plans", {"date": DAY, "seconds": "many"}),
        ("/board/absences", away | {"until": "x"}),
        ("/board/absences", away | {"until": "09:00"}),
    ]
    for path, body in forms:
        assert english_on(refused(bob, path, body)) == set(), (path, body)


def test_the_prescribers_pages(town: Town) -> None:
    assert town.paused
    assert town.for_review
    assert town.for_agreement
    dora, patient = in_spanish(town.dora), f"/inbox/patients/{town.alice.person_id}"
    screenings = [f"/inbox/screenings/{one}" for one in (town.for_review, town.for_agreement)]
    for path in ("/inbox/", patient, *screenings):
        assert english_on(shown(dora, path)) == set(), path
    order = {"protocol": KETAMINE, "infusions": "99", "dose_ug_per_kg": "9000", "diagnoses": "bad"}
    for path, body in (
        (f"{patient}/orders", order),
        (f"{patient}/orders", order | {"infusions": "many"}),
        (f"{screenings[1]}/medication", {"rule": "x", "last_dose_on": DAY, "agreed_with": "P"}),
        (f"{screenings[1]}/medication", {"rule": "x", "last_dose_on": "soon", "agreed_with": "P"}),
    ):
        assert english_on(refused(dora, path, body)) == set(), (path, body)


def test_the_offices_pages(town: Town) -> None:
    assert town.assigned
    anna, nurse = in_spanish(town.anna), f"/office/nurses/{town.nina.person_id}"
    places = ("nurses/new", "shifts/", "protocols/", "market/")
    for path in ("/office/", nurse, *(f"/office/{one}" for one in places)):
        assert english_on(shown(anna, path)) == set(), path
    shift = {"nurse": town.nina.person_id, "day": DAY, "starts": "09:00"}
    new = {"name": "Ida", "username": "i", "phone": "12", "zip_code": "00000"}
    for path, body in (
        ("/office/nurses/new", new),
        ("/office/nurses/new", {"name": "", "username": "", "phone": "", "zip_code": "1"}),
        (f"{nurse}/licences", {"code": "VA", "first_day": "2001-01-01", "last_day": "2000-01-01"}),
        ("/office/shifts/", shift | {"ends": "x"}),
        ("/office/shifts/", shift | {"ends": "10:00"}),
        ("/office/shifts/", shift | {"day": "2001-01-01", "ends": "10:00"}),
    ):
        assert english_on(refused(anna, path, body, 200)) == set(), (path, body)


def test_signing_in_and_ones_account(town: Town) -> None:
    stranger = Client()
    stranger.cookies["django_language"] = "es"
    assert english_on(shown(stranger, "/sign-in")) == set()
    for body in ({"login": "nobody", "password": "wrong"}, {"login": "", "password": ""}):
        assert english_on(refused(stranger, "/sign-in", body, 200)) == set(), body
    assert english_on(shown(in_spanish(town.bob), "/account")) == set()


def test_every_refusal_that_a_page_may_meet_has_words_of_its_own() -> None:
    codes = codes_in_source(dispatch, web)
    assert len(codes) > 70
    for language in ("en", "es"):
        assert codes - all_words(language)["refusals"].keys() == NOT_ON_PAGES


def test_every_rule_and_change_that_a_why_not_names_has_words() -> None:
    changes = set(Change.__args__)
    for language in ("en", "es"):
        words = all_words(language)
        inspector, planning, board = (
            words[one].keys() for one in ("board_inspector", "board_planning", "board")
        )
        assert {f"rule__{one}" for one in (*rules.ORDER, "nobody_on_shift")} <= inspector
        assert {f"fix__{one}" for one in changes} <= inspector
        assert {f"gate__{one.value}" for one in GateName} <= inspector
        assert {f"rule_{one}" for one in rules.ORDER} <= planning
        assert {f"because_{one}" for one in (*rules.ORDER, "nobody_on_shift")} <= board
