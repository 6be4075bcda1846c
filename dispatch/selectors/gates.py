"""The gates of a visit: gathers what they look at, and lets the domain judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet

from dispatch.domain.clock import seconds
from dispatch.domain.gates import Facts, Gate, Order, Validity, gates
from dispatch.domain.places import LocationKind
from dispatch.models import Clearance, Consent, Visit
from dispatch.models import Order as OrderRow
from dispatch.models.visits import RELEASED
from dispatch.planning import rules
from dispatch.planning.problem import Point, Request
from dispatch.selectors.companions import answer_now
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import routes_of

P = TypeVar("P", Clearance, Consent, OrderRow)


def gates_of(visit: Visit) -> tuple[Gate, ...]:
    """Return the gates as they stand now, in the order in which people resolve them."""
    protocol = protocol_of(visit.protocol_id)
    start, end = span_of(visit)
    papers = {"patient_id": visit.patient_id, "protocol_code": protocol.code}
    return gates(
        Facts(
            start=start,
            end=end,
            clearance=_validity(Clearance.objects.filter(**papers)),
            order=_order(visit, OrderRow.objects.filter(**papers)),
            consent=_validity(
                Consent.objects.filter(**papers, text_version=protocol.consent.version)
            ),
            companion_duty=protocol.companion_rule(LocationKind(visit.location.kind)),
            companion=answer_now(visit),
            credential_faults=_credential_faults(visit),
        )
    )


def span_of(visit: Visit) -> tuple[datetime, datetime]:
    """When the visit is planned; while it has no times, the widest its window allows."""
    if visit.reservation is not None:
        return visit.reservation.start_at, visit.reservation.end_at
    service = timedelta(seconds=protocol_of(visit.protocol_id).service_s)
    return visit.window_start, visit.window_end + service


def _latest(papers: QuerySet[P]) -> P | None:
    return papers.filter(withdrawn_at__isnull=True).order_by("-until").first()


def _validity(papers: QuerySet[P]) -> Validity | None:
    paper = _latest(papers)
    return None if paper is None else Validity(paper.since, paper.until)


def _order(visit: Visit, orders: QuerySet[OrderRow]) -> Order | None:
    """Earlier visits of the order's time use up its infusions, given or still to come."""
    order = _latest(orders)
    if order is None:
        return None
    before = Visit.objects.filter(
        ~Q(status__in=RELEASED) | Q(infusion_started_at__isnull=False),
        patient_id=visit.patient_id,
        protocol__code=order.protocol_code,
        window_start__gte=order.since,
        window_start__lt=visit.window_start,
    )
    return Order(Validity(order.since, order.until), order.infusions - before.count())


def _credential_faults(visit: Visit) -> tuple[str, ...] | None:
    """The planner's own qualification rules, asked once more for the times as they now are."""
    held = visit.reservation
    if held is None:
        return None
    (route,) = routes_of([held.shift_id], now=held.start_at)
    start, end = seconds(held.start_at), seconds(held.end_at)
    request = Request(
        point=Point(visit.location.lat, visit.location.lng),
        state=visit.location.state,
        service=end - start,
        earliest=start,
        latest=start,
        certificates=frozenset(protocol_of(visit.protocol_id).certificates),
    )
    return tuple(breach.subject for breach in rules.qualification(route.nurse, request))
