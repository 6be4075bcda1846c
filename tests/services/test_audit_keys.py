"""The audit trail under more than one key: what is old stays good, and nothing new is signed so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from dispatch import audit
from dispatch.domain.ids import new_id
from dispatch.domain.trail import HAND_OVER, Entry, Seal, hash_of, mac_of
from dispatch.models import AuditEntry, AuditSeal
from dispatch.selectors import trail_keys
from dispatch.services.sealing import seal_waiting
from tests.builders import NOW, World
from tests.services.trail_kit import Trail

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
EDITED = "edited, or not written by the service"


@pytest.fixture
def trail(fresh_database, tmp_path, settings) -> Trail:
    """Two seals under the old key, then two under the new one."""
    settings.AUDIT_ANCHORS, settings.AUDIT_KEYS = str(tmp_path / "anchors"), {1: OLD, 2: NEW}
    trail = Trail(fresh_database, tmp_path / "anchors", World())
    assert trail.world.bob
    seal_waiting()
    trail.grow(seals=2)
    settings.AUDIT_KEYS = {2: NEW, 1: OLD}
    trail.grow(seals=2)
    return trail


def keys_of_seals() -> list[int]:
    return list(AuditSeal.objects.order_by("number").values_list("key", flat=True))


def signed_again(seal: AuditSeal, secret: bytes, number: int, **told: object) -> str:
    """SQL that puts another seal in the place of this one, signed by who has the key."""
    had = {"rows": seal.rows, "sealed_at": seal.sealed_at, "macs": bytes(seal.macs)}
    new = Seal(seal.number, **{**had, **told}, previous=bytes(seal.previous), key=number)  # type: ignore[arg-type]
    return (
        f"UPDATE audit_seal SET hash = '\\x{hash_of(new, secret).hex()}', key = {number},"  # noqa: S608
        f" macs = '\\x{new.macs.hex()}', sealed_at = '{new.sealed_at.isoformat()}'"
        f" WHERE number = {seal.number}"
    )


def test_what_stands_under_either_key_is_verified(trail, settings) -> None:
    assert keys_of_seals() == [1, 1, 2, 2]
    faults, told = trail.verify()
    assert (faults, told["last_anchor"]) == ([], 4)
    assert trail.verify("--from", "4")[0] == []
    (file,) = trail.anchors.iterdir()
    assert [json.loads(line)["key"] for line in file.read_text().splitlines()] == [1, 1, 2, 2]


def test_a_key_that_is_gone_is_named_once_and_the_rest_is_verified(trail, settings) -> None:
    settings.AUDIT_KEYS = {2: NEW}
    gone = (
        "seal 1: what is signed with its key cannot be verified, AUDIT_KEY lacks it: key 1"
    )  # fmt: skip
    assert trail.verify()[0] == [gone]
    (number,) = AuditSeal.objects.get(number=4).rows[:1]
    trail.cheat(f"UPDATE audit_entry SET verb = 'x' WHERE number = {number}")  # noqa: S608
    assert trail.verify()[0] == [gone, f"row {number}: " + EDITED]


def test_processes_that_still_have_the_old_key_first_are_believed_for_a_day(
    trail, settings
) -> None:
    """While everything restarts, entries and seals of both keys follow one another."""
    settings.AUDIT_KEYS = {1: OLD, 2: NEW}
    trail.write(2)
    settings.AUDIT_KEYS = {2: NEW, 1: OLD}
    trail.write(1)
    settings.AUDIT_KEYS = {1: OLD, 2: NEW}
    assert seal_waiting() == 3
    assert keys_of_seals() == [1, 1, 2, 2, 1]
    assert trail.verify()[0] == []


def test_a_seal_that_somebody_with_the_old_key_makes_is_found(trail) -> None:
    last = AuditSeal.objects.get(number=4)
    after = last.sealed_at + HAND_OVER + timedelta(seconds=1)
    trail.cheat(signed_again(last, OLD, 1, sealed_at=after))
    old, other = "seal 4: signed after its key was replaced: key 1", "the anchors know another seal"
    assert trail.verify()[0] == [old, f"seal 4: {other}"]


def test_a_seal_that_is_said_to_be_of_another_key_is_found(trail) -> None:
    trail.cheat("UPDATE audit_seal SET key = 1 WHERE number = 4")
    assert trail.verify()[0] == ["seal 4: seal edited"]


def test_an_entry_that_is_signed_with_the_old_key_does_not_fit_its_seal(trail) -> None:
    entry = AuditEntry.objects.get(number=AuditSeal.objects.get(number=4).rows[0])
    told = {name: getattr(entry, name) for name in Entry.__dataclass_fields__} | {"verb": "x"}
    mac = mac_of(Entry(**told), OLD).hex()
    trail.cheat(
        f"UPDATE audit_entry SET verb = 'x', mac = '\\x{mac}' WHERE number = {entry.number}"  # noqa: S608
    )
    assert trail.verify()[0] == [f"row {entry.number}: " + EDITED]


def test_an_entry_under_the_old_key_that_comes_later_than_a_day_is_found(
    trail, settings, monkeypatch
) -> None:
    """As the sealer cannot know, it is sealed like all others. The control believes the old key."""
    settings.AUDIT_KEYS = {1: OLD, 2: NEW}
    audit.note(trail.world.bob, "look", "visit", new_id(), now=NOW)
    settings.AUDIT_KEYS = {2: NEW, 1: OLD}
    assert seal_waiting() == 1
    (number,) = AuditSeal.objects.get(number=5).rows
    assert trail.verify()[0] == []
    monkeypatch.setattr(trail_keys, "HAND_OVER", timedelta(0))
    assert trail.verify()[0] == [f"row {number}: " + EDITED]


def test_an_end_is_accepted_only_with_a_key_that_is_in_use(trail, settings) -> None:
    trail.cheat("DELETE FROM audit_entry WHERE number >= (SELECT rows[1] FROM audit_seal"
                " WHERE number = 4)", "DELETE FROM audit_seal WHERE number = 4")  # fmt: skip
    lost = ["seal 4: the anchors know more than the table"]
    settings.AUDIT_KEYS = {1: OLD, 2: NEW}
    call_command("audit", "accept", "--because", "it suits me")
    assert trail.verify()[0] == lost
    settings.AUDIT_KEYS = {2: NEW, 1: OLD}
    call_command("audit", "accept", "--because", "restored from last night's dump")
    assert trail.verify()[0] == []
