"""Whether a patient may be booked for a treatment: the one rule that all doors ask."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from dispatch.domain.clock import local
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor, Role
from dispatch.domain.questionnaire import Outcome
from dispatch.domain.series import SeriesState
from dispatch.models import Clearance, Location, Screening, Series


def standing(patient_id: UUID, protocol_code: str, *, now: datetime) -> Clearance | None:
    """Return the clearance that stands: neither withdrawn nor over, perhaps yet to begin."""
    papers = Clearance.objects.filter(
        patient_id=patient_id,
        protocol_code=protocol_code,
        withdrawn_at__isnull=True,
        until__gt=now,
    )
    return papers.select_related("screening").order_by("-until").first()


def latest_judgement(patient_id: UUID, protocol_code: str) -> Screening | None:
    """Return the newest screening of a patient for a protocol."""
    taken = Screening.objects.filter(patient_id=patient_id, protocol__code=protocol_code)
    return taken.order_by("-taken_at", "-id").first()


def waits_for_review(screening: Screening, *, now: datetime) -> bool:
    """Whether a prescriber has yet to decide on this screening: no newer one, and no clearance."""
    code = screening.protocol.code
    cleared = standing(screening.patient_id, code, now=now) is not None
    latest = latest_judgement(screening.patient_id, code)
    return screening.outcome == Outcome.REVIEW and latest == screening and not cleared


def was_lost(patient_id: UUID, protocol_code: str, *, now: datetime) -> bool:
    """Whether newer answers have put an end to a clearance, or refuse who never had one."""
    if not is_barred(patient_id, protocol_code, now=now):
        return False
    latest = latest_judgement(patient_id, protocol_code)
    refused = latest is not None and latest.outcome == Outcome.REFUSED
    had = Clearance.objects.filter(patient_id=patient_id, protocol_code=protocol_code)
    return refused or had.exists()


def is_barred(patient_id: UUID, protocol_code: str, *, now: datetime) -> bool:
    """Whether the latest answers allow no treatment, or wait for a clinician to decide on them."""
    if standing(patient_id, protocol_code, now=now) is not None:
        return False
    latest = latest_judgement(patient_id, protocol_code)
    return latest is not None and latest.outcome != Outcome.CLEARED


def earliest_start(patient_id: UUID, protocol_code: str, *, now: datetime) -> datetime:
    """Return from when on the patient can be treated: later than now where a clearance says so."""
    paper = standing(patient_id, protocol_code, now=now)
    return now if paper is None else max(now, paper.since)


def check_may_be_booked(
    location: Location, protocol_code: str, start: datetime, *, by: Actor, now: datetime
) -> None:
    """Refuse a visit that begins at ``start``; the patient's row is locked by the caller.

    One who was never screened may be booked. Raises Conflict ``not_cleared`` where the latest
    answers are for review or refused, or before the day from which a clearance holds; only the
    patient is told for which reasons. Raises Conflict ``series_paused`` while a prescriber has to
    look first.
    """
    patient_id = location.patient_id
    paused = Series.objects.filter(patient_id=patient_id, state=SeriesState.PAUSED.value)
    if paused.filter(protocol__code=protocol_code).exists():
        raise Conflict("series_paused", "The series waits until a prescriber has looked.")
    paper = standing(patient_id, protocol_code, now=now)
    if paper is None:
        _check_judgement(latest_judgement(patient_id, protocol_code), by)
    elif start < paper.since:
        raise Conflict(
            "not_cleared",
            "The treatment can begin later; see the earliest time.",
            earliest=local(paper.since, location.zone).isoformat(),
        )


def _check_judgement(latest: Screening | None, by: Actor) -> None:
    if latest is None or latest.outcome == Outcome.CLEARED:
        return
    if by.role is not Role.PATIENT:
        raise Conflict("not_cleared", "No clearance allows this treatment at present.")
    raise Conflict(
        "not_cleared",
        "Your answers do not allow this treatment at present.",
        reasons=[reason["code"] for reason in json.loads(latest.reasons)],
    )
