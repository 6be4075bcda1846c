"""The ledger of controlled drugs: the only code that writes entries and signatures.

Each writer works in its caller's transaction and takes a lock on the vial, after the visit's; two
of them never see the same vial at once. Facts from the field are kept whatever they break, with
one exception: a vial that is not in stock cannot be taken from it. What does not balance keeps the
visit open until a discrepancy explains it and a second person has signed that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import connection

from dispatch import audit, outbox, tasking
from dispatch.domain.clock import service_date
from dispatch.domain.custody import (
    WITNESSES,
    Account,
    Entry,
    EntryKind,
    Movement,
    alarming,
    balances,
    entered,
    in_hand,
    opened,
    settled,
    to_restock,
)
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.events import CustodySettled
from dispatch.domain.people import Actor, Role
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import ENDED, Status
from dispatch.models import CustodyEntry, CustodySignature, User, Vial, Visit
from dispatch.selectors.clock import zone_of
from dispatch.selectors.custody import entries_of_vial, entries_of_visit
from dispatch.selectors.protocols import protocol_of

DOES_NOT_BALANCE = (
    "The vials of this visit do not balance, or a second person has not yet seen why. What was "
    "wasted, returned or is missing is written down by one person and signed by another."
)
MISSING_IN_STOCK = "A vial in stock was found to hold less or more; a second person has to see it."
KEY = 2
"""The first half of the keys of this service's advisory locks on vials, as a trigger takes them."""


def balance_of(visit_id: UUID) -> int:
    """Return the micrograms still in the nurse's hands for this visit, over all its vials."""
    return sum(in_hand(entries_of_visit(visit_id)).values())


def is_settled(visit_id: UUID) -> bool:
    """Whether every vial of the visit balances and a second person has signed what needs it."""
    return settled(entries_of_visit(visit_id))


def lock(vial: Vial, visit_id: UUID | None) -> Vial:
    """Wait for whoever writes about this visit or this vial, and return the vial.

    Of a visit, all that has to be signed is signed one by one: the last signature settles it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock outside a transaction protects nothing.")
    if visit_id is not None:
        lock_visit(visit_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [KEY, str(vial.id)])
    return vial


def _named(vial: UUID | str, market_id: UUID) -> Vial:
    """Return the vial of the market with this id, or with this number on its label."""
    vials = Vial.objects.filter(market_id=market_id)
    with suppress(ValueError):
        found = vials.filter(id=UUID(str(vial))).first()
        if found is not None:
            return found
    found = vials.filter(number=str(vial)).first()
    if found is None:
        raise NotFound("vial")
    return found


def lock_visit(visit_id: UUID) -> Visit:
    """Lock a visit's row alone, as ``schedule.lock_visit`` does last."""
    return Visit.objects.select_for_update(of=("self",), no_key=True).get(id=visit_id)


def receive(vials: Sequence[Vial], *, by: Actor, now: datetime) -> None:
    """Write down vials that have come from the supplier, each with its content in stock."""
    Vial.objects.bulk_create(vials)
    CustodyEntry.objects.bulk_create(
        CustodyEntry(
            market_id=by.market_id,
            vial=vial,
            kind=EntryKind.RECEIVED.value,
            source=Account.SUPPLIER.value,
            target=Account.STOCK.value,
            ug=vial.content_ug,
            at=now,
            recorded_at=now,
            recorded_by_id=by.user_id,
        )
        for vial in vials
    )
    for vial in vials:
        audit.note(by, EntryKind.RECEIVED.value, "vial", vial.id, now=now)


def enter(
    movement: Movement, *, account: Account = Account.NURSE, by: Actor, now: datetime
) -> UUID | None:
    """Write down a movement and return its entry; None where its event was entered before.

    Raises NotFound for an unknown vial; Invalid, naming ``ug``, ``reason`` or ``visit``; Conflict
    ``vial_not_in_stock`` at checkout and, unless the movement is told late, ``vial_expired``,
    ``vial_opened`` or ``wrong_drug``.
    """
    vial = lock(_named(movement.vial, by.market_id), movement.visit_id)
    known = CustodyEntry.objects.filter(event_id=movement.event_id)
    if movement.event_id is not None and known.exists():
        return None
    entry, visit_id = entered(movement, vial.id, vial.content_ug, account), movement.visit_id
    if movement.kind is EntryKind.CHECKED_OUT and visit_id is not None:
        _check_out(vial, visit_id, movement)
    row = _write(entry, movement, by=by, now=now)
    audit.note(by, movement.kind.value, "vial", vial.id, now=now)
    if visit_id is not None:
        _restock(vial, visit_id, by=by, now=now)
    _watch(vial, visit_id, by=by, now=now)
    return row.id


def _check_out(vial: Vial, visit_id: UUID, movement: Movement) -> None:
    entries = entries_of_vial(vial.id)
    if balances(entries)[vial.id, Account.STOCK] < vial.content_ug:
        raise Conflict("vial_not_in_stock", "This vial is not in stock, or not whole.")
    if movement.late:
        return
    if vial.expires_on < service_date(movement.at, zone_of(vial.market_id)):
        raise Conflict("vial_expired", "This vial has expired.")
    if opened(entry for entry in entries if entry.visit_id != visit_id):
        raise Conflict("vial_opened", "This vial was opened at another visit.")
    visit = Visit.objects.get(id=visit_id)
    drug = protocol_of(visit.protocol_id).drug
    if drug is None or drug.code != vial.drug_code:
        raise Conflict("wrong_drug", "This vial holds no drug of this treatment.")


def _write(entry: Entry, movement: Movement, *, by: Actor, now: datetime) -> CustodyEntry:
    return CustodyEntry.objects.create(
        market_id=by.market_id,
        vial_id=entry.vial_id,
        kind=entry.kind.value,
        source=entry.source.value,
        target=entry.target.value,
        ug=entry.ug,
        visit_id=entry.visit_id,
        nurse_id=None if entry.visit_id is None else _hands(entry.visit_id, entry.vial_id, by),
        event_id=movement.event_id,
        reason=movement.reason,
        asked_id=None if movement.witness_id is None else _asked(movement.witness_id, by),
        at=movement.at,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )


def _hands(visit_id: UUID, vial_id: UUID, by: Actor) -> UUID:
    """Return the nurse who tells it, or who had the vial last at this visit."""
    if by.role is Role.NURSE and by.person_id is not None:
        return by.person_id
    had_it = CustodyEntry.objects.filter(vial_id=vial_id, visit_id=visit_id)
    nurse = had_it.order_by("-id").values_list("nurse_id", flat=True).first()
    if nurse is None:
        raise Invalid({"visit": "This vial has not been at this visit."})
    return nurse


def _asked(witness_id: UUID, by: Actor) -> UUID | None:
    """Return whom the nurse named as witness; nobody, where that person could not sign.

    What was wasted is not left out for that.
    """
    roles = [role.value for role in WITNESSES]
    people = User.objects.filter(market_id=by.market_id, role__in=roles).exclude(id=by.user_id)
    return people.filter(id=witness_id).values_list("id", flat=True).first()


def sign(row: CustodyEntry, vial: Vial, *, by: Actor, now: datetime) -> None:
    """Let a second person sign; an unopened vial that came back goes into stock again.

    Where that settles the visit, its record is to be read anew: event ``CustodySettled``.
    """
    CustodySignature.objects.create(
        market_id=row.market_id, entry=row, signed_by_id=by.user_id, at=now
    )
    audit.note(by, "witness", "custody_entry", row.id, now=now)
    if row.visit_id is not None:
        _restock(vial, row.visit_id, by=by, now=now)
        if is_settled(row.visit_id):
            outbox.record(CustodySettled(row.visit_id), market_id=row.market_id, now=now)
    _watch(vial, row.visit_id, by=by, now=now)


def _restock(vial: Vial, visit_id: UUID, *, by: Actor, now: datetime) -> None:
    """Put a vial into stock that this visit had taken and has returned, once that is signed."""
    back = to_restock(entries_of_vial(vial.id), visit_id)
    if back is None:
        return
    CustodyEntry.objects.create(
        market_id=vial.market_id,
        vial=vial,
        kind=EntryKind.RESTOCKED.value,
        source=Account.RETURNED.value,
        target=Account.STOCK.value,
        ug=vial.content_ug,
        restocks_id=back.id,
        at=now,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )


def _watch(vial: Vial, visit_id: UUID | None, *, by: Actor | None, now: datetime) -> None:
    """Open the urgent task about a visit, or about a vial in stock; close it when all is well."""
    if visit_id is not None:
        watch_visit(visit_id, by=by, now=now)
        return
    in_stock = [entry for entry in entries_of_vial(vial.id) if entry.visit_id is None]
    if alarming(in_stock):
        tasking.open_task(
            TaskKind.CUSTODY_OPEN,
            vial.id,
            market_id=vial.market_id,
            reason=MISSING_IN_STOCK,
            now=now,
        )
    else:
        tasking.close_task(TaskKind.CUSTODY_OPEN, vial.id, by=by, now=now)


def watch_visit(visit_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """The same about one visit: it has ended unsettled, or what it tells cannot be right."""
    visit, entries = Visit.objects.get(id=visit_id), entries_of_visit(visit_id)
    left_over = Status(visit.status) in ENDED and not settled(entries)
    if left_over or alarming(entries):
        tasking.open_task(
            TaskKind.CUSTODY_OPEN,
            visit.id,
            market_id=visit.market_id,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            reason=DOES_NOT_BALANCE,
            now=now,
        )
    else:
        tasking.close_task(TaskKind.CUSTODY_OPEN, visit.id, by=by, now=now)
