"""Controlled drugs in double entry: whole micrograms that go from one account of a vial to another.

An entry moves ``ug`` > 0, so the accounts of a vial always sum to zero. What is in a nurse's hands
is counted for each visit. No entry is ever changed: what is wrong is explained by another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from dispatch.domain.errors import Invalid
from dispatch.domain.people import Role
from dispatch.domain.sentences import Sentence

MOST_UG = 100_000_000
"""100 g: more than any vial holds."""


class Account(StrEnum):
    """Where a vial's content can be; the nurse's and the patient's are of one visit."""

    SUPPLIER = "supplier"
    STOCK = "stock"
    NURSE = "nurse"
    PATIENT = "patient"
    WASTE = "waste"
    RETURNED = "returned"
    DISCREPANCY = "discrepancy"


class EntryKind(StrEnum):
    RECEIVED = "received"
    CHECKED_OUT = "checked_out"
    GIVEN = "given"
    WASTED = "wasted"
    RETURNED = "returned"
    RESTOCKED = "restocked"
    DISCREPANCY = "discrepancy"


Way = tuple[Account, Account]


def _both_ways(account: Account) -> set[Way]:
    return {(account, Account.DISCREPANCY), (Account.DISCREPANCY, account)}


WAYS: dict[EntryKind, frozenset[Way]] = {
    EntryKind.RECEIVED: frozenset({(Account.SUPPLIER, Account.STOCK)}),
    EntryKind.CHECKED_OUT: frozenset({(Account.STOCK, Account.NURSE)}),
    EntryKind.GIVEN: frozenset({(Account.NURSE, Account.PATIENT)}),
    EntryKind.WASTED: frozenset({(Account.NURSE, Account.WASTE)}),
    EntryKind.RETURNED: frozenset({(Account.NURSE, Account.RETURNED)}),
    EntryKind.RESTOCKED: frozenset({(Account.RETURNED, Account.STOCK)}),
    EntryKind.DISCREPANCY: frozenset(
        _both_ways(Account.NURSE) | _both_ways(Account.STOCK) | _both_ways(Account.RETURNED)
    ),
}
"""From which account to which each kind of entry goes."""

WHOLE = frozenset(
    {EntryKind.RECEIVED, EntryKind.CHECKED_OUT, EntryKind.RETURNED, EntryKind.RESTOCKED}
)
"""Kinds that move the vial's whole content: it is returned unopened, or not at all."""

WITNESSED = frozenset({EntryKind.WASTED, EntryKind.RETURNED, EntryKind.DISCREPANCY})
"""Kinds that a second person signs: what leaves a nurse's hands and does not reach the patient."""

WITNESSES = frozenset({Role.NURSE, Role.PRESCRIBER})
"""Who may sign: licensed people."""

OPENS = frozenset({EntryKind.GIVEN, EntryKind.WASTED})
"""Kinds after which the vial has been opened; it is never put into stock again."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What somebody says has happened to a vial, named by its id or by the number on its label.

    ``ug`` belongs to what is given and wasted, and to a discrepancy: above zero is missing from
    the nurse's hands, below zero is more than there should be. ``late`` is told after the event by
    a phone that was offline: a fact, whatever rule it breaks. ``at`` is when it happened.
    """

    kind: EntryKind
    vial: UUID | str
    visit_id: UUID | None
    at: datetime
    ug: int | None = None
    event_id: UUID | None = None
    reason: str = ""
    witness_id: UUID | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """``visit_id`` is null where no nurse's hands are touched; ``signed`` by a second person.

    ``restocks`` is the return that brought back what is put into stock again.
    """

    kind: EntryKind
    source: Account
    target: Account
    ug: int
    vial_id: UUID
    visit_id: UUID | None = None
    id: UUID | None = None
    signed: bool = False
    restocks: UUID | None = None

    @property
    def unsigned(self) -> bool:
        return self.kind in WITNESSED and not self.signed


FIELD_EVENTS: dict[str, EntryKind] = {
    "checkout": EntryKind.CHECKED_OUT,
    "give": EntryKind.GIVEN,
    "waste": EntryKind.WASTED,
    "return": EntryKind.RETURNED,
    "discrepancy": EntryKind.DISCREPANCY,
}
"""The types of field events that move a drug, and what each is entered as."""


def movement_of(
    event_type: str,
    data: Mapping[str, Any],
    *,
    event_id: UUID,
    visit_id: UUID,
    at: datetime,
    late: bool,
) -> Movement:
    """Return what a field event says, from data whose form was checked when it came in."""
    witness = data.get("witness")
    return Movement(
        kind=FIELD_EVENTS[event_type],
        vial=data["vial"],
        visit_id=visit_id,
        at=at,
        ug=data.get("ug"),
        event_id=event_id,
        reason=data.get("reason", ""),
        witness_id=None if witness is None else UUID(witness),
        late=late,
    )


def times_taken(told: Iterable[tuple[str, str]]) -> Counter[str]:
    """How often each vial was taken, from (type, vial) of a visit's events in their order.

    A vial that is out and is said to be taken once more was taken once.
    """
    taken: Counter[str] = Counter()
    out: set[str] = set()
    for event_type, vial in told:
        kind = FIELD_EVENTS[event_type]
        if kind is EntryKind.CHECKED_OUT and vial not in out:
            taken[vial] += 1
            out.add(vial)
        elif kind is EntryKind.RETURNED:
            out.discard(vial)
    return taken


def entered(
    movement: Movement, vial_id: UUID, content_ug: int, account: Account = Account.NURSE
) -> Entry:
    """Return the entry for a movement of a vial of such content.

    ``account`` is where a discrepancy was found. Raises Invalid, naming ``ug`` or ``reason``.
    """
    ug = content_ug if movement.kind in WHOLE else movement.ug
    if ug is None or not 0 < abs(ug) <= MOST_UG:
        pattern = "Whole micrograms, at most {most}, and not none."
        raise Invalid({"ug": Sentence(pattern, most=MOST_UG)})
    if movement.kind is EntryKind.DISCREPANCY:
        if not movement.reason.strip():
            raise Invalid({"reason": "A discrepancy is explained."})
        lacking, found = (account, Account.DISCREPANCY), (Account.DISCREPANCY, account)
        source, target = lacking if ug > 0 else found
        return Entry(movement.kind, source, target, abs(ug), vial_id, movement.visit_id)
    if ug < 0:
        raise Invalid({"ug": "Only a discrepancy can be less than nothing."})
    ((source, target),) = WAYS[movement.kind]
    return Entry(movement.kind, source, target, ug, vial_id, movement.visit_id)


def balances(entries: Iterable[Entry]) -> Counter[tuple[UUID, Account]]:
    """Return the micrograms in each account of each vial; an account without entries has none."""
    found: Counter[tuple[UUID, Account]] = Counter()
    for entry in entries:
        found[entry.vial_id, entry.source] -= entry.ug
        found[entry.vial_id, entry.target] += entry.ug
    return found


def in_hand(of_visit: Iterable[Entry]) -> dict[UUID, int]:
    """Return what the nurse still has of each vial, from the entries of one visit.

    Below zero where more was given, wasted or brought back than she had.
    """
    entries = list(of_visit)
    found = balances(entries)
    vials = dict.fromkeys(entry.vial_id for entry in entries)
    return {vial: found[vial, Account.NURSE] for vial in vials}


def settled(of_visit: Iterable[Entry]) -> bool:
    """Whether every vial of a visit balances, and all is signed that a second person signs."""
    entries = list(of_visit)
    return not any(in_hand(entries).values()) and not any(one.unsigned for one in entries)


def alarming(of_visit: Iterable[Entry]) -> bool:
    """Whether somebody must look at once: more is gone than there was, or a gap was explained."""
    entries = list(of_visit)
    gaps = (one.unsigned for one in entries if one.kind is EntryKind.DISCREPANCY)
    return any(gaps) or any(ug < 0 for ug in in_hand(entries).values())


def opened(of_vial: Iterable[Entry]) -> bool:
    return any(one.kind in OPENS for one in of_vial)


def to_restock(of_vial: Iterable[Entry], visit_id: UUID) -> Entry | None:
    """Return the return of this visit that goes into stock now, if there is one.

    It is signed, the vial was never opened, and the visit had taken the vial from stock.
    """
    entries = list(of_vial)
    theirs = [one for one in entries if one.visit_id == visit_id]
    backs = [one for one in theirs if one.kind is EntryKind.RETURNED]
    done = {one.restocks for one in entries if one.restocks is not None}
    taken = sum(one.kind is EntryKind.CHECKED_OUT for one in theirs)
    if taken <= sum(one.id in done for one in backs):
        return None
    back = next((one for one in backs if one.signed and one.id not in done), None)
    if back is None or opened(entries):
        return None
    now = balances(entries)
    lies_there = now[back.vial_id, Account.RETURNED] >= back.ug
    return back if lies_there and not now[back.vial_id, Account.STOCK] else None
