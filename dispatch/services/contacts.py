"""How people want to be reached: preferences, consents given and taken back, stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from dispatch import audit
from dispatch.agreeing import agree, hold_for_stopping
from dispatch.domain.channels import Channel, Language
from dispatch.domain.contact import Agreement, check_push_keys, check_push_service
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor, Role
from dispatch.domain.sentences import Sentence
from dispatch.models import Companion, ContactConsent, Patient, PushSubscription, Stop
from dispatch.models.encrypted import blind_index, blind_indexes
from dispatch.selectors.access import contact_consent_for, patient_for
from dispatch.selectors.contact_card import addresses_of, contact_terms, mark_of, stops_of


@transaction.atomic
def set_contact(
    *,
    patient_id: UUID | None,
    language: Language,
    channels: Sequence[Channel],
    phone: str | None,
    email: str | None,
    expected: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Keep language, order and addresses; ``phone`` is in E.164, and None leaves one as it is.

    A consent is for one address: a new one is sent nothing until it is agreed to. Raises Conflict
    ``stale`` where what is kept has another mark than the one ``expected``.
    """
    patient = _locked(patient_for(by, patient_id))
    if expected not in {None, mark_of(patient)}:
        raise Conflict("stale", "This was changed meanwhile.")
    patient.language, patient.channels = language.value, [one.value for one in channels]
    if phone is not None:
        patient.phone, patient.phone_index = phone, blind_index(phone)
    if email is not None:
        patient.email, patient.email_index = email, blind_index(email) if email else ""
    patient.save(
        update_fields=["language", "channels", "phone", "phone_index", "email", "email_index"]
    )
    audit.note(by, "set_contact", "patient", patient.id, now=now)


@transaction.atomic
def agree_to_messages(
    *,
    patient_id: UUID | None,
    channel: Channel,
    language: Language,
    text_version: int,
    by: Actor,
    now: datetime,
) -> UUID:
    """The patient agrees to texts or e-mails at the address that is known; return the consent's id.

    The desk may record what a patient says on the telephone. Raises Invalid where no address is
    known or another version of the words was shown; Conflict ``stopped`` for an address that
    said STOP, which only its owner takes back: by START, or, for e-mails, by agreeing again.
    """
    patient = _locked(patient_for(by, patient_id))
    address = dict(addresses_of(patient)).get(channel)
    if address is None or channel is Channel.PUSH:
        raise Invalid({"channel": "There is no address for this channel."})
    wording = _wording(Agreement(channel.value), language, text_version)
    if stops_of([(channel, address)]):
        if channel is Channel.TEXT or by.role is not Role.PATIENT:
            raise Conflict("stopped", "Messages were stopped from there; START takes it back.")
        start_address(channel, address, now=now)
    return agree(patient.id, channel, address, wording, by=by, now=now)


@transaction.atomic
def withdraw_agreement(consent_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a consent back: nothing more is begun to that address of that person.

    Raises NotFound; Conflict ``withdrawn`` where that was done before.
    """
    hold_for_stopping()
    contact_consent_for(by, consent_id)
    consent = ContactConsent.objects.select_for_update(no_key=True).get(id=consent_id)
    if consent.withdrawn_at is not None:
        raise Conflict("withdrawn", "This consent was taken back before.")
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    audit.note(by, "withdraw", "contact_consent", consent.id, now=now)


@transaction.atomic
def subscribe_browser(
    *,
    endpoint: str,
    p256dh: str,
    auth: str,
    language: Language,
    text_version: int,
    by: Actor,
    now: datetime,
) -> UUID:
    """The patient has a browser show news, and agrees to it; return the consent's id.

    A browser that comes again, with new keys or another patient, is that one's from now on.
    Raises Invalid for an address that is no push service's.
    """
    patient = _locked(patient_for(by, None))
    _check_browser(endpoint, p256dh, auth)
    wording = _wording(Agreement.PUSH, language, text_version)
    PushSubscription.objects.update_or_create(
        endpoint_digest=digest(endpoint),
        defaults={
            "market_id": patient.market_id,
            "patient": patient,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "subscribed_at": now,
            "gone_at": None,
        },
    )
    return agree(patient.id, Channel.PUSH, endpoint, wording, by=by, now=now)


@transaction.atomic
def stop_address(channel: Channel, address: str, word: str, *, now: datetime) -> bool:
    """From the commit on nothing is begun to this address, whoever it belongs to; False where
    that was so before.

    ``address`` is a number in E.164 or an e-mail address, ``word`` the command, or
    why else it was stopped.
    """
    hold_for_stopping()
    if _standing(channel, address).exists():
        return False
    Stop.objects.create(
        channel=channel.value, address_index=blind_index(address), word=word, stopped_at=now
    )
    _note_owners(channel, address, "stop", now)
    return True


@transaction.atomic
def start_address(channel: Channel, address: str, *, now: datetime) -> bool:
    """Take a stop back: what was agreed to is sent again; False where nothing was stopped."""
    if not _standing(channel, address).update(started_at=now):
        return False
    _note_owners(channel, address, "start", now)
    return True


def _standing(channel: Channel, address: str) -> QuerySet[Stop]:
    """The stop of an address under whichever key; that there is but one is up to who holds for
    stopping."""
    return Stop.objects.filter(
        channel=channel.value, address_index__in=blind_indexes(address), started_at__isnull=True
    )


def _note_owners(channel: Channel, address: str, verb: str, now: datetime) -> None:
    """One line of the trail for each whose address it is: they said so themselves, unnamed."""
    indexes = blind_indexes(address)
    column = {"text": "phone_index__in", "email": "email_index__in"}.get(channel.value)
    patients = Patient.objects.filter(**{column: indexes}) if column else Patient.objects.none()
    for patient_id, market_id in patients.values_list("id", "market_id"):
        audit.note_worker(market_id, verb, "patient", patient_id, now=now)
    if channel is Channel.TEXT:
        companions = Companion.objects.filter(phone_index__in=indexes)
        for companion_id, market_id in companions.values_list("id", "market_id"):
            audit.note_worker(market_id, verb, "companion", companion_id, now=now)


def _check_browser(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        check_push_service(endpoint, settings.PUSH_SERVICES)
    except ValueError as fault:
        raise Invalid({"endpoint": str(fault)}) from fault
    try:
        check_push_keys(p256dh, auth)
    except ValueError as fault:
        raise Invalid({"keys": "These are no keys of a browser."}) from fault


def _wording(agreement: Agreement, language: Language, text_version: int) -> str:
    terms = contact_terms(language.value)
    if text_version != terms.version:
        told = Sentence("The present version is {version}.", version=terms.version)
        raise Invalid({"text_version": told})
    return terms.wording(agreement)


def _locked(patient: Patient) -> Patient:
    return Patient.objects.select_for_update(no_key=True).get(id=patient.id)
