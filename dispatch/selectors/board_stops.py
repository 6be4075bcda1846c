"""The stops of a day's routes as the board shows them: expected, actual, and what is amiss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from dispatch.domain.gates import companion_settled
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import ON_ROUTE, Status
from dispatch.models import CompanionRequest, Reservation, Visit
from dispatch.selectors.board_warnings import Warnings
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.visits import VisitLine, line


@dataclass(frozen=True, slots=True)
class Actual:
    """What has happened at the visit so far, by the nurse's phone."""

    departed_at: datetime | None
    arrived_at: datetime | None
    infusion_started_at: datetime | None
    infusion_ended_at: datetime | None
    discharged_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoardStop:
    """A stop with the times expected by now. ``late`` is one whose window has closed before the
    nurse came, ``at_risk`` one that she will not reach before it closes, ``recovering_long`` a
    patient who rests for longer than planned. ``uncovered`` is a stop outside its nurse's hours:
    she is away, and nobody else has it. The others are as ``Warnings`` has them."""

    visit: VisitLine
    leave_at: datetime
    start_at: datetime
    end_at: datetime
    actual: Actual
    lat: float
    lng: float
    companion_missing: bool
    late: bool
    at_risk: bool
    recovering_long: bool
    uncovered: bool
    credential_expiring: bool
    custody_open: bool
    dead_messages: int


def on_routes(market_id: UUID, day: date) -> QuerySet[Visit]:
    """The visits on the day's routes in the order of their times, with what ``stop_of`` needs."""
    says = CompanionRequest.objects.filter(
        visit=OuterRef("pk"), replaced_at__isnull=True, move=OuterRef("moves")
    ).values("answer")[:1]
    return (
        Visit.objects.filter(
            market_id=market_id,
            reservation__shift__service_date=day,
            status__in=[status.value for status in ON_ROUTE],
        )
        .annotate(companion_says=Subquery(says))
        .select_related("location", "protocol", "reservation__nurse", "reservation__shift")
        .order_by("reservation__start_at")
    )


def stop_of(visit: Visit, warnings: Warnings, now: datetime) -> BoardStop:
    """Return one of ``on_routes`` as the board shows it."""
    held = visit.reservation
    if held is None:
        raise RuntimeError("A visit on a route has its times.")
    protocol = protocol_of(visit.protocol_id)
    duty = protocol.companion_rule(LocationKind(visit.location.kind))
    says: str | None = getattr(visit, "companion_says", None)
    waiting = visit.arrived_at is None and visit.completed_at is None
    return BoardStop(
        visit=line(visit),
        leave_at=held.leave_at,
        start_at=held.start_at,
        end_at=held.end_at,
        actual=Actual(**{name: getattr(visit, name) for name in Actual.__slots__}),
        lat=visit.location.lat,
        lng=visit.location.lng,
        companion_missing=waiting and not companion_settled(duty, says),
        late=waiting and now > visit.window_end,
        at_risk=waiting and now <= visit.window_end < _arrival(visit, held, now),
        recovering_long=_rests_long(visit, protocol, now),
        uncovered=visit.status == Status.ASSIGNED.value
        and not held.shift.start_at <= held.start_at <= held.end_at <= held.shift.end_at,
        credential_expiring=visit.id in warnings.credential_expiring,
        custody_open=visit.id in warnings.custody_open,
        dead_messages=warnings.dead_messages.get(visit.id, 0),
    )


def _arrival(visit: Visit, held: Reservation, now: datetime) -> datetime:
    """When the nurse is there at the earliest; one who has not set out has the drive before her."""
    if visit.status != Status.ASSIGNED.value:
        return max(held.start_at, now)
    return max(held.start_at, now + (held.start_at - held.leave_at))


def _rests_long(visit: Visit, protocol: Protocol, now: datetime) -> bool:
    if visit.status != Status.RECOVERING.value or visit.infusion_ended_at is None:
        return False
    rested = now - visit.infusion_ended_at
    return visit.discharged_at is None and rested > timedelta(seconds=protocol.recovery.planned)
