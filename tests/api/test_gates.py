"""Kit, home, price, consent and overrides over HTTP: who says what, and what the others see."""

from uuid import uuid4

import pytest

from tests.api.story import closed, told
from tests.api.town import NEXT_DAY, Client, Town, assert_problem, digest_of_all_rows
from tests.builders import KETAMINE, TOMORROW

DAY = TOMORROW.isoformat()
PRICE = 59500


def gate(visit: dict, name: str) -> dict:
    (found,) = (one for one in visit["gates"] if one["name"] == name)
    return found


def seen(client: Client, town: Town) -> dict:
    return told(client.get_(f"visits/{town.assigned}"))


def test_the_nurse_packs_what_her_route_asks_for(town: Town, nurse: Client) -> None:
    assert town.assigned
    kit = told(nurse.get_("nurses/me/route", date=DAY))["kit"]
    assert [line["code"] for line in kit] == [
        "infusion_pump", "iv_set", "monitor", "airway", "antiemetic", "emergency_drugs"
    ]  # fmt: skip
    assert not any(line["confirmed"] for line in kit)
    some = {"date": DAY, "items": ["airway", "monitor"]}
    packed = told(nurse.post_("nurses/me/kit", some), 201)["kit"]
    assert {line["code"] for line in packed if line["confirmed"]} == {"airway", "monitor"}
    assert "kit" in closed(seen(nurse, town))
    everything = {"date": DAY, "items": [line["code"] for line in kit]}
    told(nurse.post_("nurses/me/kit", everything), 201)
    assert "kit" not in closed(seen(nurse, town))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"date": "2027-06-20", "items": []}, "date"),
        ({"date": "2027-06-06", "items": []}, "date"),
        ({"date": "soon", "items": []}, "date"),
        ({"date": DAY, "items": ["castle"]}, "items"),
    ],
)
def test_a_kit_is_for_a_shift_and_of_what_it_asks_for(town, nurse, body, field) -> None:
    assert town.assigned
    before = digest_of_all_rows()
    assert_problem(nurse.post_("nurses/me/kit", body), 400, "invalid", field)
    assert digest_of_all_rows() == before


def test_a_home_is_made_ready_by_who_lives_there(town, patient, dispatcher) -> None:
    asked = [line["code"] for line in seen(patient, town)["readiness"]]
    offered = told(patient.get_("protocols"))["results"]
    (shown,) = (one["readiness"] for one in offered if one["code"] == KETAMINE)
    assert asked == [one["code"] for one in shown] == [
        "private_quiet_room", "bed_or_recliner", "pets_and_children"
    ]  # fmt: skip
    path = f"visits/{town.assigned}/readiness"
    assert "home" not in closed(told(patient.post_(path, {"items": asked}), 201))
    less = told(dispatcher.post_(path, {"items": asked[:2]}), 201)
    assert "home" in closed(less), "on the phone the patient said that the dog is loose"
    assert [line["confirmed"] for line in less["readiness"]] == [True, True, False]
    refused = patient.post_(path, {"items": ["castle"]})
    assert_problem(refused, 400, "invalid", "items")


def test_the_price_is_shown_before_anything_is_booked(town: Town, patient: Client) -> None:
    query = {"protocol": KETAMINE, "location": str(town.home.id), **NEXT_DAY}
    slot = told(patient.get_("slots", **query))["results"][0]
    hold = told(patient.post_("holds", {"slot": slot["id"]}), 201)
    series = told(patient.post_("series", town.weekly), 201)
    for answer in (slot, hold, series):
        assert (answer["price_cents"], answer["coverage"]) == (PRICE, "unknown")
    before = digest_of_all_rows()
    for path, body in (("visits", {"hold": hold["id"]}), (f"series/{series['id']}/book", {})):
        for wrong in (PRICE - 1, PRICE + 1, 0):
            refused = patient.post_(path, body | {"price_cents": wrong})
            assert_problem(refused, 400, "invalid", "price_cents")
    assert digest_of_all_rows() == before
    booked = told(patient.post_("visits", {"hold": hold["id"], "price_cents": PRICE}), 201)
    assert gate(booked, "coverage")["reason"] == (
        "Coverage unknown; self-pay price of $595.00 was shown on June 7, 2027."
    )
    told(patient.post_(f"series/{series['id']}/book", {"price_cents": PRICE}), 201)
    for one in told(patient.get_("visits"))["results"]:
        assert "coverage" not in closed(told(patient.get_(f"visits/{one['id']}")))


def test_a_price_may_be_read_out_on_the_phone(town: Town, dispatcher: Client) -> None:
    assert "coverage" in closed(seen(dispatcher, town))
    path = f"visits/{town.assigned}/coverage"
    refused = dispatcher.post_(path, {"price_cents": 100})
    assert_problem(refused, 400, "invalid", "price_cents")
    price = seen(dispatcher, town)["price_cents"]
    assert "coverage" not in closed(told(dispatcher.post_(path, {"price_cents": price}), 201))


def test_coverage_is_unknown_until_somebody_has_asked(town: Town, dispatcher, patient) -> None:
    path = f"patients/{town.alice.person_id}/coverage"
    nothing = {"coverage": "unknown", "payer": "", "at": None}
    assert told(dispatcher.get_(path)) == nothing | {"patient": str(town.alice.person_id)}
    for answer in ("maybe", "covered", "not_covered"):
        body = {"coverage": answer, "payer": "Blue Heron"}
        assert told(dispatcher.ask("PUT", path, body))["coverage"] == answer
        assert told(dispatcher.get_(path))["payer"] == "Blue Heron"
        assert seen(patient, town)["coverage"] == answer
    assert gate(seen(patient, town), "coverage")["reason"].startswith("Not covered; self-pay")
    assert "Heron" not in str(seen(patient, town))
    for who in (town.alice, town.nina, town.dora, town.anna):
        assert town.as_(who).get_(path).status_code == 403


def test_a_dispatcher_answers_for_a_soft_gate_and_others_see_it(town, dispatcher, patient) -> None:
    path = f"visits/{town.assigned}/gates/kit/override"
    shown = gate(seen(dispatcher, town), "kit")
    assert (shown["state"], shown["hard"], shown["overridable"]) == ("closed", False, True)
    body = {"reason": "a pump is lent at the door"}
    first, again = (dispatcher.post_(path, body, Idempotency_Key="k") for _ in range(2))
    assert told(first, 201) == told(again, 201)
    found = gate(seen(patient, town), "kit")
    assert (found["state"], found["open"], found["overridable"]) == ("overridden", False, False)
    assert "lent" not in str(seen(patient, town)), "the reason is for those who answer for it"
    (line,) = told(dispatcher.get_(f"visits/{town.assigned}/overrides"))["results"]
    assert (line["gate"], line["reason"], line["ended_at"]) == ("kit", body["reason"], None)
    assert line["by"] == str(town.bob.user_id)
    assert dispatcher.ask("DELETE", path).status_code == 204
    assert gate(seen(patient, town), "kit")["state"] == "closed"
    (line,) = told(dispatcher.get_(f"visits/{town.assigned}/overrides"))["results"]
    assert line["ended_at"] is not None
    assert_problem(dispatcher.ask("DELETE", path), 404, "not_found", "override")


@pytest.mark.parametrize(
    "name", ["clearance", "order", "consent", "companion", "credentials", "custody"]
)
def test_a_hard_gate_is_overridden_by_nobody(town: Town, name) -> None:
    before = (town.assigned, digest_of_all_rows())[1]
    for who in (town.bob, town.dora, town.anna, town.nina, town.alice):
        answer = town.as_(who).post_(f"visits/{town.visit}/gates/{name}/override", {"reason": "x"})
        if who is town.bob:
            assert assert_problem(answer, 409, "gate_is_hard")["gate"] == name
        else:
            assert answer.status_code == 403
    assert digest_of_all_rows() == before


def test_there_is_no_gate_of_another_name(town: Town, dispatcher: Client) -> None:
    path = f"visits/{town.assigned}/gates/castle/override"
    assert_problem(dispatcher.post_(path, {"reason": "x"}), 404, "not_found", "gate")
    assert_problem(dispatcher.ask("DELETE", path), 404, "not_found", "gate")


def test_a_patient_takes_a_signature_back(town: Town, patient: Client) -> None:
    for body in ({}, {"name": " "}):
        refused = patient.post_("consents", {"protocol": KETAMINE, "text_version": 1} | body)
        assert_problem(refused, 400, "invalid", "name")
    signed = {"protocol": KETAMINE, "text_version": 1, "name": "Alice A."}
    first = told(patient.post_("consents", signed), 201)["id"]
    assert "consent" not in closed(seen(patient, town))
    (line,) = told(patient.get_("consents"))["results"]
    assert (line["id"], line["withdrawn_at"]) == (first, None)
    mallory = town.as_(town.world.patient("mallory"))
    assert mallory.get_("consents").json()["results"] == []
    assert_problem(mallory.post_(f"consents/{first}/withdrawal"), 404, "not_found", "consent")
    gone = told(patient.post_(f"consents/{first}/withdrawal"), 201)
    assert gone["withdrawn_at"] is not None
    assert "consent" in closed(seen(patient, town))
    again = patient.post_(f"consents/{first}/withdrawal")
    assert_problem(again, 409, "already_withdrawn")


def test_what_was_signed_is_known_by_its_digest(town: Town, patient: Client) -> None:
    import hashlib

    (offered,) = (
        one for one in told(patient.get_("protocols"))["results"] if one["code"] == KETAMINE
    )
    assert offered["consent_off_label"] is True
    assert town.consent
    (line,) = told(patient.get_("consents"))["results"]
    assert line["text_sha256"] == hashlib.sha256(offered["consent_text"].encode()).hexdigest()


def test_nothing_of_this_is_open_to_strangers(town: Town) -> None:
    other = Town("Elsewhere")
    mallory = town.as_(town.world.patient("mallory"))
    bodies = {"items": [], "price_cents": PRICE, "reason": "x", "coverage": "maybe"}
    before = (other.assigned, other.consent, digest_of_all_rows())[2]
    for client, method, path, real in (
        (mallory, "POST", "visits/{}/readiness", other.visit),
        (mallory, "POST", "visits/{}/coverage", other.visit),
        (mallory, "POST", "consents/{}/withdrawal", other.consent),
        (town.as_(town.bob), "POST", "visits/{}/gates/kit/override", other.visit),
        (town.as_(town.bob), "DELETE", "visits/{}/gates/kit/override", other.visit),
        (town.as_(town.bob), "GET", "visits/{}/overrides", other.visit),
        (town.as_(town.bob), "POST", "visits/{}/readiness", other.visit),
        (town.as_(town.bob), "POST", "visits/{}/coverage", other.visit),
        (town.as_(town.bob), "GET", "patients/{}/coverage", other.alice.person_id),
        (town.as_(town.bob), "PUT", "patients/{}/coverage", other.alice.person_id),
    ):
        there, missing = (client.ask(method, path.format(one), bodies) for one in (real, uuid4()))
        assert (there.status_code, missing.status_code) == (404, 404), path
        assert there.content == missing.content
    assert digest_of_all_rows() == before
