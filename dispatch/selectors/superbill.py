"""What a patient hands to an insurer after a visit: who, when, where, the codes, and the price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dispatch.domain.charges import BillingCode
from dispatch.domain.clock import service_date
from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.domain.verification import Elements
from dispatch.domain.visit import Status
from dispatch.models import Licence, Verification, Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.findings import diagnoses_of
from dispatch.selectors.preparations import coverage_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.verifications import elements_of, nurse_of, what_counts


@dataclass(frozen=True, slots=True)
class Superbill:
    """Money in whole cents; ``licence`` is the nurse's in the state of the place.

    ``coverage`` is what is known of the insurance; nothing here promises that one pays.
    ``diagnoses`` are None for those whom they do not concern.
    """

    visit: UUID
    practice: str
    phone: str
    provider: str
    licence: str
    recipient: str
    date: date
    place: str
    treatment: str
    codes: tuple[BillingCode, ...]
    diagnoses: tuple[str, ...] | None
    price_cents: int
    fee_cents: int | None
    coverage: str


def superbill_of(by: Actor, visit_id: UUID) -> Superbill:
    """Return the bill of a completed visit, its corrections counted.

    Raises NotFound; Conflict ``not_completed`` where the visit was not completed.
    """
    visit = visit_for(by, visit_id)
    elements = _elements(visit)
    if visit.status != Status.COMPLETED.value or elements is None:
        raise Conflict("not_completed", "Only a visit that was completed has a superbill.")
    protocol = protocol_of(visit.protocol_id)
    return Superbill(
        visit=visit.id,
        practice=visit.market.name,
        phone=visit.market.office_phone,
        provider=elements.provider,
        licence=_licence(visit),
        recipient=elements.recipient,
        date=service_date(elements.begun_at, visit.location.zone),
        place=elements.address,
        treatment=protocol.name,
        codes=protocol.billing,
        diagnoses=diagnoses_of(visit) if is_told(by.role, Fact.DIAGNOSES) else None,
        price_cents=protocol.price_cents,
        fee_cents=visit.fee_cents,
        coverage=coverage_of(visit.patient_id).value,
    )


def _elements(visit: Visit) -> Elements | None:
    """As verified; what a worker has not written down yet, as the visit tells it."""
    row = Verification.objects.filter(visit=visit).first()
    return elements_of(visit) if row is None else what_counts(row)


def _licence(visit: Visit) -> str:
    held = Licence.objects.filter(nurse=nurse_of(visit), code=visit.location.state)
    last = held.order_by("-valid_until").first()
    return "" if last is None else f"{last.code} {last.number}".strip()
