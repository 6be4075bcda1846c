"""The nurse's pages: what her day and a visit show, to whom, and what speaks against a step."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.field_events import EventType
from dispatch.domain.people import Actor
from dispatch.models import AuditEntry, FieldEvent, KitCheck
from dispatch.services.fieldwork import record_events
from tests.api.town import Town
from tests.builders import NOW, TODAY, TOMORROW, at
from tests.door import stock
from tests.readying import make_ready
from tests.telling import HERE, VIAL, before_infusion, told
from tests.web.signing_in import with_password

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def town(db: None) -> Town:
    """It is half past nine, and Nina's next visit is at ten."""
    town = Town()
    assert town.assigned
    town.set_clock(at(9, 30))
    return town


def browser_of(person: Actor) -> Client:
    client = Client()
    client.force_login(with_password(person.user_id), "web.sign_in.backend.Backend")
    return client


@pytest.fixture
def nina(town: Town) -> Client:
    return browser_of(town.nina)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def visit_path(town: Town) -> str:
    return f"/route/visits/{town.visit}"


def asked(client: Client, town: Town, kind: str, waiting: object = (), **data: Any) -> Any:
    body = {"step": told(kind, town.now(), **data), "waiting": list(waiting)}
    return client.post(f"{visit_path(town)}/before", json.dumps(body), "application/json")


def test_the_day_shows_what_is_next_and_what_is_missing(town, nina) -> None:
    page = text_of(nina.get("/route/"))
    assert "10:00 AM–10:30 AM" in page
    assert "alice" in page
    assert 'id="depart"' in page
    assert "Infusion pump, charged." in page
    assert "not packed yet" in page
    assert "<b>Clearance</b>" in page


def test_tomorrow_is_a_tab_and_nobody_sets_out_on_it_today(town, nina) -> None:
    town.set_clock(NOW)
    assert 'id="depart"' not in text_of(nina.get("/route/"))
    page = text_of(nina.get(f"/route/?date={TOMORROW}"))
    assert f'href="/route/?date={TODAY}"' in page
    assert re.search(r'id="depart"[^>]* disabled', page)


@pytest.mark.parametrize("day", ["tomorrow", "2027-02-30", "", "x" * 300])
def test_a_day_that_is_none_is_refused(town, nina, day) -> None:
    assert nina.get("/route/", {"date": day}).status_code == 422


def test_the_kit_that_was_packed_is_kept(town, nina) -> None:
    body = {"date": str(TOMORROW), "items": ["infusion_pump", "monitor"]}
    answer = nina.post("/route/kit", body)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/route/?date={TOMORROW}#kit")
    assert KitCheck.objects.get().items == ["infusion_pump", "monitor"]
    assert text_of(nina.get("/route/")).count(" checked>") == 2
    assert nina.post("/route/kit", body | {"items": ["a piano"]}).status_code == 422


def test_a_visit_holds_all_its_steps_and_what_was_told(town, nina) -> None:
    stock(VIAL, town.market.id)
    record_events(
        town.visit, [told("depart", at(9, 20)), told("arrive", at(9, 25), **HERE)],
        by=town.nina, now=at(9, 30),
    )  # fmt: skip
    page = text_of(nina.get(visit_path(town)))
    assert re.findall(r'data-key="([^"]+)"', page)[:16] == [
        "depart", "arrive", "identity", "companion", "home", "baseline", "go_no_go", "checkout",
        "start", "during", "end", "recovery", "give", "waste", "discharge", "complete",
    ]  # fmt: skip
    block = re.search(r'<script id="known" type="application/json">(.*?)</script>', page)
    assert block is not None
    known = json.loads(block[1])
    assert [one["type"] for one in known["told"]] == ["depart", "arrive"]
    assert {"code": "departed_through_closed_gate", "subject": "order", "step": "depart"} in known[
        "flags"
    ]
    assert known["vials"] == {VIAL: 50_000}
    assert 'data-most="160"' in page


def test_a_prescriber_was_alerted_only_once_the_service_knows_of_the_reaction(town, nina) -> None:
    alerted, unsent = r'<span id="alerted"( hidden)?>', r'<span id="unsent"( hidden)?>'
    page = text_of(nina.get(visit_path(town)))
    assert re.search(r'<p id="advice"[^>]* hidden>', page)
    assert (re.search(alerted, page)[1], re.search(unsent, page)[1]) == (" hidden", " hidden")
    severe = told("adverse_event", at(9, 28), severity="severe", text="Hives.")
    events = [told("depart", at(9, 20)), told("arrive", at(9, 25), **HERE), severe]
    record_events(town.visit, events, by=town.nina, now=at(9, 30))
    page = text_of(nina.get(visit_path(town)))
    assert not re.search(r'<p id="advice"[^>]* hidden>', page)
    assert (re.search(alerted, page)[1], re.search(unsent, page)[1]) == (None, " hidden")


def test_the_nurse_sees_the_outcome_of_the_screening_and_no_answer(town, nina) -> None:
    make_ready(town.world, town.visit)
    page = text_of(nina.get(visit_path(town)))
    assert "<b>Clearance</b>" in page
    assert "depression" not in page


def test_what_she_was_shown_is_in_the_audit_trail(town, nina) -> None:
    nina.get(visit_path(town))
    looked = AuditEntry.objects.filter(verb="read", subject_id=town.visit)
    assert looked.get().user_id == town.nina.user_id


def test_a_visit_of_another_nurse_is_none(town) -> None:
    mallory = browser_of(town.world.nurse("mallory"))
    for answer in (
        mallory.get(visit_path(town)),
        mallory.get(f"/route/visits/{uuid4()}"),
        asked(mallory, town, "depart"),
    ):
        assert answer.status_code == 404
    assert "alice" not in mallory.get("/route/").content.decode()


def test_the_route_is_the_nurses_alone(town) -> None:
    for person in (town.alice, town.bob, town.dora):
        for path in ("/route/", visit_path(town)):
            answer = browser_of(person).get(path)
            assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_closed_gates_speak_against_setting_out(town, nina) -> None:
    found = asked(nina, town, "depart").json()
    assert not found["nothing"]
    assert {"clearance", "order", "consent"} <= {gate["name"] for gate in found["gates"]}
    make_ready(town.world, town.visit)
    assert asked(nina, town, "depart").json()["nothing"]
    town.set_clock(NOW)
    assert asked(nina, town, "depart").json()["turn"] == "too_early"


def test_what_still_waits_on_the_phone_counts(town, nina) -> None:
    make_ready(town.world, town.visit)
    stock(VIAL, town.market.id)
    lacking = asked(nina, town, "start-infusion", dose_ug=35_000).json()["missing"]
    assert {"identity", "companion", "home", "vitals", "go", "checkout"} <= set(lacking)
    waiting = before_infusion(town.world.protocol(), at(9, 29))
    assert asked(nina, town, "start-infusion", waiting, dose_ug=35_000).json()["nothing"]
    above = asked(nina, town, "start-infusion", waiting, dose_ug=36_000).json()
    assert above["missing"] == ["dose_within_order"]
    assert not FieldEvent.objects.exists()


def test_a_recovery_that_is_too_short_speaks_against_the_discharge(town, nina) -> None:
    waiting = [
        told(kind, at(9, minute), **data)
        for kind, minute, data in (
            ("depart", 0, {}), ("arrive", 1, {}), ("start-infusion", 2, {"dose_ug": 1}),
        )
    ]  # fmt: skip
    codes = [item.code for item in town.world.protocol().discharge]
    for ended, missing in ((at(9, 2), []), (at(9, 3), ["recovery"])):
        town.set_clock(at(9, 32))
        step = told("discharge", at(9, 32), criteria=codes)
        body = {"step": step, "waiting": [*waiting, told("end-infusion", ended)]}
        answer = nina.post(f"{visit_path(town)}/before", json.dumps(body), "application/json")
        assert answer.json()["missing"] == missing


def test_what_lengthens_the_recovery_is_told_once(town, nina) -> None:
    planned = town.world.protocol().recovery.planned
    course = (("depart", 0, {}), ("arrive", 1, HERE), ("start-infusion", 2, {"dose_ug": 1}),
              ("end-infusion", 3, {}), ("extend-recovery", 4, {"minutes": 15}))  # fmt: skip
    events = [told(kind, at(9, minute), **data) for kind, minute, data in course]
    record_events(town.visit, events, by=town.nina, now=at(9, 30))
    page = text_of(nina.get(visit_path(town)))
    assert page.count("extend-recovery&quot;") + page.count('"type": "extend-recovery"') == 1
    assert f'data-planned="{planned}"' in page, "the phone adds what was told"


def test_what_the_phone_shows_where_nobody_can_be_asked_is_in_its_pages(town, nina) -> None:
    for path in ("/route/", visit_path(town)):
        page = text_of(nina.get(path))
        closed = re.findall(r'<li class="bad" data-gate="([a-z]+)">.*?<span lang="en">[^<]+<', page)
        assert {"clearance", "order", "consent"} <= set(closed)
    assert re.search(r'action="/route/kit"[^>]* data-connected>', text_of(nina.get("/route/")))


def test_every_page_of_a_nurse_sees_to_the_phone_at_sign_out_and_only_once(town, nina) -> None:
    lock, own = "web/route/lock.js", "web/route/register.js"
    for path in ("/route/", "/route/end", "/route/unkept", visit_path(town)):
        page = text_of(nina.get(path))
        assert (page.count(lock), page.count(own)) == (0, 1), path
    elsewhere = (f"/route/visits/{uuid4()}", "/account", "/route/?date=never")
    for path in elsewhere:
        page = nina.get(path).content.decode()
        assert (page.count(lock), page.count(own)) == (1, 0), path
    assert lock not in browser_of(town.dora).get("/").content.decode()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"step": {}}', '{"step": {"type": "depart"}, "waiting": 1}']
)
def test_a_question_that_cannot_be_read_is_refused(town, nina, body) -> None:
    answer = nina.post(f"{visit_path(town)}/before", body, "application/json")
    assert answer.status_code == 422
    assert not FieldEvent.objects.exists()


def test_the_pages_speak_spanish(town, nina) -> None:
    spanish = {"headers": {"Accept-Language": "es"}}
    assert "Voy en camino" in text_of(nina.get("/route/", **spanish))
    page = text_of(nina.get(visit_path(town), **spanish))
    assert "Signos vitales antes" in page
    assert '<p lang="es">Un adulto responsable' in page
    assert '<html lang="es"' in page


def test_every_word_that_a_script_or_a_flag_may_need_is_there(town) -> None:
    from dispatch.domain.visit_record import FlagCode
    from web.languages import all_words

    for language in ("en", "es"):
        said = all_words(language)["route_visit"]
        assert {f"flag_{code.value}" for code in FlagCode} <= said.keys()
        asking = {"offline", "unchecked", "all_the_same", "happened", "look_again", "not_kept"}
        assert asking <= said.keys() & all_words(language)["route"].keys()
        assert {f"do_{kind.value}" for kind in EventType if kind is not EventType.VITALS} <= {
            *said.keys()
        }
