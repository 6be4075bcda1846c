"""The consents that patients sign, and take back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.models import Consent, Patient
from dispatch.selectors.access import consent_for, patient_for
from dispatch.selectors.protocols import bookable_row, protocol_of


@transaction.atomic
def sign_consent(
    *, protocol_code: str, text_version: int, name: str, by: Actor, now: datetime
) -> UUID:
    """The patient types a name under the consent as shown, and so signs it; return its id.

    The very text is kept by its digest. Raises Invalid where the text is not the present version.
    """
    patient = _locked(patient_for(by, None))
    protocol = protocol_of(bookable_row(by.market_id, protocol_code).id)
    if text_version != protocol.consent.version:
        present = protocol.consent.version
        told = Sentence("The present version is {version}.", version=present)
        raise Invalid({"text_version": told})
    consent = Consent.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_code=protocol.code,
        text_version=text_version,
        text_sha256=digest(protocol.consent.text),
        name=name,
        since=now,
        until=now + timedelta(days=protocol.valid_days.consent),
        signed_by_id=by.user_id,
    )
    audit.note(by, "sign", "consent", consent.id, now=now)
    return consent.id


@transaction.atomic
def withdraw_consent(consent_id: UUID, *, by: Actor, now: datetime) -> None:
    """The patient no longer agrees: nothing is begun under this signature from now on.

    Raises NotFound, Conflict ``already_withdrawn``.
    """
    _locked(consent_for(by, consent_id).patient)
    consent = consent_for(by, consent_id)
    if consent.withdrawn_at is not None:
        raise Conflict("already_withdrawn", "This consent was withdrawn before.")
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    audit.note(by, "withdraw", "consent", consent.id, now=now)


def _locked(patient: Patient) -> Patient:
    """One paper of a patient is written at a time: which is the newest is never in doubt."""
    return Patient.objects.select_for_update(no_key=True).get(id=patient.id)
