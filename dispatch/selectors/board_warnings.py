"""What the board warns of beyond a visit's own row, looked up for all visits of a day at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count

from dispatch.domain.clock import seconds
from dispatch.domain.visit import ENDED
from dispatch.models import Message, Visit
from dispatch.planning.rules import qualified_spans
from dispatch.selectors.custody import unsettled_among
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import nurses_with
from dispatch.selectors.skills import Skills

SOON = timedelta(days=14)
"""So long before a paper ends the board asks for its renewal."""
OVER = frozenset(status.value for status in ENDED)


@dataclass(frozen=True, slots=True)
class Warnings:
    """Ids of visits; ``dead_messages`` counts a visit's messages that reached nobody."""

    credential_expiring: frozenset[UUID]
    custody_open: frozenset[UUID]
    dead_messages: Mapping[UUID, int]


def warnings_of(market_id: UUID, day: date, on_route: Sequence[Visit]) -> Warnings:
    """Return them for the day; ``on_route`` are its visits that have a nurse."""
    ended = Visit.objects.filter(market_id=market_id, service_date=day, status__in=OVER)
    dead = Message.objects.filter(market_id=market_id, state="dead", visit__service_date=day)
    return Warnings(
        frozenset(_expiring([visit for visit in on_route if visit.status not in OVER])),
        frozenset(unsettled_among(ended)),
        dict(dead.values_list("visit_id").annotate(Count("id")).order_by()),
    )


def _expiring(visits: Sequence[Visit]) -> Iterable[UUID]:
    """Visits for which what the nurse needs to hold ends during them or soon after."""
    nurses = nurses_with({visit.reservation.nurse_id for visit in visits if visit.reservation})
    skills = Skills.of(visit.patient_id for visit in visits)
    for visit in visits:
        held = visit.reservation
        if held is None:
            continue
        needed = skills.needed(visit.patient_id, protocol_of(visit.protocol_id))
        spans = qualified_spans(nurses[held.nurse_id], visit.location.state, needed)
        begin, until = seconds(held.start_at), seconds(held.end_at + SOON)
        if not any(first <= begin and until <= last for first, last in spans):
            yield visit.id
