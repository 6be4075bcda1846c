"""The audit trail under somebody who owns the database: what they change or add is found."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from itertools import product

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from dispatch import audit
from dispatch.domain.ids import new_id
from dispatch.models import AuditCheck, AuditEntry, AuditSeal, AuditUnsealed
from dispatch.models.clock import database_now
from dispatch.selectors import trail as looking
from dispatch.selectors.trail import trail_state
from dispatch.services.sealing import SEALERS, seal_waiting
from tests.builders import NOW, World
from tests.services.trail_kit import Trail

EDITED = "edited, or not written by the service"
COLUMNS = "market_id, at, user_id, role, verb, operation, subject, subject_id, shown"
ROW = f"INSERT INTO audit_entry (id, number, mac, {COLUMNS}) SELECT gen_random_uuid(), {{}}, "
COPIED = f"mac, {COLUMNS} FROM audit_entry"
SWAP = """
    UPDATE audit_entry a SET {column} = b.{column} FROM audit_entry b
    WHERE a.number IN ({one}, {other}) AND b.number IN ({one}, {other}) AND a.number <> b.number
"""


@pytest.fixture
def trail(fresh_database, tmp_path, settings) -> Trail:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors")
    trail = Trail(fresh_database, tmp_path / "anchors", World())
    assert trail.world.bob
    seal_waiting()
    trail.grow(seals=4)
    return trail


def first_number() -> int:
    """The number of the first entry of the second seal."""
    return AuditSeal.objects.get(number=2).rows[0]


def numbers(*places: int) -> list[int]:
    return [first_number() + place for place in places]


def test_a_trail_that_nobody_touched_is_whole(trail) -> None:
    faults, told = trail.verify()
    assert faults == []
    rows = AuditEntry.objects.count()
    assert told == {"rows": rows, "last_seal": 4, "last_anchor": 4, "faults": 0}
    state = trail_state()
    assert (state.waiting, state.faults) == (0, 0)
    assert AuditCheck.objects.get().rows == rows


CHEATS = {
    "a row is edited": (
        ["UPDATE audit_entry SET verb = 'nothing' WHERE number = {a}"], ["row {a}: " + EDITED],
    ),
    "its time is moved by a microsecond": (
        ["UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE number = {a}"],
        ["row {a}: " + EDITED],
    ),
    "somebody else is said to have done it": (
        ["UPDATE audit_entry SET user_id = NULL WHERE number = {a}"], ["row {a}: " + EDITED],
    ),
    "a row is edited, and its signature made up": (
        ["UPDATE audit_entry SET verb = 'x', mac = sha256('x') WHERE number = {a}"],
        ["row {a}: " + EDITED],
    ),
    "a row is deleted": (["DELETE FROM audit_entry WHERE number = {a}"], ["row {a}: missing"]),
    "two rows change places": (
        ["UPDATE audit_entry SET number = -1 WHERE number = {a}",
         "UPDATE audit_entry SET number = {a} WHERE number = {b}",
         "UPDATE audit_entry SET number = {b} WHERE number = -1"],
        ["row {a}: moved", "row {b}: moved"],
    ),
    "two rows of different seals change places": (
        ["UPDATE audit_entry SET number = -1 WHERE number = {a}",
         "UPDATE audit_entry SET number = {a} WHERE number = {c}",
         "UPDATE audit_entry SET number = {c} WHERE number = -1"],
        ["row {a}: " + EDITED, "row {c}: " + EDITED],
    ),
    "two rows change their subjects": (
        [SWAP.format(column="subject_id", one="{a}", other="{b}")],
        ["row {a}: " + EDITED, "row {b}: " + EDITED],
    ),
    "a row is put in between, past the trigger": (
        [ROW.format(-7) + COPIED + " WHERE number = {a}"], ["row -7: never sealed"],
    ),
    "a seal is edited": (
        ["UPDATE audit_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2"],
        ["seal 2: seal edited"],
    ),
    "a row is taken out of its seal": (
        ["UPDATE audit_seal SET rows = rows[2:], macs = substr(macs, 17) WHERE number = 2",
         "DELETE FROM audit_entry WHERE number = {a}"],
        ["seal 2: seal edited"],
    ),
    "a seal is signed with another key": (
        ["UPDATE audit_seal SET hash = sha256('x') WHERE number = 2"],
        ["seal 2: seal edited", "seal 3: seal edited", "seal 2: the anchors know another seal"],
    ),
    "a seal is deleted with its rows": (
        ["DELETE FROM audit_entry WHERE number BETWEEN {a} AND {a} + 4",
         "DELETE FROM audit_seal WHERE number = 2"],
        ["seal 2: seal missing", "seal 2: the anchors know more than the table"],
    ),
    "the tail is cut": (
        ["DELETE FROM audit_entry WHERE number >= {c}", "DELETE FROM audit_seal WHERE number > 2"],
        ["seal 3: the anchors know more than the table",
         "seal 4: the anchors know more than the table"],
    ),
    "everything is gone": (
        ["DELETE FROM audit_entry", "DELETE FROM audit_seal"],
        ["seal 1: there is none, though the service was used",
         *(f"seal {one}: the anchors know more than the table" for one in (1, 2, 3, 4))],
    ),
    "the rows of the tail are cut off": (
        ["DELETE FROM audit_entry WHERE number >= {c} + 5"],
        [f"row {{x{nth}}}: missing" for nth in range(5)],
    ),
}  # fmt: skip


def test_what_an_owner_does_by_raw_sql_is_found(trail) -> None:
    a, b, c = numbers(0, 1, 5)
    places = {"a": a, "b": b, "c": c} | {f"x{nth}": c + 5 + nth for nth in range(5)}
    trail.keep()
    for cheat, (statements, expected) in CHEATS.items():
        trail.cheat(*(one.format(**places) for one in statements))
        assert trail.verify()[0] == [one.format(**places) for one in expected], cheat
        trail.put_back()
    assert trail.verify()[0] == []


def test_the_control_without_the_chain_nothing_is_found(trail, monkeypatch, settings) -> None:
    """The same cheats, with what the tables say believed and no anchors."""
    a, b, c = numbers(0, 1, 5)
    trail.keep()
    monkeypatch.setattr(looking, "_faults_of_entry", lambda *_: ())
    settings.AUDIT_ANCHORS = ""
    for cheat in (
        "a row is edited",
        "a row is deleted",
        "two rows change places",
        "the tail is cut",
    ):
        trail.cheat(*(one.format(a=a, b=b, c=c) for one in CHEATS[cheat][0]))
        assert trail.verify()[0] == []
        trail.put_back()


def test_a_row_that_is_not_the_services_own_is_found_though_it_was_sealed(trail) -> None:
    """The triggers are on, and the sealer cannot know: the signature is what tells."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROW.format(9999) + COPIED + " LIMIT 1")
    assert seal_waiting() == 1
    assert trail.verify()[0] == ["row 9999: " + EDITED]


def test_a_row_that_goes_before_it_is_sealed_is_found(trail) -> None:
    trail.write(2)
    last = AuditEntry.objects.order_by("-number").values_list("number", flat=True)[0]
    trail.cheat(f"DELETE FROM audit_entry WHERE number = {last}")  # noqa: S608
    assert seal_waiting() == 2
    assert trail.verify()[0] == [f"row {last}: lost before it was sealed"]


def test_a_row_that_is_kept_from_being_sealed_is_found(trail) -> None:
    for _ in range(2):
        then = database_now() - timedelta(minutes=2)
        audit.note(trail.world.bob, "look", "visit", new_id(), now=then)
    one, other = AuditUnsealed.objects.order_by("number").values_list("number", flat=True)
    AuditUnsealed.objects.filter(number=one).delete()
    late = [f"row {one}: never sealed", f"row {other}: unsealed for too long"]
    assert trail.verify()[0] == late
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        AuditUnsealed.objects.update(since=NOW)


def test_what_is_written_while_somebody_else_still_writes_is_sealed_in_its_turn(trail) -> None:
    """The transaction that began first, and has the lower number, commits last."""
    with psycopg.connect(trail.database.url) as early:
        early.execute(ROW.format("nextval('audit_number')") + COPIED + " LIMIT 1")
        trail.grow(seals=1, rows=2)
        early.rollback()
        early.execute("SELECT 1")
    trail.grow(seals=1, rows=1)
    assert trail.verify()[0] == []


def test_a_restored_table_is_missed_by_its_anchors_until_somebody_accepts_it(trail) -> None:
    trail.cheat("DELETE FROM audit_entry WHERE number >= (SELECT rows[1] FROM audit_seal"
                " WHERE number = 4)", "DELETE FROM audit_seal WHERE number = 4")  # fmt: skip
    lost = "seal 4: the anchors know more than the table"
    assert trail.verify()[0] == [lost]
    trail.grow(seals=2)
    assert trail.verify()[0] == ["seal 4: the anchors know another seal"]
    call_command("audit", "accept", "--because", "restored from last night's dump")
    assert trail.verify()[0] == []
    trail.grow(seals=1)
    trail.cheat("DELETE FROM audit_entry WHERE number >= (SELECT rows[1] FROM audit_seal"
                " WHERE number = 6)", "DELETE FROM audit_seal WHERE number = 6")  # fmt: skip
    assert trail.verify()[0] == ["seal 6: the anchors know more than the table"]


def test_an_acceptance_that_nobody_signed_accepts_nothing(trail) -> None:
    kept = AuditSeal.objects.get(number=3)
    trail.cheat("DELETE FROM audit_entry WHERE number >= (SELECT rows[1] FROM audit_seal"
                " WHERE number = 4)", "DELETE FROM audit_seal WHERE number = 4")  # fmt: skip
    (file,) = trail.anchors.iterdir()
    forged = {"at": "2099-01-01", "accepted": 3, "hash": bytes(kept.hash).hex(),
              "because": "it suits me", "mac": "00"}  # fmt: skip
    with file.open("a") as lines:
        lines.write(json.dumps(forged) + "\nno line\n")
    assert trail.verify()[0] == [
        "line 6: anchor cannot be read", "seal 4: the anchors know more than the table",
    ]  # fmt: skip


def test_anchors_that_are_gone_are_missed(trail) -> None:
    (file,) = trail.anchors.iterdir()
    file.unlink()
    assert trail.verify()[0] == ["line 0: no anchor stands where they are kept"]


def test_without_anchors_nobody_says_that_the_trail_is_whole(trail, settings) -> None:
    settings.AUDIT_ANCHORS = ""
    with pytest.raises(CommandError, match="nothing outside the database") as refusal:
        call_command("audit", "verify", stdout=StringIO())
    assert refusal.value.returncode == 2


def test_a_look_may_begin_in_the_middle(trail) -> None:
    trail.cheat(f"UPDATE audit_entry SET verb = 'x' WHERE number = {first_number()}")  # noqa: S608
    assert len(trail.verify()[0]) == 1
    faults, told = trail.verify("--from", "3")
    assert (faults, told["rows"]) == ([], 10)


def test_with_another_key_every_row_and_seal_is_wrong(trail) -> None:
    before, settings.AUDIT_KEYS = settings.AUDIT_KEYS, {1: bytes(32)}
    try:
        _, told = trail.verify()
    finally:
        settings.AUDIT_KEYS = before
    assert told["faults"] == told["rows"] + 4


def test_even_the_owner_only_adds_while_the_triggers_are_on(trail) -> None:
    for table, cheat in product(
        ("audit_entry", "audit_seal"),
        ("UPDATE {} SET number = number", "DELETE FROM {}", "TRUNCATE {} CASCADE"),
    ):
        with (
            psycopg.connect(trail.database.owner_url) as owner,
            pytest.raises(psycopg.errors.CheckViolation, match="stays as it is"),
        ):
            owner.execute(cheat.format(table))
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(cheat.format(table))


def test_only_one_process_seals_at_a_time(trail) -> None:
    trail.write(1)
    with psycopg.connect(trail.database.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])
        assert seal_waiting() == 0
    assert seal_waiting() == 1
    audit.note(World("Elsewhere").bob, "look", "visit", new_id(), now=NOW)
    assert seal_waiting() == 1
    assert trail.verify()[0] == []
