"""Where the content of vials is: of one visit, of one vial, and of nurses who still have some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Sum, When

from dispatch.domain.clock import service_date
from dispatch.domain.custody import (
    WITNESSED,
    Account,
    Entry,
    EntryKind,
    in_hand,
    settled,
)
from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import ENDED, ON_ROUTE
from dispatch.models import CustodyEntry, CustodySignature, Visit
from dispatch.selectors.access import custody_entry_for, visit_for
from dispatch.selectors.clock import zone_of

SIGNED = Exists(CustodySignature.objects.filter(entry=OuterRef("pk")))
LEFT = Sum(Case(When(target=Account.NURSE.value, then=F("ug")), default=-F("ug")))
"""What is left in hand, over the entries of one visit and one vial."""
WITH_A_NURSE = [status.value for status in ON_ROUTE - ENDED]


@dataclass(frozen=True, slots=True)
class VialInHand:
    """``in_hand_ug``: still with the visit's nurse; below zero where more is gone than she had."""

    vial: UUID
    number: str
    lot: str
    in_hand_ug: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """People go by their usernames. ``expired``: the vial was, when this happened."""

    id: UUID
    kind: str
    vial: UUID
    number: str
    lot: str
    source: str
    target: str
    ug: int
    at: datetime
    recorded_by: str
    reason: str
    expired: bool
    needs_witness: bool
    asked: str | None
    signed_by: str | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitCustody:
    """``settled``: every vial balances, and a second person has signed what needs it.

    ``balance_ug``, ``vials`` and ``entries`` are empty for those whom amounts do not concern.
    """

    visit: UUID
    settled: bool
    balance_ug: int | None
    vials: tuple[VialInHand, ...]
    entries: tuple[EntryLine, ...]


def open_custody_of(nurse_id: UUID) -> tuple[UUID, ...]:
    """Return the visits from which this nurse has vials that are not settled.

    The visits that she has now are not among them, unless they have ended.
    """
    hers = CustodyEntry.objects.filter(nurse_id=nurse_id).values("visit_id")
    hers_now = Q(reservation__nurse_id=nurse_id, status__in=WITH_A_NURSE)
    return unsettled_among(Visit.objects.filter(id__in=hers).exclude(hers_now))


def unsettled_among(visits: QuerySet[Visit]) -> tuple[UUID, ...]:
    """Return those of the visits whose custody is not settled, told apart by PostgreSQL."""
    entries = CustodyEntry.objects.filter(visit_id__in=visits.values("id"))
    kinds = [kind.value for kind in WITNESSED]
    unsigned = entries.filter(~SIGNED, kind__in=kinds).values_list("visit_id")
    unbalanced = entries.values_list("visit_id", "vial_id").annotate(left=LEFT).exclude(left=0)
    found = unsigned.union(unbalanced.values_list("visit_id"))
    return tuple(sorted(visit_id for (visit_id,) in found))


def entries_of_visit(visit_id: UUID) -> tuple[Entry, ...]:
    return _entries(CustodyEntry.objects.filter(visit_id=visit_id).order_by("id"))


def times_checked_out(visit_id: UUID, vial: str) -> int:
    """How often the ledger has this vial, by its id or the number on its label, at the visit."""
    taken = CustodyEntry.objects.filter(visit_id=visit_id, kind=EntryKind.CHECKED_OUT.value)
    named = taken.values_list("vial_id", "vial__number")
    return sum(vial in {str(vial_id), number} for vial_id, number in named)


def entries_of_vial(vial_id: UUID) -> tuple[Entry, ...]:
    return _entries(CustodyEntry.objects.filter(vial_id=vial_id).order_by("id"))


def _entries(rows: QuerySet[CustodyEntry]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            kind=EntryKind(row.kind),
            source=Account(row.source),
            target=Account(row.target),
            ug=row.ug,
            vial_id=row.vial_id,
            visit_id=row.visit_id,
            id=row.id,
            signed=row.signed,
            restocks=row.restocks_id,
        )
        for row in rows.annotate(signed=SIGNED)
    )


def custody_seen_by(by: Actor, visit_id: UUID) -> VisitCustody:
    """Return what a visit did with its vials. Raises NotFound."""
    visit = visit_for(by, visit_id)
    if not is_told(by.role, Fact.AMOUNTS):
        return VisitCustody(visit.id, settled(entries_of_visit(visit.id)), None, (), ())
    return custody_of(visit.id, zone_of(by.market_id))


def custody_of(visit_id: UUID, zone: str) -> VisitCustody:
    """Return the same with its amounts, for who has had the vials."""
    rows = list(_shown().filter(visit_id=visit_id).order_by("at", "id"))
    entries = entries_of_visit(visit_id)
    left = in_hand(entries)
    vials = {row.vial_id: row.vial for row in rows}
    return VisitCustody(
        visit=visit_id,
        settled=settled(entries),
        balance_ug=sum(left.values()),
        vials=tuple(
            VialInHand(vial.id, vial.number, vial.lot, left[vial.id])
            for vial in sorted(vials.values(), key=lambda one: one.number)
        ),
        entries=tuple(line(row, zone) for row in rows),
    )


def to_sign(by: Actor) -> QuerySet[CustodyEntry]:
    """The entries of the market that wait for a second person, but for one's own."""
    kinds = [kind.value for kind in WITNESSED]
    waiting = _shown().filter(~SIGNED, market_id=by.market_id, kind__in=kinds)
    own = Q(recorded_by_id=by.user_id)
    if by.role is Role.NURSE:
        own |= Q(nurse__isnull=False, nurse_id=by.person_id)
    return waiting.exclude(own)


def _shown() -> QuerySet[CustodyEntry]:
    people = ("recorded_by", "asked", "signature__signed_by")
    return CustodyEntry.objects.select_related("vial", *people)


def entry_seen_by(by: Actor, entry_id: UUID) -> EntryLine:
    """Return one entry. Raises NotFound."""
    entry = custody_entry_for(by, entry_id)
    return line(_shown().get(id=entry.id), zone_of(by.market_id))


def line(row: CustodyEntry, zone: str) -> EntryLine:
    """``row`` comes with its vial and people."""
    signature: CustodySignature | None = getattr(row, "signature", None)
    return EntryLine(
        id=row.id,
        kind=row.kind,
        vial=row.vial_id,
        number=row.vial.number,
        lot=row.vial.lot,
        source=row.source,
        target=row.target,
        ug=row.ug,
        at=row.at,
        recorded_by=row.recorded_by.username,
        reason=row.reason,
        expired=row.vial.expires_on < service_date(row.at, zone),
        needs_witness=EntryKind(row.kind) in WITNESSED,
        asked=None if row.asked is None else row.asked.username,
        signed_by=None if signature is None else signature.signed_by.username,
        signed_at=None if signature is None else signature.at,
    )
