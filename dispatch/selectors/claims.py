"""A wish for a nurse's time, put together from a place, a protocol and a window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from dispatch.domain.clock import seconds
from dispatch.domain.protocol import Protocol
from dispatch.models import Location, Reservation, Visit
from dispatch.planning.problem import Point, Request
from dispatch.planning.rules import Span
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish for a nurse's time: whose, what part of it is the infusion, and the planner's view."""

    patient_id: UUID
    market_id: UUID
    infusion_from_s: int
    infusion_until_s: int
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
    taken = _taken({location.patient_id}, now)[location.patient_id]
    busy = _apart_from(taken, instead_of)
    return _claim(location, protocol, seconds(start), int(end.timestamp()), nurse_id, busy)


def claim_of(visit: Visit, *, now: datetime) -> Claim:
    """Return the claim of a visit for its own window."""
    return claims_of([visit], now=now)[visit.id]


def claims_of(visits: Sequence[Visit], *, now: datetime) -> Mapping[UUID, Claim]:
    """Return the claims of many visits, in one look at their patients."""
    taken = _taken({visit.patient_id for visit in visits}, now)
    return {
        visit.id: _claim(
            visit.location,
            protocol_of(visit.protocol_id),
            seconds(visit.window_start),
            int(visit.window_end.timestamp()),
            visit.asked_nurse_id,
            _apart_from(taken[visit.patient_id], visit.reservation_id),
        )
        for visit in visits
    }


def _claim(
    location: Location,
    protocol: Protocol,
    earliest: int,
    latest: int,
    nurse_id: UUID | None,
    busy: tuple[Span, ...],
) -> Claim:
    request = Request(
        point=Point(location.lat, location.lng),
        state=location.state,
        service=protocol.service_s,
        earliest=earliest,
        latest=latest,
        certificates=frozenset(protocol.certificates),
        nurse=nurse_id,
        busy=busy,
    )
    return Claim(
        location.patient_id,
        location.market_id,
        protocol.infusion_from_s,
        protocol.infusion_until_s,
        request,
    )


def _apart_from(taken: Iterable[tuple[UUID, Span]], own: UUID | None) -> tuple[Span, ...]:
    return tuple(span for held, span in taken if held != own)


def _taken(patient_ids: set[UUID], now: datetime) -> Mapping[UUID, list[tuple[UUID, Span]]]:
    """By patient, each visit or hold: from the beginning of its window to the latest end."""
    rows = (
        Reservation.objects.filter(patient_id__in=patient_ids, end_at__gt=now)
        .filter(Q(hold__isnull=True) | Q(hold__expires_at__gt=now))
        .annotate(
            first=Coalesce("visit__window_start", "hold__window_start"),
            last=Coalesce("visit__window_end", "hold__window_end"),
        )
        .values_list("patient_id", "id", "first", "last", "start_at", "end_at")
    )
    taken: dict[UUID, list[tuple[UUID, Span]]] = defaultdict(list)
    for patient_id, held, first, last, start, end in rows:
        taken[patient_id].append((held, (seconds(first), seconds(last + (end - start)))))
    return taken
