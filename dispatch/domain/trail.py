"""The audit trail's chain: what is signed of an entry, how entries are sealed, what can be wrong.

An entry is signed with a key that the database does not know, as it is written. A seal takes some
entries, in an order, and is signed together with the seal before it: whoever changes, removes, adds
or moves an entry would have to sign it anew, and every seal from there on. Keys are numbered as
they are added; what was signed with an old one before the new one came is as good as ever.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAC_BYTES = 16
NO_MAC = bytes(MAC_BYTES)
"""Stands in a seal for an entry that was gone before it could be sealed."""
FIRST = b""
"""What the first seal follows."""
FIRST_KEY = 1
HAND_OVER = timedelta(days=1)
"""So long after the first seal under a new key an old one counts: the time of a restart."""


@dataclass(frozen=True, slots=True)
class Entry:
    """All that an entry says; ``shown`` is how many rows somebody was shown."""

    id: UUID
    market_id: UUID
    at: datetime
    user_id: UUID | None
    role: str
    verb: str
    operation: str
    subject: str
    subject_id: UUID | None = None
    shown: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """Entries by their numbers, their signatures in the same order, and the seal before."""

    number: int
    sealed_at: datetime
    rows: Sequence[int]
    macs: bytes
    previous: bytes
    key: int = FIRST_KEY

    def mac_at(self, place: int) -> bytes:
        return self.macs[place * MAC_BYTES : (place + 1) * MAC_BYTES]


class Wrong(StrEnum):
    """What can be wrong with a trail."""

    EDITED = "edited, or not written by the service"
    MOVED = "moved"
    MISSING = "missing"
    LOST_UNSEALED = "lost before it was sealed"
    NEVER_SEALED = "never sealed"
    SEALED_TWICE = "sealed twice"
    WAITS = "unsealed for too long"
    SEAL_EDITED = "seal edited"
    SEAL_MISSING = "seal missing"
    NO_KEY = "what is signed with its key cannot be verified, AUDIT_KEY lacks it"
    OLD_KEY = "signed after its key was replaced"
    NO_SEALS = "there is none, though the service was used"
    TAIL_CUT = "the anchors know more than the table"
    OTHER_SEAL = "the anchors know another seal"
    BAD_ANCHOR = "anchor cannot be read"
    NO_ANCHORS = "no anchor stands where they are kept"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, at the entry or the seal of a number; ``key`` is a key's number."""

    wrong: Wrong
    number: int
    row_id: UUID | None = None
    key: int | None = None

    def __str__(self) -> str:
        where = f"{self.number} ({self.row_id})" if self.row_id else str(self.number)
        kind = "seal" if self.wrong in _OF_SEALS else "line" if self.wrong in _OF_LINES else "row"
        of_key = "" if self.key is None else f": key {self.key}"
        return f"{kind} {where}: {self.wrong.value}{of_key}"


_OF_SEALS = {
    Wrong.SEAL_EDITED,
    Wrong.SEAL_MISSING,
    Wrong.NO_KEY,
    Wrong.OLD_KEY,
    Wrong.NO_SEALS,
    Wrong.TAIL_CUT,
    Wrong.OTHER_SEAL,
}
_OF_LINES = {Wrong.BAD_ANCHOR, Wrong.NO_ANCHORS}


def mac_of(entry: Entry, key: bytes) -> bytes:
    """Return the signature over every column; an instant counts in whole microseconds."""
    told = (
        *map(str, (entry.id, entry.market_id)), _microseconds(entry.at),
        entry.user_id and str(entry.user_id), entry.role, entry.verb, entry.operation,
        entry.subject, entry.subject_id and str(entry.subject_id), entry.shown,
    )  # fmt: skip
    return _signed(["entry", *told], key)[:MAC_BYTES]


def hash_of(seal: Seal, key: bytes) -> bytes:
    """Return the signature over a seal and, through ``previous``, over all before it."""
    told = ["seal", seal.number, _microseconds(seal.sealed_at), *seal.rows]
    return _signed([*told, seal.macs.hex(), seal.previous.hex()], key)


def acceptance_of(number: int, known: bytes, because: str, key: bytes) -> bytes:
    """Return the signature under the note that a trail which ends at a seal is accepted."""
    return _signed(["accepted", number, known.hex(), because], key)


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _signed(told: Sequence[object], key: bytes) -> bytes:
    return hmac.digest(key, json.dumps(told, separators=(",", ":")).encode(), "sha256")
