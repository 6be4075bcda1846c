"""Sealing the audit trail: entries are chained to those before, and the chain is noted outside.

Whoever writes an entry waits for nobody: it is signed with the entry's own insert, and a trigger
puts down that it waits. One process at a time takes what waits, in the order of the numbers, and
adds a seal. In which order transactions commit does not matter: a seal says which rows it holds.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from dispatch.domain.errors import Conflict
from dispatch.domain.trail import FIRST, MAC_BYTES, NO_MAC, Seal, acceptance_of, hash_of
from dispatch.gateways import anchors
from dispatch.models import AuditEntry, AuditSeal, AuditUnsealed
from dispatch.models.clock import database_now
from dispatch.models.trail import signing_key

log = logging.getLogger(__name__)

MOST = 1000
"""Entries in one seal."""
SEALERS = 0x5EA1
"""The advisory lock of whoever seals."""

_TAKEN = """
    DELETE FROM audit_unsealed WHERE number IN (
        SELECT number FROM audit_unsealed ORDER BY number LIMIT %s)
    RETURNING number
"""


def seal_waiting() -> int:
    """Seal all that waits, and write the newest seal down; return how many entries were sealed."""
    count = 0
    while AuditUnsealed.objects.exists() and (made := _seal_some()) is not None:
        count += len(made.rows)
        write_anchor()
    return count


def write_anchor() -> None:
    """Write the newest seal down outside the database, and to the log once a minute."""
    last = AuditSeal.objects.order_by("-number").first()
    if last is None:
        return
    known = bytes(last.hash).hex()
    told: dict[str, Any] = {
        "seal": last.number,
        "hash": known,
        "row": max(last.rows),
        "key": last.key,
    }
    earlier = AuditSeal.objects.filter(number=last.number - 1)
    before = earlier.values_list("sealed_at", flat=True).first()
    if before is None or _minute(before) != _minute(last.sealed_at):
        log.info("the audit trail is sealed", extra=told)
    if not settings.AUDIT_ANCHORS:
        return
    try:
        anchors.write(Path(settings.AUDIT_ANCHORS), last.sealed_at, **told)
    except OSError as fault:
        log.error("the audit trail's anchor is not kept", extra={"fault": type(fault).__name__})  # noqa: TRY400


def accept_trail(because: str, folder: Path) -> int:
    """Write down that the trail rightly ends as it does, as after a restore; return the seal.

    What the anchors know beyond it is not asked for any more. Raises Conflict ``no_trail``.
    """
    last = AuditSeal.objects.order_by("-number").first()
    if last is None:
        raise Conflict("no_trail", "There is no seal that could be accepted.")
    known = bytes(last.hash)
    key = signing_key()
    mac = acceptance_of(last.number, known, because, key.secret)
    told: dict[str, Any] = {
        "hash": known.hex(),
        "because": because,
        "mac": mac.hex(),
        "key": key.number,
    }
    anchors.write(folder, database_now(), accepted=last.number, **told)
    log.warning("the audit trail's end was accepted", extra={"seal": last.number})
    return last.number


@transaction.atomic
def _seal_some() -> Seal | None:
    """None where another process seals just now, or nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALERS])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_TAKEN, [MOST])
        rows = sorted(number for (number,) in cursor.fetchall())
    if not rows:
        return None
    last = AuditSeal.objects.order_by("-number").first()
    found = dict(AuditEntry.objects.filter(number__in=rows).values_list("number", "mac"))
    macs = b"".join(_sealed_as(found.get(row)) for row in rows)
    number, previous = (1, FIRST) if last is None else (last.number + 1, bytes(last.hash))
    key = signing_key()
    seal = Seal(number, database_now(), rows, macs, previous, key.number)
    AuditSeal.objects.create(
        number=seal.number, sealed_at=seal.sealed_at, rows=rows, macs=macs, previous=previous,
        hash=hash_of(seal, key.secret), key=key.number,
    )  # fmt: skip
    return seal


def _sealed_as(mac: bytes | memoryview | None) -> bytes:
    """Of equal length, whatever somebody else wrote there: that it fits is for a look to find."""
    return NO_MAC if mac is None else bytes(mac)[:MAC_BYTES].ljust(MAC_BYTES)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
