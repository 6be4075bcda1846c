"""Whose row it is: finds a row for a person, or says that there is none.

A row of another market, or of another person where only the own ones may be seen, is reported
exactly as a missing one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from dispatch.domain.break_glass import holds
from dispatch.domain.errors import NotFound
from dispatch.domain.jobs import Cause
from dispatch.domain.people import STAFF, Actor, Role
from dispatch.domain.visit import Status
from dispatch.models import (
    Absence,
    Assignment,
    BrokenGlass,
    Companion,
    Consent,
    Consult,
    ContactConsent,
    CustodyEntry,
    Hold,
    Location,
    Message,
    Nurse,
    Patient,
    PlanJob,
    Screening,
    Series,
    ServiceAccount,
    SharingConsent,
    Supervision,
    Task,
    User,
    Verification,
    Vial,
    Visit,
    WebhookDelivery,
    WebhookEndpoint,
)
from dispatch.models.row import MarketRow

R = TypeVar("R", bound=MarketRow)


def patient_for(by: Actor, patient_id: UUID | None) -> Patient:
    """The patient acted for: patients act for themselves, staff name one of their market.

    Nurses name one whom they visit.
    """
    own = by.person_id if by.role is Role.PATIENT else None
    wanted = patient_id or own
    if wanted is None or (by.role is Role.PATIENT and wanted != own):
        raise NotFound("patient")
    if by.role is Role.NURSE and not visits_of(by).filter(patient_id=wanted).exists():
        raise NotFound("patient")
    return _one(Patient.objects.filter(id=wanted), by, "patient")


def patient_of_market(by: Actor, patient_id: UUID) -> Patient:
    """Any patient of the market: for who breaks glass, which is told to others at once."""
    return _one(Patient.objects.filter(id=patient_id), by, "patient")


def broken_glass(by: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether the actor broke glass to see this patient's record, and that still holds."""
    return standing_glass(by, patient_id, now) is not None


def standing_glass(by: Actor, patient_id: UUID, now: datetime) -> BrokenGlass | None:
    """What the actor has opened of this patient, and may still look at."""
    rows = BrokenGlass.objects.filter(
        market_id=by.market_id, opened_by_id=by.user_id, role=by.role.value,
        patient_id=patient_id, until__gt=now,
    )  # fmt: skip
    return next((r for r in rows if holds(r.opened_at, r.until, r.ended_at, now)), None)


def broken_glasses_of(by: Actor) -> QuerySet[BrokenGlass]:
    """One's own, or for administrators all of the market."""
    rows = BrokenGlass.objects.filter(market_id=by.market_id)
    return rows if by.role is Role.ADMINISTRATOR else rows.filter(opened_by_id=by.user_id)


def broken_glass_for(by: Actor, glass_id: UUID) -> BrokenGlass:
    return _one(broken_glasses_of(by).filter(id=glass_id), by, "broken glass")


def location_for(by: Actor, location_id: UUID) -> Location:
    return _one(_own(Location.objects.filter(id=location_id), by), by, "location")


def companion_for(by: Actor, companion_id: UUID) -> Companion:
    return _one(_own(Companion.objects.filter(id=companion_id), by), by, "companion")


def hold_for(by: Actor, hold_id: UUID) -> Hold:
    """With its reservation, in one look: a moment later both may be gone.

    The holds of a series are nobody's one by one: they are booked and given back together.
    """
    holds = Hold.objects.select_related("reservation").filter(id=hold_id, series__isnull=True)
    return _one(_own(holds, by), by, "hold")


def series_for(by: Actor, series_id: UUID) -> Series:
    return _one(_own(Series.objects.filter(id=series_id), by), by, "series")


def screening_for(by: Actor, screening_id: UUID) -> Screening:
    return _one(_own(Screening.objects.filter(id=screening_id), by), by, "screening")


def consent_for(by: Actor, consent_id: UUID) -> Consent:
    return _one(_own(Consent.objects.filter(id=consent_id), by), by, "consent")


def nurse_for(by: Actor, nurse_id: UUID) -> Nurse:
    return _one(Nurse.objects.filter(id=nurse_id), by, "nurse")


def staff_of(by: Actor) -> QuerySet[User]:
    """Accounts of whoever works in the market."""
    return User.objects.filter(market_id=by.market_id, role__in=[role.value for role in STAFF])


def staff_for(by: Actor, user_id: UUID) -> User:
    return _one(staff_of(by).filter(id=user_id), by, "account")


def absence_for(by: Actor, absence_id: UUID) -> Absence:
    return _one(Absence.objects.filter(id=absence_id), by, "absence")


def job_for(by: Actor, job_id: UUID, cause: Cause) -> PlanJob:
    return _one(PlanJob.objects.filter(id=job_id, cause=cause.value), by, cause.value)


def supervision_for(by: Actor, supervision_id: UUID) -> Supervision:
    duties = Supervision.objects.select_related("clinician").filter(id=supervision_id)
    return _one(duties, by, "supervision")


def task_for(by: Actor, task_id: UUID) -> Task:
    return _one(Task.objects.filter(id=task_id, role=by.role.value), by, "task")


def message_for(by: Actor, message_id: UUID) -> Message:
    return _one(Message.objects.filter(id=message_id), by, "message")


def vial_for(by: Actor, vial_id: UUID) -> Vial:
    return _one(Vial.objects.filter(id=vial_id), by, "vial")


def custody_entry_for(by: Actor, entry_id: UUID) -> CustodyEntry:
    return _one(CustodyEntry.objects.filter(id=entry_id), by, "entry")


def verification_for(by: Actor, verification_id: UUID) -> Verification:
    return _one(Verification.objects.filter(id=verification_id), by, "verification")


def consult_for(by: Actor, consult_id: UUID) -> Consult:
    return _one(consults_of(by).filter(id=consult_id), by, "consult")


def consults_of(by: Actor) -> QuerySet[Consult]:
    """A patient's own consults, or all of the market for staff."""
    return _own(Consult.objects.filter(market_id=by.market_id), by)


def contact_consent_for(by: Actor, consent_id: UUID) -> ContactConsent:
    """A patient's own, or for the desk any of the market, a companion's among them."""
    consents = ContactConsent.objects.filter(id=consent_id)
    if by.role is Role.PATIENT:
        consents = consents.filter(person_id=patient_for(by, None).id)
    return _one(consents, by, "consent")


def sharing_consent_for(by: Actor, consent_id: UUID) -> SharingConsent:
    return _one(sharing_consents_of(by).filter(id=consent_id), by, "sharing consent")


def sharing_consents_of(by: Actor) -> QuerySet[SharingConsent]:
    """What a patient agreed to share, or all patients of the market for staff."""
    return _own(SharingConsent.objects.filter(market_id=by.market_id), by)


def webhook_for(by: Actor, webhook_id: UUID) -> WebhookEndpoint:
    return _one(WebhookEndpoint.objects.filter(id=webhook_id), by, "webhook")


def delivery_for(by: Actor, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    deliveries = WebhookDelivery.objects.filter(id=delivery_id, endpoint_id=webhook_id)
    return _one(deliveries, by, "delivery")


def service_account_for(by: Actor, account_id: UUID) -> ServiceAccount:
    return _one(ServiceAccount.objects.filter(id=account_id), by, "service account")


def visit_for(by: Actor, visit_id: UUID) -> Visit:
    return _one(visits_of(by).filter(id=visit_id), by, "visit")


def attended_by(by: Actor, visit_id: UUID) -> Visit:
    """The same, and for a nurse also a visit that was hers once: her phone may tell of it late."""
    if by.role is Role.NURSE and by.person_id is not None:
        had_it = Assignment.objects.filter(nurse_id=by.person_id).values("visit_id")
        return _one(Visit.objects.filter(id=visit_id, id__in=had_it), by, "visit")
    return visit_for(by, visit_id)


def visits_of(by: Actor) -> QuerySet[Visit]:
    """A patient's own visits, those on a nurse's route, or all of the market for staff."""
    visits = Visit.objects.filter(market_id=by.market_id)
    if by.role is Role.NURSE:
        return _of_nurse(visits, by) if by.person_id else visits.none()
    return _own(visits, by)


def _of_nurse(visits: QuerySet[Visit], by: Actor) -> QuerySet[Visit]:
    """On the route, or broken off by this nurse: that gave the reservation back."""
    had_it = Assignment.objects.filter(visit=OuterRef("pk")).order_by("-since", "-id")
    on_route = Q(reservation__nurse_id=by.person_id) & ~Q(status=Status.REQUESTED.value)
    broken_off = Q(last_nurse=by.person_id, status__in=[Status.NO_SHOW.value, Status.ABORTED.value])
    return visits.annotate(last_nurse=Subquery(had_it.values("nurse_id")[:1])).filter(
        on_route | broken_off
    )


def _own(rows: QuerySet[R], by: Actor) -> QuerySet[R]:
    return rows.filter(patient_id=by.person_id) if by.role is Role.PATIENT else rows


def _one(rows: QuerySet[R], by: Actor, thing: str) -> R:
    row = rows.filter(market_id=by.market_id).first()
    if row is None:
        raise NotFound(thing)
    return row
