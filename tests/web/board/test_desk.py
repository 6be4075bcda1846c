"""The inspector and its actions, without a browser: who may, what is shown, what is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from dispatch.domain.gates import GateName
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import Action, Status
from dispatch.models import AuditEntry, GateOverride, Message, User, Visit
from dispatch.planning import rules
from dispatch.services.cancellation import cancel_visit
from dispatch.services.fieldwork import perform
from tests.api.town import Town
from tests.builders import at
from tests.readying import make_ready
from web.languages import all_words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def town(db: None) -> Town:
    """Alice's visit is Nina's; Ana could have it, Vera lacks the licence."""
    town = Town()
    town.ana, town.vera = town.world.nurse("ana"), town.world.nurse("vera", states=("VA",))
    for nurse in (town.ana, town.vera):
        town.world.shift(nurse)
    assert town.assigned
    return town


@pytest.fixture
def bob(town: Town) -> Client:
    return browser_of(town.bob)


def browser_of(person: Actor) -> Client:
    client = Client(headers=HTMX)
    client.force_login(User.objects.get(id=person.user_id))
    return client


def visit_of(town: Town) -> Visit:
    return Visit.objects.get(id=town.visit)


def send(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/board/{path}", body)


def give(client: Client, town: Town, nurse: Actor, **more: Any) -> Any:
    body = {"nurse": nurse.person_id, "version": visit_of(town).version} | more
    return send(client, f"visits/{town.visit}/assign", **body)


def test_the_inspector_shows_who_where_when_and_who_could(town, bob) -> None:
    answer = bob.get(f"/board/visits/{town.visit}")
    shown = answer.content.decode()
    assert answer.status_code == 200
    for said in (
        "alice", "Assigned · nina", "Carl", "Tue 8 Jun, 10:00 AM", "No licence in DC",
        "has the visit", "+0 min drive", "Consent", "Given to: nina", "by itself", "20001",
    ):  # fmt: skip
        assert said in shown, said
    assert f'data-version="{visit_of(town).version}"' in shown
    seen = AuditEntry.objects.filter(verb="read", subject="visit", subject_id=town.visit)
    assert seen.filter(user_id=town.bob.user_id).count() == 1


def test_an_administrator_is_told_of_no_patient_and_can_do_nothing(town) -> None:
    shown = browser_of(town.anna).get(f"/board/visits/{town.visit}").content.decode()
    assert "Assigned · nina" in shown
    assert not re.search(r"alice|20001|\+1202|hx-post", shown)
    answer = give(browser_of(town.anna), town, town.ana)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("who", ["alice", "nina", "dora"])
def test_the_desk_alone_is_let_in(town, who) -> None:
    client = browser_of(getattr(town, who))
    for path in ("", "/candidates", "/agreement"):
        assert client.get(f"/board/visits/{town.visit}{path}")["Location"] == "/"
    assert client.get("/board/undo")["Location"] == "/"


def test_a_visit_of_another_market_is_not_there(town) -> None:
    stranger = browser_of(Town("Boston").bob)
    version = visit_of(town).version
    for path in ("", "/candidates", f"/agreement?nurse={town.ana.person_id}"):
        assert stranger.get(f"/board/visits/{town.visit}{path}").status_code == 404
    assert give(stranger, town, town.ana).status_code == 404
    for path, body in (
        (f"visits/{town.visit}/cancel", {"reason": "x", "version": version}),
        (f"visits/{town.visit}/gates/home/override", {"reason": "x", "version": version}),
        ("undo", {"visit": town.visit, "version": version}),
        (f"messages/{new_id()}/again", {}),
    ):
        assert send(stranger, path, **body).status_code == 404
    assert visit_of(town).version == version


def test_each_row_is_told_its_standing_and_the_first_broken_rule(town, bob) -> None:
    told = bob.get(f"/board/visits/{town.visit}/candidates").json()
    rows = {one["name"]: one for one in told["nurses"]}
    assert told["version"] == visit_of(town).version
    assert {name: row["standing"] for name, row in rows.items()} == {
        "nina": "can", "ana": "can", "vera": "cannot",
    }  # fmt: skip
    assert [name for name, row in rows.items() if row["has_it"]] == ["nina"]
    assert rows["vera"]["line"] == "No licence in DC through the visit’s end."
    spanish = bob.get(
        f"/board/visits/{town.visit}/candidates", headers={"Accept-Language": "es"}
    ).json()
    assert "Sin licencia en DC hasta el final de la visita." in json.dumps(
        spanish, ensure_ascii=False
    )


def test_a_visit_under_way_goes_to_nobody(town, bob) -> None:
    make_ready(town.world, town.visit)
    perform(
        town.visit, Action.DEPART, reason="", expected_version=None, by=town.nina, now=at(9, 30)
    )
    told = bob.get(f"/board/visits/{town.visit}/candidates").json()
    assert (told["nurses"], told["others"][:17]) == ([], "This visit cannot")
    assert give(bob, town, town.ana).status_code == 409


def test_a_visit_is_given_and_the_board_looks_anew(town, bob) -> None:
    answer = give(bob, town, town.ana)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, '{"board:refresh": {}}')
    assert "ana has the visit now." in answer.content.decode()
    assert visit_of(town).reservation.nurse_id == town.ana.person_id


def test_a_hard_rule_refuses_by_name_and_writes_nothing(town, bob) -> None:
    before = visit_of(town).version
    answer = give(bob, town, town.vera)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#dialogs")
    shown = answer.content.decode()
    assert "No licence in DC" in shown
    assert "Would need a licence in DC" in shown
    assert visit_of(town).version == before


def test_the_patients_wish_is_set_aside_with_what_they_said(town, bob) -> None:
    Visit.objects.filter(id=town.visit).update(asked_nurse_id=town.nina.person_id)
    rows = bob.get(f"/board/visits/{town.visit}/candidates").json()["nurses"]
    assert {one["name"]: one["standing"] for one in rows}["ana"] == "if_agreed"
    asked = bob.get(f"/board/visits/{town.visit}/agreement?nurse={town.ana.person_id}")
    assert "The patient asked for nina." in asked.content.decode()
    assert give(bob, town, town.ana).status_code == 409
    assert give(bob, town, town.ana, patient_agreed="1").status_code == 422
    assert give(bob, town, town.ana, patient_agreed="1", reason="On the phone.").status_code == 200
    assert visit_of(town).reservation.nurse_id == town.ana.person_id


def test_whoever_was_slower_sees_both_sides_and_can_do_it_all_the_same(town, bob) -> None:
    old = visit_of(town).version
    give(bob, town, town.ana)
    answer = give(bob, town, town.nina, version=old)
    shown = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#dialogs")
    assert "Give the visit to nina" in shown
    assert "Assigned · ana" in shown
    assert f'name="version" value="{old + 1}"' in shown
    assert f'name="nurse" value="{town.nina.person_id}"' in shown
    assert shown.count('name="version"') == 1


def test_a_visit_is_called_off_with_a_reason(town, bob) -> None:
    path, version = f"visits/{town.visit}/cancel", visit_of(town).version
    assert send(bob, path, version=version, reason=" ").status_code == 422
    stale = send(bob, path, version=version + 1, reason="The pump broke.", waive="1")
    assert (stale.status_code, "The pump broke." in stale.content.decode()) == (409, True)
    assert 'name="waive"' in stale.content.decode()
    answer = send(bob, path, version=version, reason="The pump broke.", waive="1")
    assert "The pump broke." in answer.content.decode()
    visit = visit_of(town)
    assert (visit.status, visit.fee_cents) == ("cancelled", 0)


def test_why_a_patient_called_off_is_not_told_to_the_desk(town, bob) -> None:
    cancel_visit(
        town.visit, reason="I feel worse.", expected_version=None, by=town.alice, now=town.now()
    )
    shown = bob.get(f"/board/visits/{town.visit}").content.decode()
    assert "Cancelled" in shown
    assert "I feel worse." not in shown


def at_the_gate(town: Town, client: Client, deed: str, **body: Any) -> Any:
    sent = {"version": visit_of(town).version} | body
    return send(client, f"visits/{town.visit}/gates/{deed}", **sent)


def test_a_soft_gate_is_overridden_with_a_reason_and_closed_again(town, bob) -> None:
    assert at_the_gate(town, bob, "home/override", reason="").status_code == 422
    shown = at_the_gate(town, bob, "home/override", reason="Seen last week.").content.decode()
    assert re.search("overridden.*Seen last week.", shown, re.DOTALL)
    assert GateOverride.objects.count() == 1
    assert at_the_gate(town, bob, "home/override", reason="Again.").status_code == 409
    closed = at_the_gate(town, bob, "home/close").content.decode()
    assert "Override taken back: Home" in closed
    hard = at_the_gate(town, bob, "consent/override", reason="x")
    assert "Nobody can override" in hard.content.decode()
    assert at_the_gate(town, bob, "moon/override", reason="x").status_code == 404


def test_of_two_at_one_gate_the_slower_sees_the_others_reason_and_keeps_his_own(town, bob) -> None:
    beth = town.world.user("beth", Role.DISPATCHER)
    beths = browser_of(Actor(beth.id, Role.DISPATCHER, town.market.id))
    old = visit_of(town).version
    at_the_gate(town, beths, "home/override", reason="Seen last week.")
    answer = at_the_gate(town, bob, "home/override", reason="The dog is away.", version=old)
    shown = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#dialogs")
    assert "Override “Home”: “The dog is away.”" in shown
    assert "Seen last week." in shown
    assert 'name="reason" value="The dog is away."' in shown
    assert f'name="version" value="{old + 1}"' in shown
    assert GateOverride.objects.get().reason == "Seen last week."
    back = at_the_gate(town, bob, "home/close", version=old)
    assert "Take the override of “Home” back" in back.content.decode()
    assert not GateOverride.objects.filter(end__isnull=False).exists()


def test_a_message_that_was_given_up_is_sent_again(town, bob) -> None:
    dead = Message.objects.create(
        market=town.market, visit_id=town.visit, kind="day_before", audience="patient",
        person_id=town.alice.person_id, template="day_before", about_id=town.visit, move=0,
        due_at=town.now(), state="dead",
    )  # fmt: skip
    shown = bob.get(f"/board/visits/{town.visit}").content.decode()
    assert "Day before" in shown
    assert "given up" in shown
    answer = send(bob, f"messages/{dead.id}/again")
    assert "It is sent again." in answer.content.decode()
    assert send(bob, f"messages/{dead.id}/again").status_code == 409
    assert Message.objects.filter(visit_id=town.visit, state="due", kind="day_before").exists()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_board_brings_the_words_for_what_is_not_answered(town, language) -> None:
    client = browser_of(town.bob)
    client.cookies["django_language"] = language
    board = client.get("/board/").content.decode()
    told = all_words(language)["every"]
    assert f'data-unsent="{told["no_answer"]}" data-failed="{told["no_success"]}"' in board
    assert told["offline"] in board, "a drag says so where nobody can be asked"


def test_the_last_assignment_is_undone_from_the_head_of_the_board(town, bob) -> None:
    assert "<form" not in bob.get("/board/undo").content.decode()
    give(bob, town, town.ana)
    tool = bob.get("/board/undo").content.decode()
    assert "ana" in tool
    visit = visit_of(town)
    answer = send(bob, "undo", visit=visit.id, version=visit.version)
    assert "It is as it was before." in answer.content.decode()
    assert visit_of(town).reservation.nurse_id == town.nina.person_id
    again = send(bob, "undo", visit=visit.id, version=visit.version + 1)
    assert (again.status_code, again["HX-Retarget"]) == (409, "#refusal")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nurse": "x", "version": "1"}, "nurse"),
        ({"version": "1"}, "nurse"),
        ({"nurse": None, "version": "one"}, "version"),
        ({"nurse": None, "version": "٣"}, "version"),
        ({"nurse": None, "version": "9" * 30}, "version"),
        ({"nurse": None}, "version"),
    ],
)
def test_a_form_that_cannot_be_read_names_its_field(town, bob, body, field) -> None:
    sent = {name: town.ana.person_id if text is None else text for name, text in body.items()}
    answer = send(bob, f"visits/{town.visit}/assign", **sent)
    assert answer.status_code == 422
    assert f'data-field="{field}"' in answer.content.decode()


def test_whatever_has_a_code_has_a_word_in_both_languages() -> None:
    english, spanish = (all_words(one)["board_inspector"] for one in ("en", "es"))
    assert english.keys() == spanish.keys()
    needed = {f"rule__{one}" for one in rules.ORDER} | {f"gate__{one.value}" for one in GateName}
    needed |= {f"status__{one.value}" for one in Status}
    assert needed <= english.keys()
    places = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert sorted(places.findall(text)) == sorted(places.findall(spanish[key])), key
