"""Everything that is held about a patient, and what is left of it once it was erased."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BinaryField

from dispatch.domain.channels import Channel
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.models import (
    AuditEntry,
    BrokenGlass,
    Erasure,
    IdempotencyRecord,
    MessageAttempt,
    Patient,
    ScreenSession,
    Stop,
    Task,
    User,
)
from dispatch.models.clock import database_now
from dispatch.models.encrypted import EncryptedText, blind_index
from dispatch.selectors.about_patients import references
from dispatch.selectors.contacts import reach_of
from dispatch.selectors.people import patients_with
from dispatch.services.break_glass import break_glass, review_broken_glass
from dispatch.services.contacts import stop_address
from dispatch.services.erasing import CONTACT, erase_patient
from tests.api.town import Town, assert_problem
from tests.builders import COMPANIONS_PHONE, NOW, PHONE, STREET, named
from workers import work

RECORD = {
    "answer.value", "assignment.reason", "broken_glass.finding", "broken_glass.reason",
    "clinical_order.diagnoses", "consent.name",
    "coverage.payer", "custody_entry.reason", "erasure.because", "field_event.data",
    "gate_override.reason",
    "gate_override_end.reason", "home_check.items", "medication_agreement.agreed_with",
    "medication_agreement.last_dose_on", "medication_agreement.question",
    "response.improvement", "response.note", "score.items", "score.total",
    "screening.answers", "screening.reasons",
    "verification_correction.new_value", "verification_correction.old_value",
    "visit.ended_because", "visit_verification.address", "visit_verification.provider",
    "visit_verification.recipient", "refused_movement.reason", "custody_signature.name",
}  # fmt: skip
"""What is encrypted about a patient and stays when they are erased: it is the record of the
treatment, and of what a payer is told of the visit."""


@pytest.fixture
def town(db) -> Town:
    return Town()


def tables_of_patients() -> set[str]:
    """From ``patient`` along every reference, as PostgreSQL has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE found (oid) AS ("
            " SELECT 'patient'::regclass::oid UNION"
            " SELECT conrelid FROM pg_constraint JOIN found ON confrelid = found.oid"
            " WHERE contype = 'f') SELECT oid::regclass::text FROM found"
        )
        return {table for (table,) in cursor.fetchall()}


def test_no_table_that_leads_to_a_patient_is_forgotten() -> None:
    assert {one._meta.db_table for one in references()} >= {"visit", "message_attempt", "answer"}


@pytest.mark.django_db
def test_the_tables_are_those_of_the_catalogue() -> None:
    assert {one._meta.db_table for one in references()} == tables_of_patients()


def test_a_patient_takes_everything_along_and_an_administrator_hands_it_out(town: Town) -> None:
    treat(town)
    mine = town.as_(town.alice).get_("patients/me/export")
    assert mine.status_code == 200
    tables = mine.json()["tables"]
    assert {one.partition(".")[0] for one in tables} >= tables_of_patients()
    assert tables["patient"][0]["name"] == named("alice")
    assert tables["companion"][0]["phone"] == COMPANIONS_PHONE
    (visit,) = tables["visit"]
    assert visit["id"] == str(town.visit)
    for table in ("field_event", "message", "message_attempt", "visit_verification",
                  "contact_consent", "sharing_consent", "user_account"):  # fmt: skip
        assert tables[table], table
    for word in ("secret", "digest", "password", "_index", "lease_token"):
        assert f'{word}": ' not in mine.content.decode(), word
    theirs = handed_out(town)
    assert theirs.keys() == tables.keys()
    assert Task.objects.filter(kind="review_broken_glass", done_at__isnull=True).count() == 1
    assert opened_record_is_over()
    exported = AuditEntry.objects.filter(verb="export", subject_id=town.alice.person_id)
    assert {one.role for one in exported} == {"patient", "administrator"}


def test_nobody_takes_what_is_about_somebody_else(town: Town) -> None:
    amy = town.world.patient("amy")
    assert town.visit
    told = town.as_(amy).get_("patients/me/export")
    assert str(town.alice.person_id) not in told.content.decode()
    assert told.json()["tables"]["visit"] == []
    other = Town("Elsewhere")
    with pytest.raises(CommandError, match="no such patient"):
        handed_out(other, by=town.anna)
    with pytest.raises(CommandError, match="no such administrator"):
        handed_out(town, by=town.bob)
    with pytest.raises(CommandError, match="Say why"):
        handed_out(town, because="no")
    assert not AuditEntry.objects.filter(verb="export", subject_id=other.alice.person_id).exists()
    for actor in (town.bob, town.dora, town.nina, town.anna):
        assert_problem(town.as_(actor).get_("patients/me/export"), 403)


def test_what_staff_write_to_one_another_is_no_part_of_ones_own_export(town: Town) -> None:
    words = "seems to be hiding something"
    break_glass(town.alice.person_id, reason=words, by=town.bob, now=town.now())
    assert words in str(handed_out(town))
    mine = town.as_(town.alice).get_("patients/me/export")
    assert words not in mine.content.decode()
    assert mine.json()["tables"]["broken_glass"][0].keys() >= {"opened_by_id", "opened_at"}


def test_bytes_are_no_part_of_an_export(town: Town) -> None:
    assert town.visit
    for table, rows in handed_out(town).items():
        kind = next(one for one in apps.get_models() if one._meta.db_table == table)
        raw = {one.attname for one in kind._meta.fields if isinstance(one, BinaryField)}
        assert not any(raw & row.keys() for row in rows), table


def handed_out(
    town: Town, *, because: str = "asked for it by letter", by: Actor | None = None
) -> dict[str, Any]:
    """The tables that the command writes."""
    told, name = io.StringIO(), User.objects.get(id=(by or town.anna).user_id).username
    patient = str(town.alice.person_id)
    call_command("export_patient", patient, because=because, by=name, stdout=told)
    return json.loads(told.getvalue())["tables"]


def opened_record_is_over() -> bool:
    return BrokenGlass.objects.get().ended_at is not None


def test_every_encrypted_field_about_a_patient_is_erased_or_of_the_record() -> None:
    erased = {f"{kind._meta.db_table}.{name}" for kind, names in CONTACT.items() for name in names}
    about = set(encrypted_about_patients())
    assert about - erased - RECORD == set()
    assert not erased & RECORD
    assert erased <= about


def encrypted_about_patients() -> Iterator[str]:
    for kind in references():
        for one in kind._meta.concrete_fields:
            if isinstance(one, EncryptedText):
                yield f"{kind._meta.db_table}.{one.column}"


def test_erased_nobody_is_named_found_or_written_to_and_the_record_stays(town: Town) -> None:
    treat(town)
    stop_address(Channel.TEXT, COMPANIONS_PHONE, "STOP", now=NOW)
    hidden = ("alice", PHONE, COMPANIONS_PHONE, STREET, "Dr. Green", "Carl")
    alice = town.as_(town.alice)
    before = {word for word in hidden if word in alice.get_("patients/me/export").content.decode()}
    assert before == set(hidden)
    erase(town)
    told = handed_out(town)
    kept = {"visit_verification", "screening", "answer", "consent", "field_event"}
    rest = str({table: rows for table, rows in told.items() if table not in kept})
    assert not [word for word in hidden if word in rest]
    assert told["visit"][0]["status"] == "completed"
    assert told["visit_verification"]
    assert reach_of([]) == {}
    assert not patients_with(town.bob, PHONE).filter(id=town.alice.person_id).exists()
    assert Stop.objects.filter(address_index=blind_index(COMPANIONS_PHONE)).exists()
    assert not User.objects.get(id=town.alice.user_id).is_active
    assert set(MessageAttempt.objects.values_list("body", flat=True)) == {"erased"}
    assert Erasure.objects.get().because == "asked by letter"
    with pytest.raises(Conflict, match="before"):
        erase(town)


def test_nothing_is_left_by_which_they_could_enter_nor_what_others_were_answered(
    town: Town,
) -> None:
    treat(town)
    named, other = str(town.carl.id), "of somebody else"
    for key, body in (("named", named), ("other", other)):
        IdempotencyRecord.objects.create(
            user_id=town.bob.user_id, key=key, request_digest="x", status=200, body=body,
            created_at=database_now(),
        )  # fmt: skip
    user = town.alice.user_id
    SocialAccount.objects.create(user_id=user, provider="x", uid="alice")
    Authenticator.objects.create(user_id=user, type=Authenticator.Type.TOTP, data={})
    ScreenSession.objects.create(key_digest="x", user_id=user, data="x", begun_at=NOW, seen_at=NOW)
    Task.objects.create(
        market=town.market, kind="read_reply", role="clinician", urgent=False, opened_at=NOW,
        patient_id=town.alice.person_id, subject_id=town.visit, reason="alice wrote",
    )  # fmt: skip
    erase(town)
    assert [one.body for one in IdempotencyRecord.objects.all()] == [other]
    for kind in (SocialAccount, Authenticator, ScreenSession):
        assert not kind._default_manager.filter(user_id=user).exists(), kind
    assert set(Task.objects.values_list("reason", flat=True)) == {"erased"}


def test_who_broke_glass_and_why_stays_and_can_still_be_reviewed(town: Town) -> None:
    """It protects the patient from those who looked: their request must not clear it away."""
    words = "she called, and nobody else was there"
    glass = break_glass(town.alice.person_id, reason=words, by=town.bob, now=town.now())
    erase(town)
    review_broken_glass(glass, finding="as it should be", by=town.anna, now=town.now())
    (kept,) = (one for one in handed_out(town)["broken_glass"] if one["id"] == str(glass))
    assert (kept["reason"], kept["finding"]) == (words, "as it should be")


def test_nobody_is_erased_who_is_still_to_be_visited(town: Town) -> None:
    assert town.assigned
    with pytest.raises(Conflict) as refusal:
        erase(town)
    assert refusal.value.code == "visits_ahead"
    assert Patient.objects.get(id=town.alice.person_id).name == named("alice")
    with pytest.raises(CommandError, match="Call off first"):
        call_command("erase_patient", str(town.alice.person_id), because="x", by="anna@Washington")


def treat(town: Town) -> None:
    """Alice was written to and treated, and shares with her physician."""
    assert town.assigned
    work.deliver_events()
    assert work.send_messages()
    assert town.completed
    assert town.sharing


def erase(town: Town) -> None:
    erase_patient(town.alice.person_id, because="asked by letter", by=town.anna, now=town.now())


def test_every_table_of_the_service_has_a_term_or_a_reason_to_be_kept() -> None:
    from dispatch.domain.retention import KEPT, TERMS

    tables = {one._meta.label for one in apps.get_app_config("dispatch").get_models()}
    named = [one.table for one in TERMS] + list(KEPT)
    assert len(named) == len(set(named))
    assert {one for one in named if one.startswith("dispatch.")} == tables
