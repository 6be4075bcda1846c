"""Orders: signed by one prescriber, a changed dose confirmed by somebody else, withdrawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import audit, tasking
from dispatch.domain.errors import Conflict, Forbidden
from dispatch.domain.orders import check_order
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.models import Order, Patient
from dispatch.selectors.access import patient_for
from dispatch.selectors.orders import order_for
from dispatch.selectors.protocols import bookable_row, protocol_of

IN_FORCE = Q(to_confirm=False) | Q(confirmed_at__isnull=False)
TO_CONFIRM = (TaskKind.CONFIRM_ORDER, TaskKind.CONFIRM_ORDER_AS_NURSE)


@transaction.atomic
def sign_order(
    *,
    patient_id: UUID,
    protocol_code: str,
    infusions: int,
    dose_ug_per_kg: int | None,
    until: datetime | None = None,
    diagnoses: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> UUID:
    """Sign an order for so many infusions; it replaces the one before. Return the order's id.

    Where the last order in force gave another dose, even one withdrawn since, nothing departs until
    a second person has confirmed this one. Raises Invalid naming what the protocol does not allow.
    """
    patient = _locked(patient_for(by, patient_id).id)
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    check_order(
        protocol,
        infusions=infusions,
        dose_ug_per_kg=dose_ug_per_kg,
        until=until,
        diagnoses=diagnoses,
        now=now,
    )
    earlier = Order.objects.filter(patient=patient, protocol_code=protocol.code)
    last = earlier.filter(IN_FORCE).order_by("-since", "-id").first()
    for replaced in earlier.filter(withdrawn_at__isnull=True):
        _withdraw(replaced, None, now)
    order = Order.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_code=protocol.code,
        infusions=infusions,
        dose_ug_per_kg=dose_ug_per_kg,
        diagnoses=json.dumps(list(diagnoses)),
        since=now,
        until=until or now + timedelta(days=protocol.valid_days.order),
        signed_by_id=by.user_id,
        to_confirm=last is not None and last.dose_ug_per_kg != dose_ug_per_kg,
    )
    if order.to_confirm:
        _ask_second_person(order, now)
    audit.note(by, "sign", "order", order.id, now=now)
    return order.id


@transaction.atomic
def confirm_order(order_id: UUID, *, by: Actor, now: datetime) -> None:
    """A second person has checked the new dose.

    Raises Forbidden ``second_person`` for whoever signed it, Conflict ``not_to_confirm`` where it
    is confirmed, withdrawn, or never had to be.
    """
    _locked(order_for(by, order_id).patient_id)
    order = Order.objects.get(id=order_id)
    if order.signed_by_id == by.user_id:
        raise Forbidden("second_person", "Somebody else confirms what one has signed.")
    if not order.to_confirm or order.confirmed_at is not None or order.withdrawn_at is not None:
        raise Conflict("not_to_confirm", "This order does not wait to be confirmed.")
    order.confirmed_by_id, order.confirmed_at = by.user_id, now
    order.save(update_fields=["confirmed_by", "confirmed_at"])
    for kind in TO_CONFIRM:
        tasking.close_task(kind, order.id, by=by, now=now)
    audit.note(by, "confirm", "order", order.id, now=now)


@transaction.atomic
def withdraw_order(order_id: UUID, *, by: Actor, now: datetime) -> None:
    """Nothing is given under the order any more. Raises Conflict ``withdrawn`` the second time."""
    _locked(order_for(by, order_id).patient_id)
    order = Order.objects.get(id=order_id)
    if order.withdrawn_at is not None:
        raise Conflict("withdrawn", "This order was withdrawn before.")
    _withdraw(order, by, now)
    audit.note(by, "withdraw", "order", order.id, now=now)


def _withdraw(order: Order, by: Actor | None, now: datetime) -> None:
    order.withdrawn_at = now
    order.save(update_fields=["withdrawn_at"])
    for kind in TO_CONFIRM:
        tasking.close_task(kind, order.id, by=by, outcome="withdrawn", now=now)


def _ask_second_person(order: Order, now: datetime) -> None:
    for kind in TO_CONFIRM:
        tasking.open_task(
            kind,
            order.id,
            market_id=order.market_id,
            patient_id=order.patient_id,
            reason="An order gives another dose than the one before; check it and confirm.",
            now=now,
        )


def _locked(patient_id: UUID) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient_id)
