"""What a patient agrees to share: given, taken back; and each look at what was shared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.channels import Channel
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.sharing import RecipientKind
from dispatch.models import Patient, SharingConsent
from dispatch.selectors.access import patient_for, sharing_consent_for
from dispatch.selectors.sharing import sharing_terms


@transaction.atomic
def agree_to_share(
    *,
    recipient: RecipientKind,
    name: str,
    channel: Channel,
    contact: str,
    text_version: int,
    by: Actor,
    now: datetime,
) -> UUID:
    """The patient has summaries sent to somebody; return the consent's id.

    Raises Invalid where another version of the wording was shown, Conflict ``already_shared``
    where somebody of that kind is sent them already.
    """
    patient = patient_for(by, None)
    present = sharing_terms().version
    if text_version != present:
        told = Sentence("The present version is {version}.", version=present)
        raise Invalid({"text_version": told})
    Patient.objects.select_for_update(no_key=True).get(id=patient.id)
    given = SharingConsent.objects.filter(patient=patient, withdrawn_at__isnull=True)
    if given.filter(recipient=recipient.value).exists():
        raise Conflict("already_shared", "Take back the consent for the one before first.")
    consent = SharingConsent.objects.create(
        market_id=patient.market_id,
        patient=patient,
        recipient=recipient.value,
        name=name,
        channel=channel.value,
        contact=contact,
        text_version=text_version,
        given_at=now,
        given_by_id=by.user_id,
    )
    audit.note(by, "agree", "sharing_consent", consent.id, now=now)
    return consent.id


@transaction.atomic
def stop_sharing(consent_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a consent back: nothing more is sent, and links that were sent no longer open.

    Raises NotFound; Conflict ``withdrawn`` where that was done before.
    """
    sharing_consent_for(by, consent_id)
    consent = SharingConsent.objects.select_for_update(no_key=True).get(id=consent_id)
    if consent.withdrawn_at is not None:
        raise Conflict("withdrawn", "This consent was taken back before.")
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    audit.note(by, "withdraw", "sharing_consent", consent.id, now=now)


@transaction.atomic
def note_look(market_id: UUID, message_id: UUID, *, now: datetime) -> None:
    """Note that somebody opened a summary through its link."""
    audit.note_recipient(market_id, "open", message_id, now=now)
