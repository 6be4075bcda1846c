"""Times that no visit can be asked for, and slots that are none of ours."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.town import Town, asked, assert_problem, digest_of_all_rows
from tests.builders import KETAMINE, NOW, TODAY, at
from tests.builders import World as Elsewhere

DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (at(8) - 9 * DAYS, at(18) - 9 * DAYS, "window.end"),
        (NOW - timedelta(hours=2), NOW - timedelta(seconds=1), "window.end"),
        (NOW, NOW + timedelta(hours=3), "window.end"),
        (at(18), at(8), "window.end"),
        (at(8), at(9) + 14 * DAYS, "window.end"),
        (at(8) + 93 * DAYS, at(18) + 93 * DAYS, "window.start"),
    ],
    ids=["past", "just past", "too soon", "reversed", "too wide", "too far ahead"],
)
def test_a_window_that_cannot_be_is_named(town, patient, start, end, field) -> None:
    before = digest_of_all_rows() if town.home else ""
    answer = patient.post_("visits", asked((start, end), town.home))
    assert_problem(answer, 400, "invalid", field)
    assert digest_of_all_rows() == before


@pytest.mark.parametrize("start", ["2027-03-14T02:30", "2027-03-14T02:30-05:00"])
def test_a_time_that_the_clocks_jump_over_is_refused(town, patient, start) -> None:
    town.set_clock(at(8, day=TODAY.replace(month=3, day=10)))
    body = asked((NOW, NOW), town.home) | {"window": {"start": start, "end": "2027-03-14T18:00"}}
    document = assert_problem(patient.post_("visits", body), 400, "invalid", "window.start")
    assert "put forward" in document["errors"][0]["message"]
    body["window"]["start"] = "2027-03-14T03:30"
    assert patient.post_("visits", body).status_code == 201


def test_a_visit_is_asked_for_by_a_hold_or_by_a_window_not_both(town, patient) -> None:
    both = asked((at(8), at(18)), town.home) | {"hold": str(town.hold)}
    document = assert_problem(patient.post_("visits", both), 400, "invalid")
    assert [one["field"] for one in document["errors"]] == ["location", "protocol", "window"]


@pytest.mark.parametrize("spoil", [
    lambda slot: slot[:-1] + ("A" if slot[-1] != "A" else "B"),
    lambda slot: "x" + slot,
    lambda slot: slot[1:],
    lambda slot: slot.replace(":", "."),
    lambda slot: slot.upper(),
    lambda _: "x:y:z",
    lambda _: "é:1:2",
    lambda _: str(uuid4()),
])  # fmt: skip
def test_a_slot_that_is_not_ours_is_refused(town, patient, spoil) -> None:
    slot, before = town.slot, digest_of_all_rows()
    assert_problem(patient.post_("holds", {"slot": spoil(slot)}), 400, "invalid", "slot")
    assert digest_of_all_rows() == before


def test_a_slot_of_one_patient_is_no_slot_of_another(town) -> None:
    slot, mallory = town.slot, town.as_(town.world.patient("mallory"))
    assert_problem(mallory.post_("holds", {"slot": slot}), 404, "not_found", "location")


def test_ids_of_another_patient_are_as_unknown_as_invented_ones(town, patient) -> None:
    stranger = town.world.patient("mallory")
    home, companion = town.world.home(stranger), town.world.companion(stranger)
    window = (at(8), at(18))
    before = digest_of_all_rows() if town.home else ""
    for body, field in (
        (asked(window, home), "location"),
        (asked(window, town.home) | {"companion": str(companion.id)}, "companion"),
    ):
        assert_problem(patient.post_("visits", body), 404, "not_found", field)
    assert digest_of_all_rows() == before


def test_a_companion_of_another_patient_is_not_taken_from_staff_either(town, dispatcher) -> None:
    companion = town.world.companion(town.world.patient("mallory"))
    body = asked((at(8), at(18)), town.home) | {"companion": str(companion.id)}
    assert_problem(dispatcher.post_("visits", body), 400, "invalid", "companion")


def test_ids_of_another_market_are_unknown_here(town, dispatcher) -> None:
    elsewhere = Elsewhere("Elsewhere")
    home = elsewhere.home(elsewhere.patient("zoe"))
    answer = dispatcher.post_("visits", asked((at(8), at(18)), home))
    assert_problem(answer, 404, "not_found", "location")
    nurse = elsewhere.nurse("nora")
    answer = dispatcher.post_(f"visits/{town.visit}/assign", {"nurse": str(nurse.person_id)})
    assert_problem(answer, 404, "not_found", "nurse")
    body = {"patient": str(home.patient_id), "protocol": KETAMINE, "answers": {}}
    assert_problem(dispatcher.post_("screenings", body), 404, "not_found", "patient")


def test_every_question_at_fault_is_named(town, patient) -> None:
    from tests.answers import CLEARED

    wrong = {
        "birth_date": "2999-01-01", "mania": "no", "pregnant": "perhaps", "medications": ["x"] * 51,
        "other_treatments": ["x" * 10_000], "failed_antidepressants": ["a\x00b"], "shoe size": 43,
        "mental_health_provider": {"name": "\ud800", "contact": "x"}, "\ud800": 1,
    }  # fmt: skip
    before = digest_of_all_rows()
    body = {"protocol": KETAMINE, "answers": CLEARED | wrong}
    document = assert_problem(patient.post_("screenings", body), 400, "answers_invalid")
    assert {one["field"] for one in document["errors"]} == set(wrong)
    assert digest_of_all_rows() == before


def test_more_infusions_than_the_protocol_has_are_refused(town: Town, prescriber) -> None:
    body = {"patient": str(town.alice.person_id), "protocol": KETAMINE, "infusions": 7}
    assert_problem(prescriber.post_("orders", body), 400, "invalid", "infusions")


def test_a_consent_text_that_was_never_shown_is_refused(patient) -> None:
    body = {"protocol": KETAMINE, "text_version": 2, "name": "Alice A."}
    assert_problem(patient.post_("consents", body), 400, "invalid", "text_version")
