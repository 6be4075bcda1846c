"""A slot is taken for ten minutes: booked, given back, or run out."""

from datetime import datetime, timedelta

from dispatch.models import Hold, Reservation, Visit
from tests.api.story import told
from tests.api.town import NEXT_DAY, assert_problem
from tests.builders import KETAMINE, at


def taken(town, client, slot: str | None = None) -> dict:
    return told(client.post_("holds", {"slot": slot or town.slot}), 201)


def test_a_slot_that_is_taken_is_taken(town, patient) -> None:
    taken(town, patient)
    zoe = town.world.patient("zoe")
    home = town.world.home(zoe)
    found = told(town.as_(zoe).get_("slots", protocol=KETAMINE, location=str(home.id), **NEXT_DAY))
    starts = [datetime.fromisoformat(one["start"]) for one in found["results"]]
    assert at(17) not in starts
    assert_problem(patient.post_("holds", {"slot": town.slot}), 409, "slot_taken")
    assert Hold.objects.count() == 1


def test_a_hold_that_is_given_back_frees_the_slot(town, patient) -> None:
    hold = taken(town, patient)
    answer = patient.ask("DELETE", f"holds/{hold['id']}")
    assert answer.status_code == 204
    assert not answer.content
    assert not Reservation.objects.exists()
    assert_problem(patient.ask("DELETE", f"holds/{hold['id']}"), 404, "not_found", "hold")
    taken(town, patient)


def test_a_hold_runs_out_after_ten_minutes(town, patient, administrator) -> None:
    hold = taken(town, patient)
    now = datetime.fromisoformat(told(patient.get_("me"))["market"]["now"])
    left = datetime.fromisoformat(hold["expires_at"]) - now
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    clock = f"markets/{town.market.id}/clock"
    told(administrator.post_(clock, {"advance_s": 600}))
    assert_problem(patient.post_("visits", {"hold": hold["id"]}), 409, "hold_expired")
    assert not Visit.objects.exists()
    taken(town, patient)


def test_a_hold_is_good_until_it_runs_out(town, patient, administrator) -> None:
    hold = taken(town, patient)
    told(administrator.post_(f"markets/{town.market.id}/clock", {"advance_s": 580}))
    told(patient.post_("visits", {"hold": hold["id"]}), 201)
    assert not Hold.objects.exists()
    assert_problem(patient.post_("visits", {"hold": hold["id"]}), 404, "not_found", "hold")


def test_a_hold_for_one_treatment_does_not_move_another(town, patient) -> None:
    query = {"protocol": "hydration_drip", "location": str(town.home.id), **NEXT_DAY}
    slots = told(patient.get_("slots", **query))["results"]
    hold = taken(town, patient, slots[-1]["id"])
    refused = patient.post_(f"visits/{town.visit}/reschedule", {"hold": hold["id"]})
    assert_problem(refused, 409, "other_treatment")


def test_a_nurse_who_was_asked_for_is_named_in_the_slot(town, patient) -> None:
    query = {"protocol": KETAMINE, "location": str(town.home.id), **NEXT_DAY}
    nina = str(town.nina.person_id)
    with_her = told(patient.get_("slots", nurse=nina, **query))["results"]
    assert {one["nurse"] for one in with_her} == {nina}
    assert {one["nurse"] for one in told(patient.get_("slots", **query))["results"]} == {None}


def test_slots_are_told_by_the_patients_clocks(town, patient) -> None:
    query = {"protocol": KETAMINE, "location": str(town.home.id), **NEXT_DAY}
    for one in told(patient.get_("slots", **query))["results"]:
        assert one["start"].endswith("-04:00")
        assert one["start"] < one["window_end"]
