"""Who pays: what is known of a patient's insurance, and that the self-pay price was shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, pricing, schedule
from dispatch.domain.charges import CoverageState
from dispatch.domain.gates import check_gates_stand
from dispatch.domain.people import Actor
from dispatch.domain.visit import Status
from dispatch.models import Coverage
from dispatch.selectors.access import patient_for, visit_for


@transaction.atomic
def set_coverage(
    patient_id: UUID, state: CoverageState, *, payer: str, by: Actor, now: datetime
) -> None:
    """Keep what the insurance said; ``payer`` is who that is."""
    patient = patient_for(by, patient_id)
    coverage, _ = Coverage.objects.update_or_create(
        patient=patient,
        defaults={"state": state.value, "payer": payer, "at": now, "by_id": by.user_id},
        create_defaults={
            "market_id": patient.market_id,
            "state": state.value,
            "payer": payer,
            "at": now,
            "by_id": by.user_id,
        },
    )
    audit.note(by, "set", "coverage", coverage.id, now=now)


@transaction.atomic
def show_price(visit_id: UUID, price_cents: int, *, by: Actor, now: datetime) -> None:
    """The patient has seen the price, or a dispatcher has read it out on the phone.

    Raises Invalid for another price than the visit's, Conflict ``wrong_status`` once the infusion
    has begun.
    """
    visit_for(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    check_gates_stand(Status(visit.status))
    pricing.keep_shown(visit, price_cents, by=by, now=now)
    audit.note(by, "show_price", "visit", visit.id, now=now)
