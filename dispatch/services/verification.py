"""Verifying a visit: written once when it is over, corrected only by further rows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.domain.verification import (
    Change,
    CorrectionReason,
    Element,
    Elements,
    corrected,
    normalised,
    told_later,
    written,
)
from dispatch.models import Verification, VerificationCorrection, Visit
from dispatch.selectors.access import verification_for
from dispatch.selectors.verifications import elements_of, nurse_of, told_so_far, what_counts


@transaction.atomic
def verify_visit(visit_id: UUID, *, now: datetime) -> None:
    """Write down who was treated by whom, where and when; later news of it become corrections.

    A visit that was not carried out has nothing to verify; one that nothing new is known of stays
    as it is.
    """
    visit = _locked(visit_id)
    told = elements_of(visit)
    if told is None:
        return
    known = Verification.objects.filter(visit=visit).first()
    if known is None:
        _record(visit, told, now)
        return
    for change in told_later(told_so_far(known), told):
        _correct(known, change, CorrectionReason.LATE_DEVICE_RECORD, None, now)


@transaction.atomic
def correct_verification(
    verification_id: UUID,
    *,
    element: Element,
    value: str,
    reason: CorrectionReason,
    by: Actor,
    now: datetime,
) -> None:
    """Lay a correction over what was recorded; ``value`` is a text, a time or a point.

    Raises NotFound; Invalid where the value is no such element, changes nothing, or has the visit
    end before it begins or in the future.
    """
    row = verification_for(by, verification_id)
    _locked(row.visit_id)
    try:
        change = Change(element, normalised(element, value, row.zone))
    except ValueError as fault:
        raise Invalid({"value": str(fault)}) from fault
    before = what_counts(row)
    after = corrected(before, [change])
    if after == before:
        raise Invalid({"value": "It says so already."})
    if not after.begun_at <= after.ended_at <= now:
        raise Invalid({"value": "A visit begins before it ends, and neither in the future."})
    _correct(row, change, reason, by, now)
    audit.note(by, "correct", "verification", row.id, now=now)


@transaction.atomic
def note_export(*, by: Actor, now: datetime) -> None:
    """Note that the market's verified visits leave the service in a file."""
    audit.note(by, "export", "verifications", by.market_id, now=now)


def _locked(visit_id: UUID) -> Visit:
    """The visit's lock: what was recorded is read-only, so its own row cannot be locked."""
    Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    return Visit.objects.select_related("location", "patient").get(id=visit_id)


def _record(visit: Visit, told: Elements, now: datetime) -> None:
    nurse, point, zone = nurse_of(visit), told.arrived_at_point, visit.location.zone
    if nurse is None:
        raise RuntimeError("A visit that was carried out had a nurse.")
    Verification.objects.create(
        market_id=visit.market_id,
        visit=visit,
        patient_id=visit.patient_id,
        nurse=nurse,
        service_date=service_date(told.begun_at, zone),
        zone=zone,
        service=told.service,
        billing=told.billing,
        recipient=told.recipient,
        address=told.address,
        lat=None if point is None else point[0],
        lng=None if point is None else point[1],
        provider=told.provider,
        begun_at=told.begun_at,
        ended_at=told.ended_at,
        recorded_at=now,
    )


def _correct(
    row: Verification, change: Change, reason: CorrectionReason, by: Actor | None, now: datetime
) -> None:
    """Read anew: within one transaction there may be several."""
    current = Verification.objects.get(id=row.id)
    VerificationCorrection.objects.create(
        market_id=row.market_id,
        verification=row,
        number=current.corrections.count() + 1,
        element=change.element.value,
        reason=reason.value,
        old_value=written(what_counts(current), change.element),
        new_value=change.value,
        corrected_at=now,
        corrected_by_id=None if by is None else by.user_id,
    )
