"""Vials as they are listed: what is in stock, what is out, and what became of each in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from dispatch.domain.custody import Account, EntryKind
from dispatch.domain.people import Actor
from dispatch.models import CustodyEntry, Vial
from dispatch.selectors.custody import LEFT

EVER = Q()


class VialState(StrEnum):
    """``out``: with a nurse, or returned and not yet in stock, or its books do not balance."""

    IN_STOCK = "in_stock"
    OUT = "out"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class VialLine:
    id: UUID
    drug: str
    lot: str
    number: str
    content_ug: int
    expires_on: date
    state: str
    in_stock_ug: int


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """What went in and out in the period; ``in_stock_ug`` and ``out_ug`` are at its end.

    ``discrepancy_ug`` is what was missing less what was found. ``balance_ug`` is all that is
    accounted for as being there: in stock, with nurses, or returned.
    """

    id: UUID
    drug: str
    lot: str
    number: str
    expires_on: date
    content_ug: int
    received_ug: int
    checked_out_ug: int
    given_ug: int
    wasted_ug: int
    returned_ug: int
    restocked_ug: int
    discrepancy_ug: int
    in_stock_ug: int
    out_ug: int
    balance_ug: int


def vials_seen_by(by: Actor, *, state: VialState | None = None) -> QuerySet[Vial]:
    """The rows behind a page of the market's vials; the door turns each into a ``vial_line``."""
    rows = Vial.objects.filter(market_id=by.market_id).annotate(
        in_stock=_balance(Account.STOCK),
        returned=_balance(Account.RETURNED),
        state=Case(
            When(Exists(_with_a_nurse()) | ~Q(returned=0), then=Value(VialState.OUT.value)),
            When(in_stock__gt=0, then=Value(VialState.IN_STOCK.value)),
            default=Value(VialState.USED_UP.value),
        ),
    )
    return rows if state is None else rows.filter(state=state.value)


def vial_line(vial: Any) -> VialLine:
    """``vial`` comes from ``vials_seen_by``."""
    return VialLine(
        id=vial.id,
        drug=vial.drug_code,
        lot=vial.lot,
        number=vial.number,
        content_ug=vial.content_ug,
        expires_on=vial.expires_on,
        state=vial.state,
        in_stock_ug=vial.in_stock,
    )


def inventory_of(by: Actor, start: datetime, end: datetime) -> QuerySet[Vial]:
    """The market's vials that moved in ``[start, end)`` or were there at its end."""
    until, within = Q(entries__at__lt=end), Q(entries__at__gte=start, entries__at__lt=end)
    moved = {
        f"{kind.value}_ug": _sum(within & Q(entries__kind=kind.value))
        for kind in EntryKind
        if kind is not EntryKind.DISCREPANCY
    }
    rows = Vial.objects.filter(market_id=by.market_id).annotate(
        **moved,
        discrepancy_ug=_balance(Account.DISCREPANCY, within),
        in_stock_ug=_balance(Account.STOCK, until),
        out_ug=_balance(Account.NURSE, until) + _balance(Account.RETURNED, until),
        moves=Count("entries", filter=within),
    )
    return rows.filter(Q(moves__gt=0) | ~Q(in_stock_ug=0) | ~Q(out_ug=0))


def inventory_line(vial: Any) -> InventoryLine:
    """``vial`` comes from ``inventory_of``."""
    return InventoryLine(
        id=vial.id,
        drug=vial.drug_code,
        lot=vial.lot,
        number=vial.number,
        expires_on=vial.expires_on,
        content_ug=vial.content_ug,
        received_ug=vial.received_ug,
        checked_out_ug=vial.checked_out_ug,
        given_ug=vial.given_ug,
        wasted_ug=vial.wasted_ug,
        returned_ug=vial.returned_ug,
        restocked_ug=vial.restocked_ug,
        discrepancy_ug=vial.discrepancy_ug,
        in_stock_ug=vial.in_stock_ug,
        out_ug=vial.out_ug,
        balance_ug=vial.in_stock_ug + vial.out_ug,
    )


def _with_a_nurse() -> QuerySet[CustodyEntry, Any]:
    """A visit at which more or less of the vial was handed out than was used and brought back."""
    of_vial = CustodyEntry.objects.filter(vial=OuterRef("pk"), visit__isnull=False)
    return of_vial.values("visit").annotate(left=LEFT).exclude(left=0)


def _balance(account: Account, when: Q = EVER) -> Combinable:
    into = _sum(when & Q(entries__target=account.value))
    return into - _sum(when & Q(entries__source=account.value))


def _sum(when: Q) -> Combinable:
    return Coalesce(Sum("entries__ug", filter=when), 0)
