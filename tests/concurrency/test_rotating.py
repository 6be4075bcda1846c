"""Fields are re-encrypted while others write, by a command that may be killed at any point."""

from __future__ import annotations

import base64
import os
import re
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from dispatch import rotating
from dispatch.models import Companion, Consent, Patient
from dispatch.models.encrypted import Unreadable, decrypt, encrypt
from dispatch.rotating import rotate_batch, sealed_tables
from tests.api.town import Town
from tests.builders import World
from tests.concurrency.racing import comes_first
from tests.databases import Clone, seeing_all
from tests.owning import as_owner

PATIENT = next(one for one in sealed_tables() if one.table == "patient")
UNDER_A_KEY = re.compile(r"^(\w+)::?[A-Za-z0-9+/]{37,}={0,2}$")
MANY = 1200


@pytest.fixture
def keys(settings) -> Iterator[None]:
    """A function that puts a new key before the ones there are."""

    def turn() -> None:
        settings.FIELD_KEYS = {"new": os.urandom(32), **settings.FIELD_KEYS}

    return turn


def old_key(settings) -> str:
    return list(settings.FIELD_KEYS)[-1]


def keys_in_use() -> dict[str, set[str]]:
    """Every text in every table that looks encrypted, by the catalogue: column → key ids."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')  # noqa: S608
            values = [str(value) for (value,) in cursor.fetchall()]
            ids = {match[1] for match in map(UNDER_A_KEY.match, values) if match}
            if ids:
                found[f"{table}.{column}"] = ids
    return found


def test_no_field_of_any_table_is_forgotten(fresh_database: Clone, keys, settings) -> None:
    town, old = Town(), old_key(settings)
    for made in (town.completed, town.changed_order, town.consent, town.sharing, town.webhook,
                 town.consult, town.task, town.for_review):  # fmt: skip
        assert made
    token = Authenticator.objects.create(
        user_id=town.bob.user_id, type="totp", data={"secret": encrypt("seed"), "used_mask": 0}
    )
    before = keys_in_use()
    assert len({one.partition(".")[0] for one in before}) >= 18
    names = set(Patient.objects.values_list("name", flat=True))
    keys()
    with as_owner():
        with pytest.raises(CommandError, match=f"Still under key {old}"):
            call_command("rotate_keys", retire=old)
        call_command("rotate_keys")
        after = keys_in_use()
        assert after == {column: {"new"} for column in before}
        call_command("rotate_keys", retire=old)
        with pytest.raises(CommandError, match="other than the first"):
            call_command("rotate_keys", retire="new")
    settings.FIELD_KEYS = {"new": settings.FIELD_KEYS["new"]}
    assert set(Patient.objects.values_list("name", flat=True)) == names
    token.refresh_from_db()
    assert (decrypt(token.data["secret"]), token.data["used_mask"]) == ("seed", 0)


def test_the_application_may_not_rewrite_what_was_signed(fresh_database: Clone) -> None:
    assert Town().consent
    with psycopg.connect(fresh_database.url) as app:
        app.execute("SET dispatch.rotating = 'on'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("UPDATE consent SET name = 'x'")
    with as_owner(), transaction.atomic(), pytest.raises(IntegrityError, match="only withdrawn"):
        Consent.objects.update(name="Somebody else")


@pytest.mark.parametrize("alone", [True, False], ids=["locked", "control"])
def test_what_is_written_meanwhile_is_not_lost(
    fresh_database: Clone, keys, monkeypatch, alone
) -> None:
    """Somebody writes between our reading a row and our writing it."""
    alice = World().alice
    before = Patient.objects.get(id=alice.person_id).name
    keys()
    writers: list[threading.Thread] = []
    written = threading.Event()

    def write() -> None:
        with psycopg.connect(seeing_all(fresh_database.url)) as app:
            app.execute("UPDATE patient SET name = %s", [encrypt("Alicia", "patient.name")])
        written.set()

    def slow(text: str, place: str) -> str:
        if not writers:
            writers.append(threading.Thread(target=write))
            writers[0].start()
            comes_first(written)
        return encrypt(text, place)

    monkeypatch.setattr(rotating, "encrypt", slow)
    if not alone:
        monkeypatch.setattr(rotating, "ALONE", "")
    with as_owner():
        assert rotate_batch(PATIENT).rows == 1
    writers[0].join()
    name = Patient.objects.get(id=alice.person_id).name
    assert name == ("Alicia" if alone else before), "the control loses what was written"


def test_a_row_that_somebody_holds_is_left_for_the_next_pass(fresh_database: Clone, keys) -> None:
    world = World()
    world.patient("amy")
    held = world.alice.person_id
    keys()
    with as_owner():
        with psycopg.connect(seeing_all(fresh_database.url)) as app:
            app.execute("SELECT FROM patient WHERE id = %s FOR UPDATE", [held])
            assert rotate_batch(PATIENT).rows == 1
            app.rollback()
        assert rotate_batch(PATIENT).rows == 1
        assert rotate_batch(PATIENT).rows == 0


def test_killed_in_the_middle_it_goes_on_where_it_was(
    fresh_database: Clone, services_env, launch, keys, settings
) -> None:
    world = World()
    Companion.objects.bulk_create(
        Companion(market=world.market, patient_id=world.alice.person_id, name=str(n), phone=str(n))
        for n in range(MANY)
    )
    keys()
    listed = ",".join(
        f"{name}:{base64.b64encode(key).decode()}" for name, key in settings.FIELD_KEYS.items()
    )
    run = launch(
        [sys.executable, "manage.py", "rotate_keys"],
        services_env | {"FIELD_KEYS": listed},
    )
    run.wait_until(lambda: run.said("companion: 200 rows"))
    run.kill()
    with as_owner():
        left = rotating.stale_rows(next(one for one in sealed_tables() if one.table == "companion"))
        assert left <= MANY - 200
        call_command("rotate_keys")
        call_command("rotate_keys", retire=old_key(settings))
    told = Companion.objects.values_list("name", "phone")
    assert sorted(told) == sorted((str(n), str(n)) for n in range(MANY))


def test_what_was_altered_or_moved_is_refused_and_named_without_what_it_says(
    fresh_database: Clone, keys
) -> None:
    alice = World().alice
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patient SET phone = name")
    with pytest.raises(Unreadable, match=r"patient\.phone") as fault:
        Patient.objects.get(id=alice.person_id)
    assert "alice" not in str(fault.value)
    keys()
    with as_owner(), pytest.raises(Unreadable) as fault:
        rotate_batch(PATIENT)
    assert f"patient.phone of row {alice.person_id}" in str(fault.value)
    assert "alice" not in str(fault.value)
