"""A wish for a nurse's time, put together from a place, a protocol and a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from dispatch.domain.clock import seconds
from dispatch.domain.protocol import Protocol
from dispatch.models import Assignment, Location, Reservation, Visit
from dispatch.planning.problem import Point, Request
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.supervision import full_spans


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish for a nurse's time: whose, instead of which reservation, and the planner's view."""

    patient_id: UUID
    market_id: UUID
    instead_of: UUID | None
    request: Request


def claim_on(
    location: Location,
    protocol: Protocol,
    start: datetime,
    end: datetime,
    nurse_id: UUID | None,
    *,
    instead_of: UUID | None = None,
    now: datetime,
) -> Claim:
    """Return the claim for a treatment at a place whose service starts in [start, end].

    ``instead_of`` is the patient's reservation that it takes the place of, if there is one.
    """
    request = Request(
        point=Point(location.lat, location.lng),
        state=location.state,
        service=protocol.service_s,
        earliest=seconds(start),
        latest=int(end.timestamp()),
        certificates=frozenset(protocol.certificates),
        nurse=nurse_id,
        busy=_busy(location.patient_id, instead_of, now),
        known=_known(location.patient_id, instead_of),
        infusion=(protocol.infusion_from_s, protocol.infusion_until_s),
    )
    return watched(Claim(location.patient_id, location.market_id, instead_of, request), now=now)


def watched(claim: Claim, *, now: datetime) -> Claim:
    """Return the claim with what its market's clinicians can watch as it stands now."""
    full = full_spans(claim.market_id, claim.request, instead_of=claim.instead_of, now=now)
    return replace(claim, request=replace(claim.request, full=full))


def claim_of(visit: Visit, *, now: datetime) -> Claim:
    """Return the claim of a visit for its own window."""
    return claim_on(
        visit.location,
        protocol_of(visit.protocol_id),
        visit.window_start,
        visit.window_end,
        visit.asked_nurse_id,
        instead_of=visit.reservation_id,
        now=now,
    )


def _busy(patient_id: UUID, apart_from: UUID | None, now: datetime) -> tuple[tuple[int, int], ...]:
    """From the beginning of each other visit's or hold's window to the latest end it allows."""
    taken = (
        Reservation.objects.filter(patient_id=patient_id, end_at__gt=now)
        .filter(Q(hold__isnull=True) | Q(hold__expires_at__gt=now))
        .exclude(id__in=[] if apart_from is None else [apart_from])
        .annotate(
            first=Coalesce("visit__window_start", "hold__window_start"),
            last=Coalesce("visit__window_end", "hold__window_end"),
        )
        .values_list("first", "last", "start_at", "end_at")
    )
    return tuple(
        (seconds(first), seconds(last + (end - start))) for first, last, start, end in taken
    )


def _known(patient_id: UUID, apart_from: UUID | None) -> frozenset[UUID]:
    """The nurses of the patient's other visits, past and to come, that were not called off."""
    others = Assignment.objects.filter(visit__patient_id=patient_id, until__isnull=True)
    if apart_from is not None:
        others = others.exclude(visit__reservation_id=apart_from)
    return frozenset(others.values_list("nurse_id", flat=True))
