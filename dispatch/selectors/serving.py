"""Whether a treatment can be given at a place at all, and who waits until it can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from dispatch.domain.channels import Language
from dispatch.domain.clock import seconds
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.shipped import load_waiting_terms
from dispatch.domain.waiting import Unserved, WaitingTerms
from dispatch.models import Location, WaitingEntry
from dispatch.planning.problem import Nurse
from dispatch.planning.rules import qualified_spans
from dispatch.selectors.access import location_for
from dispatch.selectors.claims import claim_on
from dispatch.selectors.slots import gaps_for


@dataclass(frozen=True, slots=True)
class Waiting:
    """A treatment that the patient waits for at a place."""

    id: UUID
    location: UUID
    protocol: str
    because: Unserved
    since: datetime


def why_unserved(location: Location, protocol: Protocol, *, now: datetime) -> Unserved | None:
    """Return why no nurse who comes on shift may ever give the treatment there; None where one may.

    Whether she has a time for it is for ``find_slots`` to say.
    """
    claim = claim_on(location, protocol, now, now, None, now=now)
    nurses = gaps_for(claim, now=now).nurses
    state, certificates = claim.request.state, claim.request.certificates
    if not nurses or any(_may(nurse, state, certificates, now) for nurse in nurses):
        return None
    if any(_may(nurse, state, frozenset(), now) for nurse in nurses):
        return Unserved.NOT_CERTIFIED
    return Unserved.NOT_LICENSED


def waiting_at(by: Actor, location_id: UUID, protocol_code: str) -> Waiting | None:
    """Return the entry that stands for a treatment at a place. Raises NotFound."""
    place = location_for(by, location_id)
    one = WaitingEntry.objects.filter(
        location=place, protocol_code=protocol_code, ended_at__isnull=True
    ).first()
    if one is None:
        return None
    return Waiting(one.id, one.location_id, one.protocol_code, Unserved(one.because), one.since)


@lru_cache(maxsize=len(Language))
def waiting_terms(language: Language) -> WaitingTerms:
    """Return what people agree to who wait; cached, as it is shipped."""
    return load_waiting_terms(language)


def _may(nurse: Nurse, state: str, certificates: frozenset[str], now: datetime) -> bool:
    return any(until > seconds(now) for _, until in qualified_spans(nurse, state, certificates))
