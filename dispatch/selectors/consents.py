"""Consents, as the patients who signed them see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
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


def has_consented(by: Actor, protocol: Protocol, until: datetime, *, now: datetime) -> bool:
    """Whether the patient's signature stands under the very text, from now to ``until``."""
    signed = consents_of(by).filter(
        protocol_code=protocol.code,
        text_version=protocol.consent.version,
        text_sha256=digest(protocol.consent.text),
        withdrawn_at__isnull=True,
        since__lte=now,
        until__gt=until,
    )
    return signed.exists()


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
