"""Blind indexes come under a new key while the service runs, and what is looked for is found."""

from __future__ import annotations

import base64
import os
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dispatch import rotating
from dispatch.agreeing import agree
from dispatch.domain.channels import Channel
from dispatch.domain.messages import Audience
from dispatch.models import Companion, ContactConsent, KnownAddress, Patient, Stop
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index, blind_indexes, key_of, newest
from dispatch.rotating import indexed_tables
from dispatch.selectors.contacts import reach_of
from dispatch.selectors.conversations import is_stopped, market_of, patient_of
from dispatch.selectors.people import patients_with
from dispatch.services.contacts import start_address, stop_address
from dispatch.services.lock_out import is_known, remember
from tests.builders import NOW, PHONE, World
from tests.databases import Clone
from tests.owning import as_owner

MANY = 1200
FIRST, SECOND, THIRD = (os.urandom(32) for _ in range(3))


@pytest.fixture
def keys(settings):
    """A function that sets which keys there are, in which order."""

    def turn(**named: bytes) -> None:
        settings.BLIND_INDEX_KEYS = {int(name[1:]): key for name, key in named.items()}

    turn(_1=FIRST)
    return turn


def test_a_digest_under_a_later_key_is_made_of_the_one_before_it(keys) -> None:
    old = blind_index("Ana  Ruiz")
    keys(_1=FIRST, _2=SECOND)
    assert blind_index("ana ruiz") == old
    keys(_3=THIRD, _2=SECOND, _1=FIRST)
    new = blind_index("ana ruiz")
    assert blind_indexes("ana ruiz") == (old, rotating.raised(old, 2), new)
    assert newest(old) == newest(rotating.raised(old, 2)) == newest(new) == new
    assert [key_of(one) for one in blind_indexes("ana ruiz")] == [1, 2, 3]
    assert {len(one) for one in blind_indexes("ana ruiz")} == {64}
    keys(_3=os.urandom(32), _2=SECOND, _1=FIRST)
    assert blind_index("ana ruiz") not in {old, new}


def found(world: World) -> tuple[object, ...]:
    """What the service finds by a number, at each of its doors."""
    alice = world.alice
    reach = reach_of([(Audience.PATIENT, alice.person_id)])[alice.person_id]
    return (
        [one.id for one in patients_with(world.bob, PHONE)],
        market_of(PHONE),
        patient_of(PHONE, world.market.id),
        is_stopped(PHONE),
        [way.channel for way in reach.ways],
        is_known("alice", "192.0.2.1"),
    )


def test_whoever_is_looked_for_is_found_before_between_and_after(
    fresh_database: Clone, keys
) -> None:
    world = World()
    alice = world.alice
    agree(alice.person_id, Channel.TEXT, PHONE, "text.en.1", by=alice, now=NOW)
    remember("alice", "192.0.2.1")
    told = ([alice.person_id], world.market.id, alice.person_id, False, [Channel.TEXT], True)
    assert found(world) == told
    keys(_1=FIRST, _2=SECOND)
    assert found(world) == told
    keys(_2=SECOND, _1=FIRST)
    assert found(world) == told
    given = agree(alice.person_id, Channel.TEXT, PHONE, "text.en.1", by=alice, now=NOW)
    assert ContactConsent.objects.filter(person_id=alice.person_id).get().id == given
    with as_owner():
        call_command("rotate_index")
    assert found(world) == told
    assert key_of(Patient.objects.get(id=alice.person_id).phone_index) == 2
    keys(_2=SECOND, _1=os.urandom(32))
    assert found(world)[0] == [], "the control: without the key it is made over, nobody is found"


def test_a_stop_is_one_stop_under_any_key(fresh_database: Clone, keys) -> None:
    """Nobody knows the number of a stop: it is brought under the new key all the same."""
    assert stop_address(Channel.TEXT, PHONE, "stop", now=database_now())
    keys(_2=SECOND, _1=FIRST)
    assert is_stopped(PHONE)
    assert not stop_address(Channel.TEXT, PHONE, "stop", now=database_now())
    with as_owner():
        call_command("rotate_index")
    assert key_of(Stop.objects.get().address_index) == 2
    assert is_stopped(PHONE)
    keys(_1=FIRST, _2=SECOND)
    assert is_stopped(PHONE), "a process that has not heard of the change yet"
    assert start_address(Channel.TEXT, PHONE, now=database_now())
    assert not is_stopped(PHONE)


def test_every_digest_of_the_schema_is_rotated_or_short_lived(fresh_database: Clone, keys) -> None:
    """By what the columns hold, not by what they are called."""
    world = World()
    agree(world.alice.person_id, Channel.TEXT, PHONE, "text.en.1", by=world.alice, now=NOW)
    stop_address(Channel.EMAIL, "a@example.org", "stop", now=database_now())
    remember("alice", "192.0.2.1")
    digests = {blind_index(one) for one in (PHONE, "a@example.org", "signed in 192.0.2.1 alice")}
    holding = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema ="
            " 'public' AND data_type = 'character varying' AND character_maximum_length >= 64"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}" = ANY(%s) LIMIT 1',  # noqa: S608
                [list(digests)],
            )
            if cursor.fetchone():
                holding.add(f"{table}.{column}")
    rotated = {f"{one.table}.{column}" for one in indexed_tables() for column in one.columns}
    assert holding - rotated == {"known_address.key"}
    assert rotated - holding == {
        "patient.email_index", "companion.phone_index", "inbound_text.sender_index",
    }  # fmt: skip


def test_killed_in_the_middle_it_goes_on_where_it_was(
    fresh_database: Clone, services_env, launch, keys
) -> None:
    world = World()
    Companion.objects.bulk_create(
        Companion(
            market=world.market, patient_id=world.alice.person_id, name="n", phone=str(number),
            phone_index=blind_index(str(number)) if number % 3 else "",
        )
        for number in range(MANY)
    )  # fmt: skip
    keys(_2=SECOND, _1=FIRST)
    listed = ",".join(
        f"{number}:{base64.b64encode(key).decode()}" for number, key in ((2, SECOND), (1, FIRST))
    )
    run = launch(
        [sys.executable, "manage.py", "rotate_index"], services_env | {"BLIND_INDEX_KEY": listed}
    )
    run.wait_until(lambda: run.said("companion: 200 rows"))
    run.kill()
    with as_owner():
        (companion,) = (one for one in indexed_tables() if one.table == "companion")
        if left := rotating.stale_rows(companion):
            assert left <= MANY * 2 // 3 - 200
            with pytest.raises(CommandError, match="Still under key 1"):
                call_command("rotate_index", retire=1)
        call_command("rotate_index")
        call_command("rotate_index", retire=1)
        with pytest.raises(CommandError, match="other than the first"):
            call_command("rotate_index", retire=2)
    kept = Companion.objects.values_list("phone", "phone_index")
    assert sorted(kept) == sorted(
        (str(number), blind_index(str(number)) if number % 3 else "") for number in range(MANY)
    )
    assert KnownAddress.objects.count() == 0


def test_nothing_is_rotated_before_the_newest_key_writes(fresh_database: Clone, keys) -> None:
    keys(_1=FIRST, _2=SECOND)
    with as_owner(), pytest.raises(CommandError, match="Put number 2 first"):
        call_command("rotate_index")
