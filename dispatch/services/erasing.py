"""A patient's names and addresses are erased on request; the record of the treatments stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from dispatch import audit, tasking
from dispatch.agreeing import hold_for_stopping
from dispatch.domain.consults import STANDING
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import digest, new_secret
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TOLD_BY_PATIENTS, TaskKind
from dispatch.domain.visit import ENDED
from dispatch.models import (
    Companion,
    CompanionRequest,
    Consult,
    ContactConsent,
    Erasure,
    Hold,
    IdempotencyRecord,
    InboundText,
    LocalMessage,
    Location,
    MessageAttempt,
    Patient,
    PushSubscription,
    ScreenSession,
    SharingConsent,
    SignIn,
    Task,
    Visit,
    WaitingEntry,
)
from dispatch.selectors.access import patient_for

GONE = "erased"
COARSE = 1
"""Decimals of a degree that are left of a place: about ten kilometres."""

CONTACT: Mapping[type[Model], tuple[str, ...]] = {
    Patient: ("name", "phone", "email"),
    Location: ("address", "access_notes"),
    Companion: ("name", "phone", "email"),
    CompanionRequest: ("secret",),
    SharingConsent: ("name", "contact"),
    PushSubscription: ("endpoint", "p256dh", "auth"),
    MessageAttempt: ("recipient", "subject", "body"),
    InboundText: ("sender", "body"),
    Consult: ("link",),
    Task: ("reason", "outcome"),
}
"""What says who the patient and their people are, where they live and how they are reached. All
else that is encrypted about a patient is the record of what was asked, decided and done, and so
are the tasks in which patients tell how they are."""


@transaction.atomic
def erase_patient(patient_id: UUID, *, because: str, by: Actor, now: datetime) -> None:
    """Put nothing in the place of names and addresses, end the account and every consent.

    Stops stay, by their digest: nobody is written to against them. Raises NotFound; Conflict
    ``visits_ahead`` where a visit, a hold or a consult is still to come, ``erased`` the second
    time.
    """
    patient_for(by, patient_id)
    hold_for_stopping()
    patient = Patient.objects.select_for_update(no_key=True).get(id=patient_id)
    if Erasure.objects.filter(patient=patient).exists():
        raise Conflict("erased", "This was done before.")
    _check_nothing_ahead(patient, now)
    for kind, columns in CONTACT.items():
        _rows(kind, patient).update(**dict.fromkeys(columns, GONE))
    _forget_digests(patient)
    _coarsen(patient)
    _end_account(patient, now)
    _forget_answers(patient)
    ContactConsent.objects.filter(_person(patient), withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )
    SharingConsent.objects.filter(patient=patient, withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )
    _end_waiting(patient, by, now)
    Erasure.objects.create(
        market_id=patient.market_id, patient=patient, because=because, erased_at=now,
        erased_by_id=by.user_id,
    )  # fmt: skip
    audit.note(by, "erase", "patient", patient.id, now=now)


def _check_nothing_ahead(patient: Patient, now: datetime) -> None:
    ended = [status.value for status in ENDED]
    standing = [state.value for state in STANDING]
    ahead = (
        Visit.objects.filter(patient=patient).exclude(status__in=ended),
        Hold.objects.filter(patient=patient, expires_at__gt=now),
        Consult.objects.filter(patient=patient, state__in=standing, ends_at__gt=now),
    )
    if any(rows.exists() for rows in ahead):
        raise Conflict("visits_ahead", "Call off first what is still to come.")


def _rows(kind: type[Model], patient: Patient) -> QuerySet[Model]:
    """The rows of one table that are the patient's."""
    rows = kind._default_manager.all()
    if kind is Patient:
        return rows.filter(id=patient.id)
    if kind is MessageAttempt:
        return rows.filter(message__visit__patient=patient)
    if kind is CompanionRequest:
        return rows.filter(visit__patient=patient)
    if kind is Task:
        rows = rows.exclude(kind__in=[one.value for one in TOLD_BY_PATIENTS])
    if kind in (InboundText, Task):
        return rows.filter(Q(patient=patient) | Q(visit__patient=patient))
    return rows.filter(patient=patient)


def _forget_digests(patient: Patient) -> None:
    """Nothing is left by which an address could be found, but for stops."""
    keys = MessageAttempt.objects.filter(message__visit__patient=patient).values("key")
    LocalMessage.objects.filter(key__in=keys).delete()
    Patient.objects.filter(id=patient.id).update(phone_index="", email_index="")
    Companion.objects.filter(patient=patient).update(phone_index="")
    _rows(InboundText, patient).update(sender_index="")
    for kind, column in (
        (CompanionRequest, "secret_digest"),
        (PushSubscription, "endpoint_digest"),
    ):
        for row_id in _rows(kind, patient).values_list("pk", flat=True):
            kind._default_manager.filter(pk=row_id).update(**{column: digest(new_secret())})


def _coarsen(patient: Patient) -> None:
    for place in Location.objects.filter(patient=patient):
        place.lat, place.lng = round(place.lat, COARSE), round(place.lng, COARSE)
        place.approximate = True
        place.save(update_fields=["lat", "lng", "approximate"])


def _end_account(patient: Patient, now: datetime) -> None:
    if (user := patient.user) is None:
        return
    user.username, user.is_active = f"{GONE}-{user.id}", False
    user.set_unusable_password()
    user.save(update_fields=["username", "is_active", "password"])
    SignIn.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now, ended_because=GONE)
    for kind in (SocialAccount, Authenticator, ScreenSession):
        kind._default_manager.filter(user=user).delete()


def _end_waiting(patient: Patient, by: Actor, now: datetime) -> None:
    """Nobody has to arrange any more what the patient waits for."""
    for entry in WaitingEntry.objects.filter(patient=patient, ended_at__isnull=True):
        entry.ended_at = now
        entry.save(update_fields=["ended_at"])
        tasking.close_task(TaskKind.WAITING_FOR_SERVICE, entry.id, by=by, now=now)


def _forget_answers(patient: Patient) -> None:
    """Answers kept for a repeated key: the patient's, and whoever's names them or their people.

    They are encrypted, so each of the market is looked into; they are kept for days only.
    """
    ids = [patient.id, *Companion.objects.filter(patient=patient).values_list("id", flat=True)]
    named = [str(one) for one in ids]
    kept = IdempotencyRecord.objects.filter(user__market_id=patient.market_id)
    found = [
        pk
        for pk, user_id, body in kept.values_list("pk", "user_id", "body").iterator()
        if user_id == patient.user_id or any(one in body for one in named)
    ]
    IdempotencyRecord.objects.filter(pk__in=found).delete()


def _person(patient: Patient) -> Q:
    companions = Companion.objects.filter(patient=patient).values("id")
    return Q(person_id=patient.id) | Q(person_id__in=companions)
