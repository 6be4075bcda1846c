"""Agreeing the last dose of a medication that has to end before an infusion."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.answers import rests_until
from dispatch.domain.clearing import earliest_day
from dispatch.domain.clock import day_bounds
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.models import Agreement, Patient, Screening, Visit
from dispatch.selectors.access import screening_for
from dispatch.selectors.clearance import waits_for_review
from dispatch.selectors.medication import open_rules, rules_of
from dispatch.selectors.protocols import form_of, protocol_of
from dispatch.selectors.screening import dates_of


@transaction.atomic
def agree_last_dose(
    screening_id: UUID,
    *,
    rule_code: str,
    last_dose_on: date,
    agreed_with: str,
    by: Actor,
    now: datetime,
) -> date:
    """Record the last dose as agreed with the patient's own provider; return the earliest day.

    Raises Conflict ``not_for_review`` where the screening is not waiting for a review, Invalid for
    a rule it does not ask about, or a day so late that the answers are too old by then.
    """
    screening = screening_for(by, screening_id)
    Patient.objects.select_for_update(no_key=True).get(id=screening.patient_id)
    if not waits_for_review(screening, now=now):
        raise Conflict("not_for_review", "This screening is not waiting for a review.")
    protocol = protocol_of(screening.protocol_id)
    rule = next((one for one in rules_of(screening) if one.code == rule_code), None)
    if rule is None:
        raise Invalid({"rule": "This screening does not ask about such a medication."})
    earliest = earliest_day(rule, last_dose_on)
    until = rests_until(form_of(screening.protocol_id), protocol, dates_of(screening.patient_id))
    if day_bounds(earliest, screening.market.zone)[0] >= until:
        raise Invalid({"last_dose_on": "The answers of this screening are too old by then."})
    agreement = Agreement.objects.create(
        market_id=screening.market_id,
        patient_id=screening.patient_id,
        screening=screening,
        question=rule.question,
        last_dose_on=last_dose_on.isoformat(),
        agreed_with=agreed_with,
        agreed_at=now,
        agreed_by_id=by.user_id,
    )
    if not open_rules(screening):
        _close_tasks(screening, by, now)
    audit.note(by, "agree", "medication_agreement", agreement.id, now=now)
    return earliest


def _close_tasks(screening: Screening, by: Actor, now: datetime) -> None:
    """The screening's own, and what fell due before a visit of the same treatment."""
    visits = Visit.objects.filter(
        patient_id=screening.patient_id, protocol__code=screening.protocol.code
    )
    for subject_id in (screening.id, *visits.values_list("id", flat=True)):
        tasking.close_task(TaskKind.AGREE_MEDICATION, subject_id, by=by, now=now)
