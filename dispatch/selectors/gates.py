"""The gates of a visit: gathers what they look at, and lets the domain judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.clock import seconds
from dispatch.domain.gates import Facts, Gate, Order, Validity, gates
from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.models import Clearance, Consent, Visit
from dispatch.models import Order as OrderRow
from dispatch.models.visits import RELEASED
from dispatch.planning import rules
from dispatch.planning.problem import Point, Request
from dispatch.selectors.access import visit_for
from dispatch.selectors.companions import answer_now
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import routes_of
from dispatch.selectors.screening import VisitQuestions, due_before, questions_of


def gates_of(visit: Visit, *, now: datetime) -> tuple[Gate, ...]:
    """Return the gates as they stand now, in the order in which people resolve them."""
    protocol = protocol_of(visit.protocol_id)
    start, end = span_of(visit, now)
    papers = {
        "patient_id": visit.patient_id,
        "protocol_code": protocol.code,
        "withdrawn_at__isnull": True,
    }
    consents = Consent.objects.filter(**papers, text_version=protocol.consent.version)
    due = due_before(visit, end=end)
    return gates(
        Facts(
            start=start,
            end=end,
            clearances=_validities(Clearance.objects.filter(**papers)),
            orders=tuple(_order(visit, order) for order in OrderRow.objects.filter(**papers)),
            consents=_validities(consents),
            companion_duty=protocol.companion_rule(LocationKind(visit.location.kind)),
            companion=answer_now(visit),
            credential_faults=_credential_faults(visit, start, end),
            questions_due=len(due.own),
            answers_outdated=len(due.outdated),
        )
    )


def visit_questions_seen_by(by: Actor, visit_id: UUID, *, now: datetime) -> VisitQuestions:
    """Return the questions that the clearance gate waits for. Raises NotFound."""
    visit = visit_for(by, visit_id)
    return questions_of(visit, end=span_of(visit, now)[1])


def span_of(visit: Visit, now: datetime) -> tuple[datetime, datetime]:
    """When the treatment is to be: as planned, or from now where that has gone by unbegun.

    While the visit has no times, the widest its window allows.
    """
    if visit.reservation is None:
        service = timedelta(seconds=protocol_of(visit.protocol_id).service_s)
        return visit.window_start, visit.window_end + service
    start, end = visit.reservation.start_at, visit.reservation.end_at
    late = now - start
    if late > timedelta() and visit.infusion_started_at is None:
        return now, end + late
    return start, end


def _validities(papers: QuerySet[Clearance] | QuerySet[Consent]) -> tuple[Validity, ...]:
    return tuple(Validity(paper.since, paper.until) for paper in papers)


def _order(visit: Visit, order: OrderRow) -> Order:
    """Earlier visits of the order's time use up its infusions, given or still to come."""
    before = Visit.objects.filter(
        ~Q(status__in=RELEASED) | Q(infusion_started_at__isnull=False),
        patient_id=visit.patient_id,
        protocol__code=order.protocol_code,
        window_start__gte=order.since,
        window_start__lt=visit.window_start,
    )
    return Order(Validity(order.since, order.until), order.infusions - before.count())


def _credential_faults(visit: Visit, start: datetime, end: datetime) -> tuple[str, ...] | None:
    """The planner's own qualification rules, asked once more for the times as they now are."""
    held = visit.reservation
    if held is None:
        return None
    (route,) = routes_of([held.shift_id], now=held.start_at)
    request = Request(
        point=Point(visit.location.lat, visit.location.lng),
        state=visit.location.state,
        service=seconds(end) - seconds(start),
        earliest=seconds(start),
        latest=seconds(start),
        certificates=frozenset(protocol_of(visit.protocol_id).certificates),
    )
    return tuple(breach.subject for breach in rules.qualification(route.nurse, request))
