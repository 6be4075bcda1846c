"""Visits that may go to another nurse without anybody being asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.clock import seconds
from dispatch.domain.jobs import announced_until
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import Continuity
from dispatch.domain.visit import Status
from dispatch.models import Market, Visit
from dispatch.planning.problem import Point, Request
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.skills import Skills

BEFORE_THE_NURSE_SETS_OUT = [Status.REQUESTED.value, Status.ASSIGNED.value]


def movable(market_id: UUID, *, now: datetime) -> QuerySet[Visit]:
    """Visits with a nurse whom the patient did not ask for, on days not announced yet.

    Those of a series only where any nurses will do: its nurse leaves it only where she has to.
    """
    zone = Market.objects.values_list("zone", flat=True).get(id=market_id)
    return Visit.objects.filter(
        Q(series__isnull=True) | Q(series__continuity=Continuity.ANY_NURSES.value),
        market_id=market_id,
        status__in=BEFORE_THE_NURSE_SETS_OUT,
        asked_nurse__isnull=True,
        reservation__shift__service_date__gt=announced_until(now, zone),
    )


def movable_in(
    market_id: UUID, start: datetime, end: datetime, *, now: datetime
) -> Mapping[UUID, Request]:
    """Return, by reservation, what those on shifts in [start, end) ask for wherever they go."""
    rows = list(
        movable(market_id, now=now)
        .filter(reservation__shift__start_at__lt=end, reservation__shift__end_at__gt=start)
        .values_list(
            "reservation_id",
            "patient_id",
            "location__lat",
            "location__lng",
            "location__state",
            "protocol_id",
            "window_start",
            "window_end",
        )
    )
    skills = Skills.of(row[1] for row in rows)
    wishes = {}
    for reservation, patient, lat, lng, state, protocol_id, first, last in rows:
        protocol = protocol_of(protocol_id)
        needed = skills.needed(patient, protocol)
        if reservation is not None:
            wishes[reservation] = _wish(Point(lat, lng), state, protocol, needed, first, last)
    return wishes


def _wish(
    point: Point,
    state: str,
    protocol: Protocol,
    certificates: frozenset[str],
    first: datetime,
    last: datetime,
) -> Request:
    """As ``claims.claim_of`` has it; the patient is free, for the window stays what it is."""
    return Request(
        point=point,
        state=state,
        service=protocol.service_s,
        earliest=seconds(first),
        latest=int(last.timestamp()),
        certificates=certificates,
    )
