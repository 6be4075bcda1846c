"""Screening over HTTP: one question at a time, the crisis line, the gate, the clinician's part."""

import pytest

from tests.answers import CLEARED
from tests.api.story import closed, told
from tests.api.town import NEXT_DAY, assert_problem
from tests.builders import KETAMINE, NOW
from tests.readying import sign_papers

ANSWERS = "screenings/answers"


def say(client, **answers):
    return told(client.post_(ANSWERS, {"protocol": KETAMINE, "answers": answers}), 201)


def test_a_patient_answers_one_at_a_time_and_goes_on_another_day(town, patient) -> None:
    asked = told(patient.get_(ANSWERS, protocol=KETAMINE))
    assert (asked["answered"], asked["next"]["id"]) == (0, "birth_date")
    said = say(patient, birth_date="1980-05-17")
    assert said["progress"]["next"]["id"] == "suicidal_now"
    crisis = say(patient, suicidal_now=True)
    assert "988" in crisis["crisis"][0]
    assert crisis["progress"]["next"]["id"] == "indication"
    assert crisis["screening"] is None
    resumed = told(patient.get_(ANSWERS, protocol=KETAMINE))
    assert (resumed["answered"], resumed["next"]["id"]) == (2, "indication")
    assert told(town.as_(town.dora).get_("tasks"))["results"][0]["urgent"]
    last = say(patient, **(CLEARED | {"therapist": None, "notes": None}))
    assert last["progress"]["next"] is None
    assert last["screening"]["outcome"] == "cleared"


def test_a_dispatcher_and_the_nurse_of_the_visit_may_ask_and_a_stranger_not(town) -> None:
    body = {"protocol": KETAMINE, "patient": str(town.alice.person_id), "answers": {"mania": False}}
    assert town.assigned
    told(town.as_(town.bob).post_(ANSWERS, body), 201)
    told(town.as_(town.nina).post_(ANSWERS, body), 201)
    stranger = town.as_(town.world.nurse("nora"))
    assert_problem(stranger.post_(ANSWERS, body), 404, "not_found")


def test_a_bad_answer_is_named(patient) -> None:
    refused = patient.post_(ANSWERS, {"protocol": KETAMINE, "answers": {"pregnant": "perhaps"}})
    assert_problem(refused, 400, "answers_invalid", "pregnant")


def test_a_key_that_comes_again_keeps_one_answer(town, patient) -> None:
    from dispatch.models import Answer

    body = {"protocol": KETAMINE, "answers": {"mania": False}}
    for _ in range(2):
        assert patient.post_(ANSWERS, body, Idempotency_Key="a").status_code == 201
    assert Answer.objects.count() == 1


def test_the_gate_of_a_visit_names_what_is_missing_and_never_what_was_said(town, patient) -> None:
    sign_papers(town.world)
    town.set_clock(NOW)
    assert "clearance" not in closed(told(patient.get_(f"visits/{town.visit}")))
    assert told(patient.get_(f"visits/{town.visit}/questions"))["questions"] == []
    say(patient, pregnant="yes")
    seen = told(town.as_(town.bob).get_(f"visits/{town.visit}"))
    assert "clearance" in closed(seen)
    assert "pregnan" not in str(seen).lower()


def test_who_is_not_cleared_is_told_why_and_staff_are_not(town, patient, dispatcher) -> None:
    sign_papers(town.world)
    say(patient, pregnant="yes")
    mine = assert_problem(patient.post_("holds", {"slot": town.slot}), 409, "not_cleared")
    assert mine["reasons"] == ["pregnant"]
    theirs = assert_problem(dispatcher.post_("holds", {"slot": town.slot}), 409, "not_cleared")
    assert "reasons" not in theirs
    assert "pregnan" not in str(theirs).lower()


@pytest.mark.parametrize("last_dose", ["2027-06-01", "2027-06-20"])
def test_a_prescriber_agrees_the_last_dose_and_clears(town, prescriber, patient, last_dose) -> None:
    path = f"screenings/{town.for_agreement}"
    assert_problem(prescriber.post_(f"{path}/clearance"), 409, "medication_open")
    body = {"rule": "benzodiazepine", "last_dose_on": last_dose, "agreed_with": "Dr. Okafor"}
    agreed = told(prescriber.post_(f"{path}/medication", body), 201)
    assert (
        agreed["earliest_on"] == {"2027-06-01": "2027-06-15", "2027-06-20": "2027-07-04"}[last_dose]
    )
    told(prescriber.post_(f"{path}/clearance"), 201)
    refused = prescriber.post_(f"{path}/medication", body)
    assert_problem(refused, 409, "not_for_review")
    query = {"protocol": KETAMINE, "location": str(town.home.id)} | NEXT_DAY
    assert told(patient.get_("slots", **query))["results"] == []
