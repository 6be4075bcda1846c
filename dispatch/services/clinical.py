"""The papers that people sign: order and consent."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.models import Consent, Order, Patient
from dispatch.selectors.access import patient_for
from dispatch.selectors.protocols import bookable_row, protocol_of


@transaction.atomic
def sign_order(
    *,
    patient_id: UUID,
    protocol_code: str,
    infusions: int,
    dose_ug_per_kg: int | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Sign an order for so many infusions; it replaces the one before. Return the order's id."""
    patient = _locked(patient_for(by, patient_id))
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    most = sum(phase.count.max for phase in protocol.series)
    if infusions > most:
        raise Invalid({"infusions": f"This protocol has at most {most} infusions."})
    Order.objects.filter(
        patient=patient, protocol_code=protocol.code, withdrawn_at__isnull=True
    ).update(withdrawn_at=now)
    order = Order.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_code=protocol.code,
        infusions=infusions,
        dose_ug_per_kg=dose_ug_per_kg,
        since=now,
        until=now + timedelta(days=protocol.valid_days.order),
        signed_by_id=by.user_id,
    )
    audit.note(by, "sign", "order", order.id, now=now)
    return order.id


@transaction.atomic
def sign_consent(*, protocol_code: str, text_version: int, by: Actor, now: datetime) -> UUID:
    """The patient signs the consent as shown; Invalid where that is not its present version."""
    patient = patient_for(by, None)
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    if text_version != protocol.consent.version:
        raise Invalid({"text_version": f"The present version is {protocol.consent.version}."})
    consent = Consent.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_code=protocol.code,
        text_version=text_version,
        since=now,
        until=now + timedelta(days=protocol.valid_days.consent),
        signed_by_id=by.user_id,
    )
    audit.note(by, "sign", "consent", consent.id, now=now)
    return consent.id


def _locked(patient: Patient) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient.id)
