"""Looking through the audit trail: every seal, every entry under it, and what anchors know of both.

Nothing here trusts the tables: signatures are made anew with the key, which the database does not
have. A few thousand entries are in memory at a time, however long the trail is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max

from dispatch.domain.trail import (
    FIRST,
    FIRST_KEY,
    NO_MAC,
    Entry,
    Fault,
    Seal,
    Wrong,
    acceptance_of,
    hash_of,
    mac_of,
)
from dispatch.gateways.anchors import Anchors, Line, Unreadable
from dispatch.models import AuditCheck, AuditEntry, AuditSeal, AuditUnsealed, User
from dispatch.models.clock import DATABASE_CLOCK
from dispatch.selectors.trail_keys import KeysOfTrail, keys_at

AT_ONCE = 2000
"""Entries or lines of anchors that are compared together."""
SEALS_AT_ONCE = 50
PATIENCE_S = 60
"""How long an entry may wait for its seal."""
MOST_FAULTS = 1000
"""Of anchors that do not fit; the first of them say enough."""
FIRST_SEAL = 1
FIELDS = tuple(Entry.__dataclass_fields__)

_NOT_SEALED = """
    SELECT e.number, e.id FROM audit_entry e
    LEFT JOIN (SELECT unnest(rows) AS number FROM audit_seal) s USING (number)
    LEFT JOIN audit_unsealed w USING (number)
    WHERE s.number IS NULL AND w.number IS NULL
"""
_SEALED_TWICE = """
    SELECT number, NULL::uuid FROM (SELECT unnest(rows) AS number FROM audit_seal) s
    GROUP BY number HAVING count(*) > 1
"""
# ``since`` is nobody's signature: what the entry says of its time is asked as well.
_WAITS = """
    SELECT number, e.id FROM audit_unsealed w
    LEFT JOIN audit_entry e USING (number) LEFT JOIN market m ON m.id = e.market_id
    WHERE LEAST(w.since, e.at - m.clock_offset) < clock_timestamp() - make_interval(secs => %s)
"""


@dataclass(slots=True)
class Progress:
    """How far a look has come: entries compared, seals seen, and the last of them."""

    first_seal: int
    rows: int = 0
    last_seal: int = 0
    last_anchor: int = 0


@dataclass(frozen=True, slots=True)
class TrailState:
    """``waiting_s`` is the age of the oldest entry without a seal; the rest is of the last look."""

    waiting: int
    waiting_s: float
    looked_at: datetime | None
    faults: int | None


@dataclass(slots=True)
class _Walk:
    """Where the chain leads: the seal before, how it is known, and the seals whose entries are
    still to be compared, with the keys that those may be signed with."""

    tell: Callable[[Progress], None]
    so_far: Progress
    number: int = 0
    known: bytes = FIRST
    keys: KeysOfTrail = field(default_factory=KeysOfTrail)
    seals: list[tuple[Seal, tuple[bytes, ...]]] = field(default_factory=list)


def trail_state() -> TrailState:
    """Return how many entries wait for a seal, and what the last look through the trail found."""
    waited = ExpressionWrapper(DATABASE_CLOCK - F("since"), output_field=DurationField())
    found = AuditUnsealed.objects.aggregate(count=Count("pk"), oldest=Max(waited))
    oldest = 0.0 if found["oldest"] is None else found["oldest"].total_seconds()
    last = AuditCheck.objects.order_by("-at").first()
    looked_at, faults = (None, None) if last is None else (last.at, last.faults)
    return TrailState(found["count"], oldest, looked_at, faults)


@contextmanager
def one_view() -> Iterator[None]:
    """Show the whole trail as it stands at one moment, without the limit on a statement's time."""
    every = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL "
    with connection.cursor() as cursor:
        cursor.execute(f"{every} REPEATABLE READ")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{every} READ COMMITTED")


def faults_of_trail(
    so_far: Progress, anchors: Anchors, tell: Callable[[Progress], None]
) -> Iterator[Fault]:
    """Yield what is wrong from the seal ``so_far.first_seal`` on; the one before it is believed.

    Call it within ``one_view``, with anchors read before. ``tell`` hears how far it has come.
    """
    walk = _Walk(tell, so_far)
    if so_far.first_seal > 1:
        walk.number = so_far.first_seal - 1
        before = AuditSeal.objects.filter(number=walk.number).first()
        walk.known = FIRST if before is None else bytes(before.hash)
        walk.keys = keys_at(before)
    yield from _faults_of_chain(walk)
    so_far.last_seal = walk.number
    if _was_used() and not AuditSeal.objects.exists():
        yield Fault(Wrong.NO_SEALS, FIRST_SEAL)
    for statement, wrong, values in (
        (_NOT_SEALED, Wrong.NEVER_SEALED, []),
        (_SEALED_TWICE, Wrong.SEALED_TWICE, []),
        (_WAITS, Wrong.WAITS, [PATIENCE_S]),
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            while found := cursor.fetchmany(AT_ONCE):
                yield from (Fault(wrong, number, row_id) for number, row_id in found)
    yield from _faults_of_anchors(anchors, so_far)


def _faults_of_chain(walk: _Walk) -> Iterator[Fault]:
    """Each seal follows the one before it, and holds the entries that it was made of."""
    waiting = 0
    for row in _seals_after(walk.number):
        number, sealed_at, rows, macs, previous, known, key = row
        seal = Seal(number, sealed_at, rows, bytes(macs), bytes(previous), key)
        yield from _faults_of_seal(seal, bytes(known), walk)
        walk.number, walk.known = number, bytes(known)
        walk.seals.append((seal, walk.keys.of_entries(seal)))
        waiting += len(rows)
        if waiting >= AT_ONCE:
            yield from _faults_of_entries(walk)
            waiting = 0
    yield from _faults_of_entries(walk)


def _seals_after(number: int) -> Iterator[tuple[Any, ...]]:
    """Read the seals in their order, some at a time: one names up to a thousand entries."""
    rows = AuditSeal.objects.order_by("number").values_list(
        "number", "sealed_at", "rows", "macs", "previous", "hash", "key"
    )
    while some := list(rows.filter(number__gt=number)[:SEALS_AT_ONCE]):
        yield from some
        number = some[-1][0]


def _faults_of_seal(seal: Seal, known: bytes, walk: _Walk) -> Iterator[Fault]:
    follows = seal.number == walk.number + 1
    if not follows:
        yield from (Fault(Wrong.SEAL_MISSING, one) for one in range(walk.number + 1, seal.number))
    if fault := walk.keys.fault_of(seal):
        yield fault
    key = settings.AUDIT_KEYS.get(seal.key)
    signed = key is None or hash_of(seal, key) == known
    if not signed or (follows and seal.previous != walk.known):
        yield Fault(Wrong.SEAL_EDITED, seal.number)
    else:
        walk.keys.replaced(seal)


def _faults_of_entries(walk: _Walk) -> Iterator[Fault]:
    """Compare the entries of some seals together, and forget those seals."""
    numbers = [number for seal, _ in walk.seals for number in seal.rows]
    rows = AuditEntry.objects.filter(number__in=numbers).values_list("number", "mac", *FIELDS)
    entries = {number: (bytes(mac), Entry(*told)) for number, mac, *told in rows}
    for seal, keys in walk.seals:
        for place, number in enumerate(seal.rows):
            yield from _faults_of_entry(number, seal.mac_at(place), entries.get(number), seal, keys)
    walk.so_far.rows += len(numbers)
    walk.seals.clear()
    walk.tell(walk.so_far)


def _faults_of_entry(
    number: int,
    sealed: bytes,
    found: tuple[bytes, Entry] | None,
    seal: Seal,
    keys: Sequence[bytes],
) -> Iterator[Fault]:
    if found is None:
        yield Fault(Wrong.LOST_UNSEALED if sealed == NO_MAC else Wrong.MISSING, number)
        return
    written, entry = found
    if sealed == written and (not keys or any(mac_of(entry, key) == sealed for key in keys)):
        return
    macs = {mac_of(entry, key) for key in keys}
    others = (seal.mac_at(place) for place in range(len(seal.rows)))
    if sealed not in macs and macs.intersection(others):
        yield Fault(Wrong.MOVED, number, entry.id)
    else:
        yield Fault(Wrong.EDITED, number, entry.id)


def _faults_of_anchors(anchors: Anchors, so_far: Progress) -> Iterator[Fault]:
    """What the anchors know is in the table; what a person has accepted is not asked for, if they
    signed it with no older key than what stands before it."""
    open_faults: list[Fault] = []
    batch: list[Line] = []
    count, key = 0, FIRST_KEY
    for count, line in enumerate(anchors.lines(), 1):  # noqa: B007
        if isinstance(line, Unreadable):
            open_faults.append(Fault(Wrong.BAD_ANCHOR, line.number))
            continue
        batch.append(line)
        key = max(key, line.key)
        if line.because and line.key == key and _is_accepted(line):
            open_faults.clear()
            batch = [line]
        if len(batch) == AT_ONCE:
            open_faults += _unknown(batch, so_far)[: MOST_FAULTS - len(open_faults)]
            batch = []
    open_faults += _unknown(batch, so_far)
    if anchors and not count and _was_used():
        open_faults.append(Fault(Wrong.NO_ANCHORS, count))
    yield from open_faults[:MOST_FAULTS]


def _was_used() -> bool:
    """Somebody has an account, or did something: then there are seals, and anchors of them."""
    return AuditEntry.objects.exists() or User.objects.exists() or AuditSeal.objects.exists()


def _is_accepted(line: Line) -> bool:
    key = settings.AUDIT_KEYS.get(line.key)
    return key is not None and line.mac == acceptance_of(line.seal, line.hash, line.because, key)


def _unknown(lines: Sequence[Line], so_far: Progress) -> list[Fault]:
    """The lines whose seal is gone, or is another one."""
    asked = [line.seal for line in lines]
    seals = AuditSeal.objects.filter(number__in=asked).values_list("number", "hash")
    known = {number: bytes(told) for number, told in seals}
    so_far.last_anchor = max([so_far.last_anchor, *known])
    return [
        Fault(Wrong.OTHER_SEAL if line.seal in known else Wrong.TAIL_CUT, line.seal)
        for line in lines
        if known.get(line.seal) != line.hash
    ]
