"""The sealer is killed in mid-seal: the chain goes on, and every entry is sealed once."""

from __future__ import annotations

import os
import sys

import pytest

from dispatch.models import AuditSeal, AuditUnsealed
from dispatch.services.sealing import seal_waiting
from tests.builders import World
from tests.faults.running import within
from tests.services.trail_kit import Trail

SEALER = """
import time, django
django.setup()
from dispatch import tenancy
from dispatch.services import sealing

def hang(*_):
    print("taken", flush=True)
    time.sleep(60)

sealing.hash_of = hang
{unprotected}
with tenancy.everywhere():
    sealing.seal_waiting()
"""
LET_GO_S = 20
"""The server notices a client's death when it next reads from it: until then its locks stand."""
UNPROTECTED = "sealing._seal_some = sealing._seal_some.__wrapped__"


@pytest.fixture
def trail(fresh_database, tmp_path, settings, launch) -> Trail:
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors")
    return Trail(fresh_database, tmp_path / "anchors", World())


def seal_and_be_killed(trail: Trail, launch, unprotected: str = "") -> None:
    environment = os.environ | {"DATABASE_URL": trail.database.url}
    code = SEALER.format(unprotected=unprotected)
    launch(
        [sys.executable, "-c", code], environment, lambda process: process.said("taken"), 60
    ).kill()


def test_what_a_killed_sealer_had_taken_is_sealed_by_the_next_once(trail, launch) -> None:
    trail.grow(seals=1)
    trail.write(3)
    seal_and_be_killed(trail, launch)
    assert AuditUnsealed.objects.count() == 3
    within(LET_GO_S, lambda: seal_waiting() == 3)
    trail.grow(seals=1)
    assert trail.verify()[0] == []
    assert AuditSeal.objects.count() == 3


def test_the_control_without_a_transaction_they_are_never_sealed(trail, launch) -> None:
    trail.grow(seals=1)
    trail.write(3)
    seal_and_be_killed(trail, launch, UNPROTECTED)
    assert seal_waiting() == 0
    faults, _ = trail.verify()
    assert [line.partition(": ")[2] for line in faults] == ["never sealed"] * 3
