"""What of a row each role is told: the answers about health, asked for by everybody who may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.infusions import Improvement
from dispatch.domain.people import Scope
from dispatch.models import MessageAttempt, Visit
from dispatch.services.orders import sign_order
from dispatch.services.responses import Finding, record_response_to_series
from dispatch.services.service_accounts import make_service_account
from tests.answers import CLEARED
from tests.api.story import told
from tests.api.town import Client, Town
from tests.builders import KETAMINE, NOW, PHONE, TOMORROW, at

LATER = TOMORROW + timedelta(days=9)


def client_of(town: Town, name: str) -> Client:
    if name != "program":
        return town.as_(getattr(town, name))
    _, token = make_service_account(
        "p", list(Scope), expires_at=at(12, day=LATER), by=town.anna, now=NOW
    )
    client = Client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.mark.parametrize(
    ("name", "told_why"), [("alice", True), ("dora", True), ("nina", False), ("bob", False)]
)
def test_only_the_patient_and_prescribers_are_told_why_a_screening_came_out_so(
    town: Town, name: str, told_why
) -> None:
    """Whoever has asked the questions is told the outcome, and where help is to be had."""
    assert town.assigned
    answers = CLEARED | {"suicidal_now": True, "pregnant": "yes"}
    body = {"patient": str(town.alice.person_id), "protocol": KETAMINE}
    by = client_of(town, name)
    last = told(by.post_("screenings/answers", body | {"answers": answers}), 201)
    assert "988" in last["crisis"][0]
    assert last["screening"] is None
    rest = {"therapist": None, "notes": None}
    last = told(by.post_("screenings/answers", body | {"answers": rest}), 201)
    assert last["screening"]["outcome"] == "refused"
    codes = {one["code"] for one in last["screening"]["reasons"]}
    assert ("pregnant" in codes) is told_why
    assert ("pregnan" in str(last["screening"]).lower()) is told_why
    if name in {"alice", "bob"}:
        whole = told(by.post_("screenings", body | {"answers": answers}), 201)
        assert "988" in whole["crisis"][0]
        assert bool(whole["reasons"]) is told_why
        read = told(by.get_(f"screenings/{whole['id']}"))
        assert (read["outcome"], read["crisis"]) == ("refused", [])
        assert bool(read["reasons"]) is told_why


def test_diagnoses_are_for_the_patient_and_prescribers(town: Town) -> None:
    sign_order(
        patient_id=town.alice.person_id, protocol_code=KETAMINE, infusions=6, dose_ug_per_kg=500,
        diagnoses=["F33.2"], by=town.dora, now=NOW,
    )  # fmt: skip
    path = f"visits/{town.completed}/superbill"
    for name, found in (("alice", ["F33.2"]), ("dora", ["F33.2"]), ("bob", None), ("anna", None)):
        assert told(client_of(town, name).get_(path))["diagnoses"] == found, name
    (order,) = told(client_of(town, "nina").get_("orders"))["results"]
    assert (order["diagnoses"], order["dose_ug_per_kg"]) == (None, 500)
    page = client_of(town, "bob").ask("GET", path, Accept="text/html").content.decode()
    assert "Diagnoses" not in page


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("alice", "adverse_reaction"), ("nina", "adverse_reaction"), ("dora", "adverse_reaction"),
        ("bob", ""), ("anna", ""), ("program", ""),
    ],
)  # fmt: skip
def test_why_a_visit_was_broken_off_is_not_for_the_desk(town: Town, name: str, code) -> None:
    path = f"visits/{town.assigned}"
    Visit.objects.filter(id=town.visit).update(ended_code="adverse_reaction")
    answer = client_of(town, name).get_(path)
    assert told(answer)["ended_code"] == code
    assert ("adverse_reaction" in answer.content.decode()) is bool(code)


def test_the_desk_does_not_read_in_the_record_why_a_visit_was_broken_off(town: Town) -> None:
    path = f"visits/{town.assigned}"
    town.set_clock(at(10))
    events = [
        {"id": "0197f2c4-0000-7000-8000-000000000001", "type": kind, "data": data,
         "device_time": at(9, minute).isoformat()}
        for minute, kind, data in (
            (0, "depart", {}), (20, "arrive", {"lat": 38.9, "lng": -77.0}),
            (30, "abort", {"reason": "adverse_reaction", "text": "Hives."}),
        )
    ]  # fmt: skip
    for number, one in enumerate(events):
        one["id"] = one["id"][:-1] + str(number)
    whole = told(client_of(town, "nina").post_(f"{path}/events", events))
    assert whole["ended_code"] == "adverse_reaction"
    shown = told(client_of(town, "bob").get_(f"{path}/record"))
    assert (shown["status"], shown["ended_code"], shown["ended_because"]) == ("aborted", "", "")


def test_scores_are_for_the_patient_and_prescribers(town: Town) -> None:
    assert town.assigned
    patient = str(town.alice.person_id)
    body = {"patient": patient, "instrument": "phq9", "items": [1] * 9}
    for name, total in (("alice", 9), ("dora", 9), ("nina", None)):
        taken = told(client_of(town, name).post_("scores", body), 201)
        assert taken["total"] == total
        assert "988" in taken["crisis"], "who may be in danger is helped, whoever hears it"


def test_what_came_of_a_series_is_for_the_patient_and_prescribers(town: Town) -> None:
    finding = Finding(Improvement.SOME, "sleeps better")
    record_response_to_series(town.given, finding=finding, by=town.dora, now=NOW)
    for name, said in (("alice", ("some", "sleeps better")), ("dora", ("some", "sleeps better")),
                       ("bob", (None, None))):  # fmt: skip
        seen = told(client_of(town, name).get_(f"series/{town.given}/dashboard"))
        (response,) = seen["responses"]
        assert (response["improvement"], response["note"]) == said
        assert (seen["scores"] is None) is (name == "bob")


def test_what_was_written_and_to_which_number_is_for_dispatchers(town: Town) -> None:
    MessageAttempt.objects.create(
        market=town.market, message_id=town.dead_message, begun_at=NOW, channel="text",
        recipient=PHONE, body="Tomorrow at ten.",
    )  # fmt: skip
    for name, words in (("bob", True), ("program", False)):
        answer = client_of(town, name).get_("messages")
        (one,) = [one for line in told(answer)["results"] for one in line["tries"]]
        assert (one["body"], one["recipient"]) == (
            ("Tomorrow at ten.", PHONE) if words else (None, None)
        )


def test_how_much_a_visit_used_is_not_for_dispatchers(town: Town) -> None:
    path = f"visits/{town.completed}/custody"
    for name in ("nina", "dora", "anna", "program"):
        seen = told(client_of(town, name).get_(path))
        assert seen["balance_ug"] is not None, name
    seen = told(client_of(town, "bob").get_(path))
    assert (seen["balance_ug"], seen["vials"], seen["entries"]) == (None, [], [])
    assert isinstance(seen["settled"], bool)
