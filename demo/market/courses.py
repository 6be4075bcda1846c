"""What the invented patients are treated with, and the papers that allow it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.answers import HYDRATION, KETAMINE, THERAPIST
from demo.market.people import SignedUp
from dispatch.domain.infusions import Improvement
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.terms import Requirement
from dispatch.models import Patient
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.services.consents import sign_consent
from dispatch.services.orders import sign_order
from dispatch.services.responses import Finding, record_induction_elsewhere
from dispatch.services.screening import record_screening


@dataclass(frozen=True, slots=True)
class Course:
    """A protocol, how many of its infusions fall into the fortnight, and the days between them."""

    protocol: str
    infusions: int
    gap_days: int
    answers: dict[str, Any]
    weight: int
    with_companion: bool = True


COURSES = (
    Course("ketamine_six_induction", 6, 2, KETAMINE, 5),
    Course("ketamine_six_induction", 4, 3, KETAMINE, 4),
    Course("ketamine_six_to_eight_induction", 5, 2, KETAMINE, 4),
    Course("ketamine_weekly_then_monthly", 2, 7, KETAMINE, 3),
    Course("ketamine_booster", 1, 28, KETAMINE, 2),
    Course("ketamine_single_with_therapy", 1, 1, KETAMINE | THERAPIST, 3),
    Course("hydration_drip", 1, 1, HYDRATION, 9, with_companion=False),
)
UG_PER_KG = 500
SINCE_INDUCTION = timedelta(days=60)


def prescribe(
    draw: random.Random, patient: SignedUp, prescriber: Actor, *, now: datetime
) -> Course:
    """Screen the patient, have the consent signed and the order; return the course."""
    (course,) = draw.choices(COURSES, [course.weight for course in COURSES])
    terms = protocol_of(bookable_row(patient.by.market_id, course.protocol).id)
    record_screening(
        patient_id=None,
        protocol_code=course.protocol,
        answers=course.answers,
        by=patient.by,
        now=now,
    )
    sign_consent(
        protocol_code=course.protocol,
        text_version=terms.consent.version,
        name=Patient.objects.get(id=patient.id).name,
        by=patient.by,
        now=now,
    )
    sign_order(
        patient_id=patient.id,
        protocol_code=course.protocol,
        infusions=course.infusions,
        dose_ug_per_kg=UG_PER_KG if "iv_ketamine" in terms.certificates else None,
        by=prescriber,
        now=now,
    )
    if _goes_on(terms):
        record_induction_elsewhere(
            patient_id=patient.id,
            protocol_code=course.protocol,
            on=(now - SINCE_INDUCTION).date(),
            finding=Finding(Improvement.SIGNIFICANT),
            by=prescriber,
            now=now,
        )
    return course


def _goes_on(terms: Protocol) -> bool:
    """Whether it goes on from an induction, which these patients had elsewhere."""
    return Requirement.INDUCTION_COMPLETED in terms.series[0].requires
