"""Vials are received, counted and explained; a second person signs what a nurse wrote down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dispatch import ledger
from dispatch.domain.clock import service_date
from dispatch.domain.custody import WITNESSED, Account, EntryKind, Movement, balances
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.models import CustodyEntry, CustodySignature, Vial
from dispatch.selectors.access import custody_entry_for, vial_for, visit_for
from dispatch.selectors.clock import zone_of
from dispatch.selectors.custody import entries_of_vial
from dispatch.selectors.protocols import controlled_drugs


@transaction.atomic
def receive_vials(
    numbers: Sequence[str],
    *,
    drug: str,
    lot: str,
    content_ug: int,
    expires_on: date,
    by: Actor,
    now: datetime,
) -> tuple[UUID, ...]:
    """Take vials of one lot into stock, by the numbers on their labels; return their ids.

    Raises Invalid; Conflict ``vial_known`` with the numbers that were received before.
    """
    if drug not in controlled_drugs():
        raise Invalid({"drug": "No treatment gives a controlled drug of this code."})
    if expires_on < service_date(now, zone_of(by.market_id)):
        raise Invalid({"expires_on": "These vials have expired."})
    twice = [number for number, times in Counter(numbers).items() if times > 1]
    if twice:
        pattern = "Every vial has a number of its own; twice: {number}."
        raise Invalid({"numbers": Sentence(pattern, number=twice[0])})
    known = Vial.objects.filter(market_id=by.market_id, number__in=numbers)
    if found := sorted(known.values_list("number", flat=True)):
        raise Conflict("vial_known", "Some of these vials were received before.", numbers=found)
    vials = [
        Vial(
            market_id=by.market_id,
            drug_code=drug,
            lot=lot,
            number=number,
            content_ug=content_ug,
            expires_on=expires_on,
        )
        for number in numbers
    ]
    ledger.receive(vials, by=by, now=now)
    return tuple(vial.id for vial in vials)


@transaction.atomic
def witness(entry_id: UUID, *, by: Actor, now: datetime) -> None:
    """Sign what somebody else wrote down. Signing again changes nothing.

    Raises NotFound; Conflict ``no_witness_needed``, ``own_entry``, ``already_signed``.
    """
    row = custody_entry_for(by, entry_id)
    if EntryKind(row.kind) not in WITNESSED:
        raise Conflict("no_witness_needed", "Nobody signs such an entry.")
    if by.user_id == row.recorded_by_id or _had_it(row, by):
        raise Conflict("own_entry", "Another person signs than who wrote it or had the vial.")
    vial = ledger.lock(row.vial, row.visit_id)
    signature = CustodySignature.objects.filter(entry=row).first()
    if signature is None:
        ledger.sign(row, vial, by=by, now=now)
    elif signature.signed_by_id != by.user_id:
        raise Conflict("already_signed", "Somebody else has signed this.")


def _had_it(row: CustodyEntry, by: Actor) -> bool:
    return row.nurse is not None and row.nurse.user_id == by.user_id


@transaction.atomic
def explain(
    vial_id: UUID, *, visit_id: UUID | None, ug: int, reason: str, by: Actor, now: datetime
) -> UUID:
    """Write down a discrepancy, found with a visit's nurse or, without a visit, in stock.

    ``ug`` is what is missing, below zero what is there too much. A vial that lies returned and was
    not put into stock is counted there. Somebody else signs it. Returns the entry's id. Raises
    NotFound; Invalid, where the vial has not been at the visit or cannot lack so much.
    """
    vial = vial_for(by, vial_id)
    if visit_id is not None:
        visit_for(by, visit_id)
    ledger.lock(vial, visit_id)
    account = Account.NURSE if visit_id is not None else _counted(vial, ug)
    movement = Movement(EntryKind.DISCREPANCY, vial.id, visit_id, now, ug=ug, reason=reason)
    entry_id = ledger.enter(movement, account=account, by=by, now=now)
    if entry_id is None:
        raise RuntimeError("A discrepancy without an event was entered before.")
    return entry_id


def _counted(vial: Vial, ug: int) -> Account:
    """Return where the vial is counted when it is in nobody's hands."""
    found = balances(entries_of_vial(vial.id))
    account = Account.RETURNED if found[vial.id, Account.RETURNED] else Account.STOCK
    if not 0 <= found[vial.id, account] - ug <= vial.content_ug:
        raise Invalid({"ug": "There would be less than nothing, or more than the vial holds."})
    return account


@transaction.atomic
def look_at_custody(visit_id: UUID, *, now: datetime) -> None:
    """A visit has broken off: somebody must look if its vials do not balance."""
    ledger.lock_visit(visit_id)
    ledger.watch_visit(visit_id, by=None, now=now)
