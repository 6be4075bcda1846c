"""A nurse's phone and the record, over HTTP: told twice, shown to whom it concerns."""

from typing import Any
from uuid import uuid4

import pytest

from dispatch.models import FieldEvent, Task
from tests.api.story import told
from tests.api.town import Client, Town, assert_problem, digest_of_all_rows
from tests.builders import at
from tests.telling import WELL
from tests.telling import told as event


@pytest.fixture
def sent(town: Town) -> list[dict[str, Any]]:
    assert town.assigned
    town.set_clock(at(11))
    return [
        event("vitals", at(10, 5), **WELL), event("arrive", at(10), lat=38.9072, lng=-77.0369),
        event("depart", at(9, 40)), event("note", at(10, 6), text="Dog in the yard."),
    ]  # fmt: skip


def events(client: Client, town: Town, body: Any) -> Any:
    return client.post_(f"visits/{town.visit}/events", body)


def test_what_is_sent_twice_and_backwards_is_told_once(town, nurse, sent) -> None:
    first = told(events(nurse, town, sent))
    before = digest_of_all_rows()
    again = told(events(nurse, town, sent[::-1]))
    assert first == again
    assert digest_of_all_rows() == before
    assert (first["status"], len(first["events"])) == ("arrived", 4)
    assert first["arrival"]["off_m"] == 0
    assert [one["type"] for one in first["events"]] == ["depart", "arrive", "vitals", "note"]


def test_one_that_cannot_be_read_is_named_by_its_place_and_none_is_kept(town, nurse, sent) -> None:
    sent[2]["data"] = {"lat": 3}
    assert_problem(events(nurse, town, sent), 400, "invalid", "[2].data.lat")
    sent[2]["data"], sent[1]["data"] = {}, {"lat": 91, "lng": 0}
    assert_problem(events(nurse, town, sent), 400, "invalid", "[1].data.lat")
    assert not FieldEvent.objects.exists()


def test_too_many_at_once_are_refused(town, nurse, sent) -> None:
    many = [event("note", at(10), text="x") for _ in range(501)]
    assert_problem(events(nurse, town, many), 400, "invalid", "events")
    assert told(events(nurse, town, many[1:]))["status"] == "assigned"


def test_an_id_that_told_something_else_is_a_conflict(town, nurse, sent) -> None:
    told(events(nurse, town, sent))
    other = sent[3] | {"data": {"text": "No dog."}}
    refused = assert_problem(events(nurse, town, [other]), 409, "event_differs")
    assert refused["event"] == other["id"]


def test_who_sees_what_of_the_record(town, nurse, prescriber, dispatcher, patient, sent) -> None:
    assert town.assigned
    told(events(nurse, town, sent))
    path = f"visits/{town.visit}/record"
    whole = told(nurse.get_(path))
    assert told(prescriber.get_(path)) == whole
    assert whole["baseline"] == WELL
    shown = told(dispatcher.get_(path))
    assert (shown["baseline"], shown["events"]) == ({}, [])
    assert shown["arrived_at"] == whole["arrived_at"]
    assert "yard" not in str(shown)
    assert patient.get_(path).status_code == 403
    mallory = town.as_(town.world.nurse("mallory"))
    assert_problem(mallory.get_(path), 404, "not_found")
    assert_problem(events(mallory, town, sent), 404, "not_found")


def test_a_severe_reaction_says_whom_to_call_and_is_on_the_prescribers_list(
    town, nurse, prescriber, sent
) -> None:
    bad = event("adverse_event", at(10, 30), severity="severe", text="Short of breath.")
    assert "911" in told(events(nurse, town, [bad]))["advice"]
    (task,) = told(prescriber.get_("tasks"))["results"]
    assert (task["kind"], task["urgent"], task["visit"]) == ("adverse_event", True, str(town.visit))
    assert Task.objects.count() == 1


def test_what_is_owed_is_shown(town, patient, dispatcher) -> None:
    path = f"visits/{town.assigned}"
    assert told(patient.get_(path))["fee_cents"] is None
    refused = patient.post_(f"{path}/cancel", {"reason": "x", "charge": False})
    assert_problem(refused, 400, "invalid", "charge")
    body = {"reason": "No nurse can come.", "charge": False}
    assert told(dispatcher.post_(f"{path}/cancel", body))["fee_cents"] == 0


def test_the_id_of_an_event_of_another_visit_is_a_conflict(town, nurse, sent) -> None:
    told(events(nurse, town, sent))
    amy = town.world.patient("amy")
    other = town.world.book(town.world.home(amy), amy, at(14), now=at(9))
    from dispatch.services.assignment import assign_visit

    assign_visit(other, now=at(9))
    assert_problem(nurse.post_(f"visits/{other}/events", sent[:1]), 409, "event_differs")
    fresh = [sent[0] | {"id": str(uuid4())}]
    assert told(nurse.post_(f"visits/{other}/events", fresh))["status"] == "assigned"
