"""What remains after a visit, over HTTP: verified, exported, corrected, billed, shared."""

import csv
import io
from uuid import uuid4

import pytest

from api.spreadsheet import harmless
from dispatch.models import AuditEntry, Licence, Order, VerificationCorrection
from tests.api.town import Client, Town, assert_problem
from tests.builders import KETAMINE, STREET, TOMORROW, at, named
from tests.readying import sign_papers
from workers import work

DAY = {"from": TOMORROW.isoformat(), "to": TOMORROW.isoformat()}


def corrected(client: Client, town: Town, element: str, value: str):
    body = {"element": element, "value": value, "reason": "wrong_entry"}
    return client.post_(f"verifications/{town.verification}/corrections", body)


def lines_of(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_verified_visit_is_listed_with_what_counts_and_every_correction(
    town: Town, dispatcher, administrator
) -> None:
    assert town.completed
    (before,) = dispatcher.get_("verifications", **DAY).json()["results"]
    assert (before["recipient"], before["corrections"]) == (named("alice"), [])
    assert (before["begun_at"], before["ended_at"]) == (
        "2027-06-08T10:00:00-04:00", "2027-06-08T12:00:00-04:00",
    )  # fmt: skip
    answer = corrected(administrator, town, "ended_at", "2027-06-08T12:30")
    assert (answer.status_code, answer.json()["ended_at"]) == (201, "2027-06-08T12:30:00-04:00")
    (after,) = dispatcher.get_("verifications", **DAY).json()["results"]
    (fix,) = after["corrections"]
    assert (fix["old_value"], fix["new_value"], fix["by"]) == (
        at(12).isoformat(), at(12, 30).isoformat(), str(town.anna.user_id),
    )  # fmt: skip


def test_days_are_included_and_others_are_not(town: Town, dispatcher) -> None:
    assert town.completed
    for first, last, count in (
        ("2027-06-08", "2027-09-07", 1), ("2027-03-09", "2027-06-08", 1),
        ("2027-06-09", "2027-06-09", 0), ("2027-06-07", "2027-06-07", 0),
    ):  # fmt: skip
        found = dispatcher.get_("verifications", **{"from": first, "to": last}).json()["results"]
        assert len(found) == count, (first, last)


@pytest.mark.parametrize("how", [{"format": "csv"}, {"HTTP_ACCEPT": "text/csv"}])
def test_the_same_comes_as_csv_and_that_is_audited(town: Town, dispatcher, how) -> None:
    assert corrected(dispatcher, town, "recipient", '=HYPERLINK("x", "y")').status_code == 201
    query = "&".join(f"{name}={day}" for name, day in DAY.items())
    asked = f"verifications?{query}" + (f"&format={how['format']}" if "format" in how else "")
    accepts = {"Accept": how["HTTP_ACCEPT"]} if "HTTP_ACCEPT" in how else {}
    answer = dispatcher.ask("GET", asked, **accepts)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "verified-visits-2027-06-08-2027-06-08.csv" in answer.headers["Content-Disposition"]
    (line,) = lines_of(answer)
    assert line["visit"] == str(town.visit)
    assert line["recipient"] == '\'=HYPERLINK("x", "y")', "no formula"
    assert (line["service"], line["date"]) == (KETAMINE, "2027-06-08")
    assert line["corrections"] == "recipient: wrong_entry"
    assert AuditEntry.objects.filter(verb="export", user_id=town.bob.user_id).count() == 1


def test_a_refusal_of_an_export_is_a_problem_document(town: Town, dispatcher) -> None:
    answer = dispatcher.ask("GET", "verifications?format=csv&from=2027-06-08&to=x")
    assert_problem(answer, 400, "invalid", "to")
    assert not AuditEntry.objects.filter(verb="export").exists()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\ta", "'\ta"),
     ("\ra", "'\ra"), ("a=b", "a=b"), ("", ""), (-77.0369, -77.0369), (None, None)],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_reckon_is_quoted_and_a_number_is_not(cell, shown):
    assert harmless(cell) == shown


def test_a_correction_sent_twice_with_one_key_is_one(town: Town, dispatcher) -> None:
    body = {"element": "address", "value": "2 Main Street", "reason": "other_place"}
    path = f"verifications/{town.verification}/corrections"
    first, second = (dispatcher.post_(path, body, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert VerificationCorrection.objects.count() == 1


def test_people_do_not_correct_in_the_name_of_the_phone(town: Town, dispatcher) -> None:
    body = {"element": "address", "value": "x", "reason": "late_device_record"}
    answer = dispatcher.post_(f"verifications/{town.verification}/corrections", body)
    assert_problem(answer, 400, "invalid", "reason")


# -- superbill


@pytest.mark.parametrize("who", ["alice", "bob", "anna"])
def test_a_completed_visit_has_a_superbill(town: Town, who) -> None:
    Licence.objects.filter(nurse_id=town.nina.person_id, code="DC").update(number="RN 123")
    path = f"visits/{town.completed}/superbill"
    bill = town.as_(getattr(town, who)).get_(path).json()
    assert (bill["provider"], bill["licence"]) == ("nina", "DC RN 123")
    assert (bill["recipient"], bill["date"]) == (named("alice"), "2027-06-08")
    assert bill["place"] == f"{STREET}, DC 20001"
    assert [(one["system"], one["code"]) for one in bill["codes"]] == [
        ("CPT", "96365"), ("HCPCS", "J3490"),
    ]  # fmt: skip
    assert (bill["price_cents"], bill["fee_cents"]) == (59500, None)
    assert (bill["coverage"], bill["diagnoses"]) == ("unknown", [] if who == "alice" else None)


def test_a_superbill_counts_the_corrections_and_can_be_printed(town: Town, patient, dispatcher):
    assert corrected(dispatcher, town, "address", "<2> Main & Oak").status_code == 201
    path = f"visits/{town.completed}/superbill"
    assert patient.get_(path).json()["place"] == "<2> Main & Oak"
    page = patient.ask("GET", path, Accept="text/html")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.content.decode()
    for words in ("Superbill", "$595.00", "96365", "unknown", "&lt;2&gt; Main &amp; Oak"):
        assert words in text
    assert "fee" not in text


def test_a_visit_that_is_not_completed_has_none(town: Town, patient, nurse) -> None:
    answer = patient.ask("GET", f"visits/{town.assigned}/superbill", Accept="text/html")
    assert_problem(answer, 409, "not_completed")
    assert nurse.get_(f"visits/{town.assigned}/superbill").status_code == 403


def test_there_is_a_superbill_before_a_worker_has_verified_the_visit(town: Town, patient) -> None:
    town.world.carry_out(town.assigned, at(10), at(12))
    assert patient.get_(f"visits/{town.visit}/superbill").json()["provider"] == "nina"


# -- consults and sharing


def test_a_patient_asks_for_a_consult_and_finds_its_link(town: Town, patient, dispatcher) -> None:
    body = {"kind": "before_first", "protocol": KETAMINE, "starts_at": "2027-06-08T09:00"}
    asked = patient.post_("consults", body)
    assert asked.status_code == 201
    line = asked.json()
    assert (line["state"], line["link"], line["minutes"]) == ("asked", "", 30)
    assert line["clinician"] == str(town.dora.user_id)
    work.open_rooms()
    for client in (patient, dispatcher, town.as_(town.dora)):
        (seen,) = client.get_("consults").json()["results"]
        assert seen["state"] == "ready"
    from django.test import Client as Browser

    page = Browser().get(seen["link"].partition("://")[2].partition("/")[2].join(["/", ""]))
    assert "stands in" in page.content.decode()
    assert_problem(patient.post_("consults", body), 409, "patient_taken")


def test_nobody_is_appointed_who_is_no_clinician(town: Town, patient) -> None:
    body = {"kind": "follow_up", "protocol": KETAMINE, "starts_at": "2027-06-08T09:00"}
    answer = patient.post_("consults", body | {"clinician": str(uuid4())})
    assert_problem(answer, 400, "invalid", "clinician")


def test_a_patient_reads_the_wording_agrees_and_takes_it_back(town: Town, patient, dispatcher):
    terms = patient.get_("sharing-terms").json()
    assert "take it back" in terms["text"]
    body = {"recipient": "mental_health_provider", "name": "Dr. Blue",
            "email": "blue@example.org", "text_version": terms["version"]}  # fmt: skip
    given = patient.post_("sharing-consents", body)
    assert given.status_code == 201
    (seen,) = dispatcher.get_("sharing-consents", patient=str(town.alice.person_id)).json()[
        "results"
    ]
    assert (seen["channel"], seen["contact"]) == ("email", "blue@example.org")
    path = f"sharing-consents/{seen['id']}/withdrawal"
    assert patient.post_(path).json()["withdrawn_at"] is not None
    assert_problem(patient.post_(path), 409, "withdrawn")


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({}, "phone"),
        ({"phone": "2025550133", "email": "a@example.org"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"email": None}, "email"),
    ],
)
def test_a_recipient_has_one_contact(town: Town, patient, contact, field) -> None:
    body = {"recipient": "primary_physician", "name": "Dr. Green", "text_version": 1}
    assert_problem(patient.post_("sharing-consents", body | contact), 400, "invalid", field)


def test_what_an_order_may_say_is_not_invented(town: Town, patient) -> None:
    """Where no order names a diagnosis, neither does the bill."""
    sign_papers(town.world)
    assert Order.objects.exists()
    assert patient.get_(f"visits/{town.completed}/superbill").json()["diagnoses"] == []
