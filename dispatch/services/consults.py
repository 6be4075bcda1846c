"""Consults by video: asked for, called off, held; a follow-up is proposed after a series."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import audit, outbox, tasking
from dispatch.domain.consults import LENGTH, MOST_AHEAD, STANDING, ConsultKind, ConsultState
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor, Role
from dispatch.domain.sentences import Sentence
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import ENDED
from dispatch.models import Consult, Patient, User, Visit
from dispatch.models.consults import STANDS
from dispatch.selectors.access import consult_for, patient_for
from dispatch.selectors.protocols import bookable_row


@transaction.atomic
def ask_consult(
    *,
    patient_id: UUID | None,
    kind: ConsultKind,
    protocol_code: str,
    starts_at: datetime,
    clinician_id: UUID | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Appoint a consult, with a clinician who is free then where none is named; return its id.

    A worker opens its room. Raises NotFound; Invalid for a time that is past or too far ahead;
    Conflict ``clinician_taken`` or ``patient_taken`` where somebody has another consult then.
    """
    patient = patient_for(by, patient_id)
    code = bookable_row(by.market_id, protocol_code).code
    if not now < starts_at <= now + MOST_AHEAD:
        pattern = "A time from now on, {days} days ahead at most."
        raise Invalid({"starts_at": Sentence(pattern, days=MOST_AHEAD.days)})
    ends_at = starts_at + LENGTH[kind]
    Patient.objects.select_for_update(no_key=True).get(id=patient.id)
    overlapping = Consult.objects.filter(
        state__in=STANDS, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if overlapping.filter(patient=patient).exists():
        raise Conflict("patient_taken", "The patient has another consult at that time.")
    consult = Consult.objects.create(
        market_id=by.market_id,
        kind=kind.value,
        patient=patient,
        clinician_id=_free_clinician(by, clinician_id, starts_at, ends_at),
        protocol_code=code,
        starts_at=starts_at,
        ends_at=ends_at,
        asked_at=now,
        asked_by_id=by.user_id,
    )
    if kind is ConsultKind.FOLLOW_UP:
        tasking.close_task(TaskKind.ARRANGE_FOLLOW_UP, patient.id, by=by, now=now)
    outbox.wake_workers()
    audit.note(by, "ask", "consult", consult.id, now=now)
    return consult.id


def _free_clinician(by: Actor, named: UUID | None, starts_at: datetime, ends_at: datetime) -> UUID:
    """Lock the clinicians, so that two who ask at once see each other; then choose."""
    wanted = Q() if named is None else Q(id=named)
    clinicians = list(
        User.objects.select_for_update(no_key=True)
        .filter(wanted, market_id=by.market_id, role=Role.PRESCRIBER.value, is_active=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
    if not clinicians and named is not None:
        raise Invalid({"clinician": "No prescriber of this market has this id."})
    taken = Consult.objects.filter(
        state__in=STANDS, clinician__in=clinicians, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).values_list("clinician_id", flat=True)
    free = [one for one in clinicians if one not in set(taken)]
    if not free:
        raise Conflict("clinician_taken", "No clinician is free at that time.")
    return free[0]


@transaction.atomic
def cancel_consult(consult_id: UUID, *, by: Actor, now: datetime) -> None:
    """Call a consult off. Raises NotFound; Conflict ``consult_over`` where it is over already."""
    _end(consult_id, ConsultState.CANCELLED, by, now)
    audit.note(by, "cancel", "consult", consult_id, now=now)


@transaction.atomic
def finish_consult(consult_id: UUID, *, by: Actor, now: datetime) -> None:
    """Say that a consult was held. Raises NotFound; Conflict ``consult_over``, ``too_early``."""
    _end(consult_id, ConsultState.DONE, by, now)
    audit.note(by, "finish", "consult", consult_id, now=now)


def _end(consult_id: UUID, state: ConsultState, by: Actor, now: datetime) -> None:
    consult_for(by, consult_id)
    consult = Consult.objects.select_for_update(of=("self",)).get(id=consult_id)
    if ConsultState(consult.state) not in STANDING:
        raise Conflict("consult_over", "The consult was held or called off.")
    if state is ConsultState.DONE and now < consult.starts_at:
        raise Conflict("too_early", "The consult has not begun.")
    consult.state = state.value
    consult.link, consult.lease_token, consult.lease_until = "", None, None
    consult.save(update_fields=["state", "link", "lease_token", "lease_until"])
    tasking.close_task(TaskKind.ROOM_MISSING, consult.id, by=by, now=now)


@transaction.atomic
def propose_follow_up(visit_id: UUID, *, now: datetime) -> None:
    """After the last visit of a series, have a dispatcher arrange a follow-up with the patient.

    Not where another visit is still to come, or a follow-up is appointed.
    """
    visit = Visit.objects.get(id=visit_id)
    if visit.series_id is None:
        return
    ended = [status.value for status in ENDED]
    to_come = Visit.objects.filter(patient_id=visit.patient_id).exclude(status__in=ended)
    appointed = Consult.objects.filter(
        patient_id=visit.patient_id, kind=ConsultKind.FOLLOW_UP.value, state__in=STANDS
    )
    if to_come.exists() or appointed.exists():
        return
    tasking.open_task(
        TaskKind.ARRANGE_FOLLOW_UP,
        visit.patient_id,
        market_id=visit.market_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        reason="The last visit of the series is over.",
        now=now,
    )
