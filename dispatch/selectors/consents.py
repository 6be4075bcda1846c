"""Consents, as the patients who signed them see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor
from dispatch.models import Consent


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A signature; ``text_sha256`` is the hex digest of the very text that was signed."""

    id: UUID
    protocol: str
    text_version: int
    text_sha256: str
    since: datetime
    until: datetime
    withdrawn_at: datetime | None


def consents_of(by: Actor) -> QuerySet[Consent]:
    """The patient's own signatures."""
    signed = Consent.objects.filter(market_id=by.market_id)
    return signed.filter(patient_id=by.person_id) if by.person_id else signed.none()


def consent_line(consent: Consent) -> ConsentLine:
    return ConsentLine(
        consent.id,
        consent.protocol_code,
        consent.text_version,
        consent.text_sha256,
        consent.since,
        consent.until,
        consent.withdrawn_at,
    )
