"""A clinician records what came of a phase, or of an induction elsewhere; a task asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.infusions import Improvement, Stage
from dispatch.domain.people import Actor
from dispatch.domain.series import INDUCTION, SeriesState
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Status
from dispatch.models import Patient, Response, Visit
from dispatch.selectors.access import patient_for, series_for
from dispatch.selectors.clock import zone_of
from dispatch.selectors.courses import standing_of
from dispatch.selectors.protocols import bookable_row, protocol_of


@dataclass(frozen=True, slots=True)
class Finding:
    """What the clinician found, and a note that nobody but clinicians and the patient read."""

    improvement: Improvement
    note: str = ""


@transaction.atomic
def record_response(
    *,
    patient_id: UUID,
    protocol_code: str,
    phase_code: str | None,
    finding: Finding,
    by: Actor,
    now: datetime,
) -> UUID:
    """Record the response to a phase of the patient's course: the last one given, if none is named.

    Raises Conflict ``nothing_given`` before its first infusion; Invalid for a phase unknown.
    """
    patient = _locked(patient_for(by, patient_id).id)
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    standing = standing_of(patient.id, protocol, now=now)
    if phase_code is not None and phase_code not in {phase.code for phase in protocol.series}:
        raise Invalid({"phase": "This treatment has no such phase."})
    given = [
        one.phase
        for one in standing.course.infusions
        if one.stage is Stage.GIVEN and phase_code in {None, one.phase}
    ]
    if not given:
        raise Conflict("nothing_given", "No infusion of this phase has been given yet.")
    of_phase = Visit.objects.filter(
        patient=patient, protocol__code=protocol.code, phase=given[-1], course=standing.number
    )
    response = Response.objects.create(
        protocol_code=protocol.code,
        phase=given[-1],
        course=standing.number,
        series_id=of_phase.filter(status=Status.COMPLETED.value)
        .order_by("-window_start")
        .values_list("series_id", flat=True)
        .first(),
        **_found(patient, finding, by, now),
    )
    for visit_id, series_id in of_phase.values_list("id", "series_id"):
        tasking.close_task(TaskKind.RECORD_RESPONSE, series_id or visit_id, by=by, now=now)
    audit.note(by, "record", "response", response.id, now=now)
    return response.id


@transaction.atomic
def record_response_to_series(
    series_id: UUID, *, finding: Finding, by: Actor, now: datetime
) -> UUID:
    """The same for the phase of a series. Raises NotFound."""
    series = series_for(by, series_id)
    return record_response(
        patient_id=series.patient_id,
        protocol_code=series.protocol.code,
        phase_code=series.phase,
        finding=finding,
        by=by,
        now=now,
    )


@transaction.atomic
def record_induction_elsewhere(
    *,
    patient_id: UUID,
    protocol_code: str,
    on: date,
    finding: Finding,
    by: Actor,
    now: datetime,
) -> UUID:
    """Record that others completed an induction with the protocol's drug, and what came of it.

    Raises Invalid for a day to come.
    """
    patient = _locked(patient_for(by, patient_id).id)
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    if on > service_date(now, zone_of(by.market_id)):
        raise Invalid({"elsewhere_on": "This day is yet to come."})
    response = Response.objects.create(
        protocol_code=protocol.code,
        phase=INDUCTION,
        elsewhere_on=on,
        **_found(patient, finding, by, now),
    )
    audit.note(by, "record", "response", response.id, now=now)
    return response.id


def ask_for_response(visit_id: UUID, *, now: datetime) -> None:
    """Have a clinician record the response once the last infusion planned of a phase is over."""
    visit = Visit.objects.select_related("series").get(id=visit_id)
    protocol = protocol_of(visit.protocol_id)
    standing = standing_of(visit.patient_id, protocol, now=now)
    goes_on = visit.series is not None and visit.series.state == SeriesState.BOOKED.value
    if standing.number != visit.course or protocol.drug is None:
        return
    if visit.status != Status.COMPLETED.value and goes_on:
        return
    course = standing.course
    phase = next((one for one in course.phases if one.code == visit.phase), None)
    if phase is None or phase.code in course.record.responses or course.count(phase, Stage.BOOKED):
        return
    if course.count(phase, Stage.GIVEN) >= max(1, phase.count.min):
        tasking.open_task(
            TaskKind.RECORD_RESPONSE,
            visit.series_id or _first_of_phase(visit),
            market_id=visit.market_id,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            reason="The last infusion of the phase is over: record what came of it.",
            now=now,
        )


def _first_of_phase(visit: Visit) -> UUID:
    """What a phase booked one by one is known by, so that one task asks for it."""
    of_phase = Visit.objects.filter(
        patient_id=visit.patient_id,
        protocol__code=visit.protocol.code,
        phase=visit.phase,
        course=visit.course,
    )
    return of_phase.order_by("booked_at", "id").values_list("id", flat=True)[0]


def _found(patient: Patient, finding: Finding, by: Actor, now: datetime) -> dict[str, object]:
    return {
        "market_id": patient.market_id,
        "patient": patient,
        "improvement": finding.improvement.value,
        "note": finding.note,
        "recorded_at": now,
        "recorded_by_id": by.user_id,
    }


def _locked(patient_id: UUID) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient_id)
