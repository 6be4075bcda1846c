"""Orders as those who may see them do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor, Role
from dispatch.models import Order
from dispatch.selectors.access import patient_for, visits_of


@dataclass(frozen=True, slots=True)
class OrderLine:
    """``diagnoses`` are None for those whom they do not concern.

    One that is ``waiting`` allows nothing until a second person has confirmed it.
    """

    id: UUID
    patient: UUID
    protocol: str
    infusions: int
    dose_ug_per_kg: int | None
    diagnoses: list[str] | None
    since: datetime
    until: datetime
    signed_by: UUID
    waiting: bool
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None


def order_for(by: Actor, order_id: UUID) -> Order:
    """Return an order of the market that this person may see. Raises NotFound."""
    order = orders_of(by).filter(id=order_id).first()
    if order is None:
        raise NotFound("order")
    return order


def orders_seen_by(by: Actor, patient_id: UUID | None) -> QuerySet[Order]:
    """The rows behind a page: all that this person may see, of one patient where named.

    Raises NotFound for a patient of whom there is nothing to see.
    """
    orders = orders_of(by)
    if patient_id is None:
        return orders
    orders = orders.filter(patient_id=patient_id)
    if not orders.exists():
        patient_for(by, patient_id)
    return orders


def orders_of(by: Actor) -> QuerySet[Order]:
    """A patient's own; of the market for prescribers; for nurses those of the patients on their
    route, and those that wait for a second person or that they confirmed."""
    orders = Order.objects.filter(market_id=by.market_id)
    if by.role is Role.NURSE:
        on_route = Q(patient__in=visits_of(by).values("patient_id"))
        waits = Q(to_confirm=True, confirmed_at__isnull=True, withdrawn_at__isnull=True)
        return orders.filter(on_route | waits | Q(confirmed_by=by.user_id))
    if by.role is Role.PATIENT:
        return orders.filter(patient_id=by.person_id) if by.person_id else orders.none()
    return orders


def order_line(order: Order, by: Actor) -> OrderLine:
    return OrderLine(
        id=order.id,
        patient=order.patient_id,
        protocol=order.protocol_code,
        infusions=order.infusions,
        dose_ug_per_kg=order.dose_ug_per_kg,
        diagnoses=json.loads(order.diagnoses) if is_told(by.role, Fact.DIAGNOSES) else None,
        since=order.since,
        until=order.until,
        signed_by=order.signed_by_id,
        waiting=order.to_confirm and order.confirmed_at is None and order.withdrawn_at is None,
        confirmed_by=order.confirmed_by_id,
        confirmed_at=order.confirmed_at,
        withdrawn_at=order.withdrawn_at,
    )
