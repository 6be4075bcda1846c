"""Lists: filtered, a page at a time whatever is added meanwhile, and what visits refer to."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.town import ROOT, Client, Town, asked, assert_problem
from tests.builders import TODAY, TOMORROW, at

NOBODY = "01890000-0000-7000-8000-000000000000"


def ids(client: Client, **query: str) -> list[str]:
    return [one["id"] for one in client.get_("visits", **query).json()["results"]]


def test_visits_are_found_by_day_nurse_patient_and_status(town: Town, dispatcher: Client) -> None:
    visit, nina, alice = str(town.assigned), str(town.nina.person_id), str(town.alice.person_id)
    for found in (
        {"date": str(TOMORROW)}, {"from": str(TODAY), "to": str(TOMORROW)}, {"nurse": nina},
        {"patient": alice}, {"status": "assigned"}, {"status": "assigned", "nurse": nina},
    ):  # fmt: skip
        assert ids(dispatcher, **found) == [visit], found
    for empty in (
        {"date": str(TODAY)}, {"from": str(TODAY), "to": str(TODAY)}, {"nurse": NOBODY},
        {"patient": NOBODY}, {"status": "completed"}, {"series": NOBODY},
    ):  # fmt: skip
        assert ids(dispatcher, **empty) == [], empty


def test_a_nurse_who_is_only_reserved_is_not_found(town: Town, patient: Client) -> None:
    assert town.visit
    assert ids(patient, nurse=str(town.nina.person_id)) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2027-06-08", "to"), ("to=2027-06-08", "from"), ("nurse=x", "nurse"),
        ("from=2027-06-08&to=2027-06-07", "to"), ("from=2027-01-01&to=2027-04-03", "to"),
        ("status=x", "status"), ("expand=castle", "expand"), ("expand=location,castle", "expand"),
        ("date=20270608", "date"),
    ],
)  # fmt: skip
def test_a_filter_of_visits_that_cannot_be_is_named(dispatcher: Client, query, field) -> None:
    assert_problem(dispatcher.ask("GET", f"visits?{query}"), 400, "invalid", field)


def test_ninety_two_days_are_a_range(dispatcher: Client) -> None:
    assert dispatcher.ask("GET", "visits?from=2027-01-01&to=2027-04-02").status_code == 200


def test_a_page_is_followed_by_the_next_whatever_comes_in_between(town, patient) -> None:
    for number in range(7):
        add_companion(patient, number)
    page = patient.get_("companions", page_size="3").json()
    seen = [one["name"] for one in page["results"]]
    for number in range(7, 12):
        add_companion(patient, number)
        page = patient.get(page["next"]).json() if page["next"] else page
        seen += [one["name"] for one in page["results"] if one["name"] not in seen]
    assert seen == [f"Companion {number}" for number in reversed(range(7))]
    assert page["next"] is None


def add_companion(patient: Client, number: int) -> None:
    body = {"name": f"Companion {number}", "phone": "2025550101"}
    assert patient.post_("companions", body).status_code == 201


SHOWN = {
    "alice": {"location", "companion"},
    "bob": {"location", "companion", "patient", "nurse"},
    "nina": set(),
    "dora": {"patient"},
    "anna": {"nurse"},
}


@pytest.mark.parametrize("role", SHOWN)
def test_what_a_visit_refers_to_is_shown_to_whom_may_read_it(town: Town, role: str) -> None:
    client, visit = town.as_(getattr(town, role)), town.assigned
    for name in ("location", "companion", "patient", "nurse"):
        answer = client.get_(f"visits/{visit}", expand=name)
        if name in SHOWN[role]:
            shown = answer.json()["expanded"]
            assert [one for one, inner in shown.items() if inner is not None] == [name]
            assert client.get_("visits", expand=name).json()["results"][0]["expanded"] == shown
        else:
            assert_problem(answer, 400, "invalid", "expand")
    assert "expanded" not in client.get_(f"visits/{visit}").json()


def test_what_is_shown_along_is_what_is_read_by_itself(town: Town, dispatcher: Client) -> None:
    asked = dispatcher.get_(f"visits/{town.assigned}", expand="location,companion,patient,nurse")
    shown = asked.json()["expanded"]
    for name, address in (("location", "locations"), ("companion", "companions"),
                          ("patient", "patients"), ("nurse", "nurses")):  # fmt: skip
        assert shown[name] in dispatcher.get_(address).json()["results"]


def test_however_many_visits_the_queries_are_as_many(town: Town, dispatcher: Client) -> None:
    assert town.assigned
    one = queries_of(dispatcher)
    for name in ("amy", "ben", "cleo"):
        home = town.world.home(town.world.patient(name))
        assert dispatcher.post_("visits", asked((at(8), at(18)), home)).status_code == 201
    assert len(ids(dispatcher)) == 4
    assert queries_of(dispatcher) == one


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{ROOT}visits?expand=location,companion,patient,nurse")
        assert answer.status_code == 200
    return len(queries)
