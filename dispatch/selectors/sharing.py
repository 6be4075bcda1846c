"""With whom a patient shares, and what a recipient sees behind the link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.errors import NotFound
from dispatch.domain.messages import Kind
from dispatch.domain.people import Actor
from dispatch.domain.sharing import LINK_LASTS, SharingTerms
from dispatch.domain.shipped import load_sharing_terms
from dispatch.models import Message, SharingConsent, Visit
from dispatch.selectors.access import patient_for, sharing_consents_of
from dispatch.selectors.clock import market_now
from dispatch.selectors.findings import Recorded, recorded_of
from dispatch.selectors.links import message_behind
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.verifications import nurse_of


@dataclass(frozen=True, slots=True)
class SharingLine:
    """One recipient that a patient agreed to, and until when."""

    id: UUID
    patient: UUID
    recipient: str
    name: str
    channel: str
    contact: str
    text_version: int
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One visit as the recipient sees it, at the market's time ``now``."""

    message_id: UUID
    market_id: UUID
    patient: str
    treatment: str
    date: date
    nurse: str
    recorded: Recorded
    office_phone: str
    now: datetime


@lru_cache(maxsize=1)
def sharing_terms() -> SharingTerms:
    """Return what patients agree to, in its present version."""
    return load_sharing_terms("en")


def sharing_seen_by(by: Actor, patient_id: UUID | None) -> QuerySet[SharingConsent]:
    """The rows behind a page: a patient's own, or the market's, of one patient where named.

    Raises NotFound.
    """
    rows = sharing_consents_of(by)
    return rows if patient_id is None else rows.filter(patient=patient_for(by, patient_id))


def sharing_line(consent: SharingConsent) -> SharingLine:
    return SharingLine(
        id=consent.id,
        patient=consent.patient_id,
        recipient=consent.recipient,
        name=consent.name,
        channel=consent.channel,
        contact=consent.contact,
        text_version=consent.text_version,
        given_at=consent.given_at,
        withdrawn_at=consent.withdrawn_at,
    )


def shared_summary(secret: str) -> Summary:
    """Return the summary behind a link.

    Raises NotFound for a link that is unknown or too old, or whose consent was withdrawn.
    """
    sent = Message.objects.filter(id=message_behind(secret), kind=Kind.SUMMARY.value)
    message = sent.select_related("visit__location", "visit__patient", "market").first()
    if message is None:
        raise NotFound("summary")
    now = market_now(message.market_id)
    agreed = SharingConsent.objects.filter(id=message.person_id, withdrawn_at__isnull=True)
    if now >= message.due_at + LINK_LASTS or not agreed.exists():
        raise NotFound("summary")
    return _summary(message, message.visit, now)


def _summary(message: Message, visit: Visit, now: datetime) -> Summary:
    nurse = nurse_of(visit)
    return Summary(
        message_id=message.id,
        market_id=message.market_id,
        patient=visit.patient.name,
        treatment=protocol_of(visit.protocol_id).name,
        date=visit.service_date,
        nurse="" if nurse is None else nurse.name,
        recorded=recorded_of(visit),
        office_phone=message.market.office_phone,
        now=now,
    )
