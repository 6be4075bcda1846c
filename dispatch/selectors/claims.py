"""A wish for a nurse's time, put together from a place, a protocol and a window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Least

from dispatch.domain.clock import seconds
from dispatch.domain.protocol import Protocol
from dispatch.models import Assignment, Location, Reservation, Visit
from dispatch.planning.problem import Point, Request
from dispatch.planning.rules import Span
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.skills import Skills
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
    about = _About.of({location.patient_id}, now)
    return watched(_claim(location, protocol, start, end, nurse_id, instead_of, about), now=now)


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


def claims_of(visits: Sequence[Visit], *, now: datetime) -> Mapping[UUID, Claim]:
    """Return the claims of many visits of a market by their ids, in three looks at their patients.

    Only those that have no reservation are ``watched``: any other has its place already.
    """
    about = _About.of({visit.patient_id for visit in visits}, now)
    claims = {
        visit.id: _claim(
            visit.location,
            protocol_of(visit.protocol_id),
            visit.window_start,
            visit.window_end,
            visit.asked_nurse_id,
            visit.reservation_id,
            about,
        )
        for visit in visits
    }
    return claims | _watched_together(
        {visit_id: claim for visit_id, claim in claims.items() if not claim.instead_of}, now
    )


def _watched_together(claims: Mapping[UUID, Claim], now: datetime) -> dict[UUID, Claim]:
    """The claims ``watched`` in one look at the time around all of them."""
    if not claims:
        return {}
    every = [claim.request for claim in claims.values()]
    around = replace(
        every[0],
        earliest=min(one.earliest for one in every),
        latest=max(one.latest for one in every),
        service=max(one.service for one in every),
    )
    market_id = next(iter(claims.values())).market_id
    full = full_spans(market_id, around, instead_of=None, now=now)
    return {
        visit_id: replace(claim, request=replace(claim.request, full=full))
        for visit_id, claim in claims.items()
    }


@dataclass(frozen=True, slots=True)
class _About:
    """By patient: when visits and holds may take them, and who has a visit of theirs or is planned
    for one of a series; each beside the reservation that it belongs to. And whom they need."""

    busy: Mapping[UUID, list[tuple[UUID, Span]]]
    known: Mapping[UUID, list[tuple[UUID | None, UUID]]]
    skills: Skills

    @classmethod
    def of(cls, patient_ids: set[UUID], now: datetime) -> _About:
        busy: dict[UUID, list[tuple[UUID, Span]]] = defaultdict(list)
        known: dict[UUID, list[tuple[UUID | None, UUID]]] = defaultdict(list)
        for patient_id, held, first, last, start, end, nurse_id, series_id in _reserved(
            patient_ids, now
        ):
            busy[patient_id].append((held, (seconds(first), seconds(last + (end - start)))))
            if series_id is not None:
                known[patient_id].append((held, nurse_id))
        given = Assignment.objects.filter(visit__patient_id__in=patient_ids, until__isnull=True)
        for patient_id, held, nurse_id in given.values_list(
            "visit__patient_id", "visit__reservation_id", "nurse_id"
        ):
            known[patient_id].append((held, nurse_id))
        return cls(busy, known, Skills.of(patient_ids))


def _claim(
    location: Location,
    protocol: Protocol,
    start: datetime,
    end: datetime,
    nurse_id: UUID | None,
    instead_of: UUID | None,
    about: _About,
) -> Claim:
    """From the beginning of each other visit's or hold's window to the latest end it allows, or to
    the one expected where it runs late, the patient is busy; known are the nurses of visits, past
    and to come, that were not called off, and of series that wait for their nurses."""
    patient_id = location.patient_id
    busy, known = about.busy.get(patient_id, ()), about.known.get(patient_id, ())
    request = Request(
        point=Point(location.lat, location.lng),
        state=location.state,
        service=protocol.service_s,
        earliest=seconds(start),
        latest=int(end.timestamp()),
        certificates=about.skills.needed(patient_id, protocol),
        nurse=nurse_id,
        busy=tuple(span for held, span in busy if held != instead_of),
        known=frozenset(nurse for held, nurse in known if instead_of is None or held != instead_of),
        infusion=(protocol.infusion_from_s, protocol.infusion_until_s),
    )
    return Claim(patient_id, location.market_id, instead_of, request)


def _reserved(patient_ids: set[UUID], now: datetime) -> QuerySet[Reservation, tuple[Any, ...]]:
    return (
        Reservation.objects.filter(patient_id__in=patient_ids, end_at__gt=now)
        .filter(Q(hold__isnull=True) | Q(hold__expires_at__gt=now))
        .annotate(
            first=Least(Coalesce("visit__window_start", "hold__window_start"), "start_at"),
            last=Greatest(Coalesce("visit__window_end", "hold__window_end"), "start_at"),
        )
        .values_list(
            "patient_id",
            "id",
            "first",
            "last",
            "start_at",
            "end_at",
            "nurse_id",
            "visit__series_id",
        )
    )
