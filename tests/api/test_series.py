"""A series over HTTP: every infusion at once, or none and what could be had instead."""

from datetime import datetime, timedelta
from uuid import uuid4

from dispatch.models import Hold, Series, Visit
from tests.api.story import told
from tests.api.town import WEEKLY, assert_problem, digest_of_all_rows
from tests.builders import TODAY

KEY = {"Idempotency_Key": "a key"}


def test_a_series_is_held_read_booked_and_seen_in_its_visits(town, patient) -> None:
    held = told(patient.post_("series", town.weekly), 201)
    assert (held["state"], held["planned"], held["phase"]) == ("held", 3, "induction")
    assert held["nurse"] == str(town.nina.person_id)
    assert [one["number"] for one in held["infusions"]] == [1, 2, 3]
    assert all(one["start"].endswith("-04:00") for one in held["infusions"])
    assert told(patient.get_(f"series/{held['id']}")) == held
    body = {"companion": str(town.carl.id)}
    booked = told(patient.post_(f"series/{held['id']}/book", body), 201)
    assert (booked["state"], {one["status"] for one in booked["infusions"]}) == (
        "booked", {"requested"},
    )  # fmt: skip
    listed = told(patient.get_("visits"))["results"]
    assert {(one["series"], one["series_number"]) for one in listed} == {
        (held["id"], number) for number in (1, 2, 3)
    }
    assert {one["companion"] for one in listed} == {str(town.carl.id)}
    assert_problem(patient.ask("DELETE", f"series/{held['id']}"), 409, "already_booked")


def test_a_series_that_is_given_back_frees_its_times(town, patient) -> None:
    held = told(patient.post_("series", town.weekly), 201)
    assert patient.ask("DELETE", f"series/{held['id']}").status_code == 204
    seen = told(patient.get_(f"series/{held['id']}"))
    assert (seen["state"], seen["infusions"]) == ("given_back", [])
    again = told(patient.post_("series", town.weekly), 201)
    assert again["infusions"] == held["infusions"]


def test_a_series_runs_out_after_ten_minutes(town, patient, administrator) -> None:
    held = told(patient.post_("series", town.weekly), 201)
    now = datetime.fromisoformat(told(patient.get_("me"))["market"]["now"])
    left = datetime.fromisoformat(held["expires_at"]) - now
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    told(administrator.post_(f"markets/{town.market.id}/clock", {"advance_s": 600}))
    seen = told(patient.get_(f"series/{held['id']}"))
    assert (seen["state"], seen["infusions"]) == ("lapsed", [])
    assert_problem(patient.post_(f"series/{held['id']}/book"), 409, "hold_expired")
    assert not Visit.objects.exists()
    told(patient.post_("series", town.weekly), 201)


def test_the_same_request_is_held_once_and_booked_once(town, patient) -> None:
    first, second = (patient.post_("series", town.weekly, **KEY) for _ in range(2))
    assert first.content == second.content
    assert (Series.objects.count(), Hold.objects.count()) == (1, 3)
    path, key = f"series/{first.json()['id']}/book", {"Idempotency_Key": "book"}
    first, second = (patient.post_(path, {}, **key) for _ in range(2))
    assert first.content == second.content
    assert Visit.objects.count() == 3


def test_every_alternative_can_be_posted_as_it_stands(town, patient) -> None:
    nora = town.world.nurse("nora")
    for day in range(3, 28, 3):
        town.world.shift(nora, TODAY + timedelta(days=day))
    pattern = {"nurse": str(town.nina.person_id), "weekdays": ["tuesday"],
               "hours": {"start": "13:00", "end": "15:00"}}  # fmt: skip
    wish = {"protocol": WEEKLY, "location": str(town.home.id)}
    before = digest_of_all_rows()
    refused = assert_problem(
        patient.post_("series", wish | {"pattern": pattern}, **KEY), 409, "no_series"
    )
    assert digest_of_all_rows() == before
    changes = [one["change"] for one in refused["alternatives"]]
    assert changes == ["with_backup", "other_nurse"]
    for one in refused["alternatives"]:
        held = told(patient.post_("series", wish | {"pattern": one["pattern"]}), 201)
        assert held["nurse"] == one["nurse"]
        shown = [{k: i[k] for k in ("start", "window_end", "nurse")} for i in held["infusions"]]
        assert shown == one["infusions"]
        patient.ask("DELETE", f"series/{held['id']}")


def test_a_place_of_somebody_else_is_no_place(town) -> None:
    mallory = town.as_(town.world.patient("mallory"))
    missing = town.weekly | {"location": str(uuid4())}
    seen, unseen = (mallory.post_("series", body) for body in (town.weekly, missing))
    assert_problem(seen, 404, "not_found", "location")
    assert seen.content == unseen.content


def test_a_dispatcher_books_for_a_patient_on_the_phone(town, dispatcher) -> None:
    held = told(dispatcher.post_("series", town.weekly), 201)
    booked = told(dispatcher.post_(f"series/{held['id']}/book"), 201)
    assert (booked["state"], booked["patient"]) == ("booked", str(town.alice.person_id))
