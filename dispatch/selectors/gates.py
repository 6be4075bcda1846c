"""The gates of a visit: gathers what they look at, and lets the domain judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.clock import seconds
from dispatch.domain.expected import expected_span
from dispatch.domain.gates import Facts, Gate, Order, Validity
from dispatch.domain.ids import digest
from dispatch.domain.judging import judge
from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.models import Clearance, Consent, Visit
from dispatch.models import Order as OrderRow
from dispatch.models.visits import RELEASED
from dispatch.planning import rules
from dispatch.planning.problem import Point, Request
from dispatch.selectors.access import visit_for
from dispatch.selectors.companions import answer_now
from dispatch.selectors.custody import open_custody_of
from dispatch.selectors.preparations import home_for, kit_for, overridden_gates, price_for
from dispatch.selectors.progress import facts_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import routes_of
from dispatch.selectors.screening import VisitQuestions, due_before, questions_of
from dispatch.selectors.skills import skills_needed


def gates_of(visit: Visit, *, now: datetime) -> tuple[Gate, ...]:
    """Return the gates as they stand now, in the order in which people resolve them."""
    protocol = protocol_of(visit.protocol_id)
    start, end = span_of(visit, now)
    papers = {
        "patient_id": visit.patient_id,
        "protocol_code": protocol.code,
        "withdrawn_at__isnull": True,
    }
    consents = Consent.objects.filter(
        **papers, text_version=protocol.consent.version, text_sha256=digest(protocol.consent.text)
    )
    held = visit.reservation
    due = due_before(visit, end=end)
    return judge(
        Facts(
            start=start,
            end=end,
            clearances=_validities(Clearance.objects.filter(**papers)),
            orders=tuple(_order(visit, order) for order in OrderRow.objects.filter(**papers)),
            consents=_validities(consents),
            companion_duty=protocol.companion_rule(LocationKind(visit.location.kind)),
            companion=answer_now(visit),
            credential_faults=_credential_faults(visit, start, end),
            vials_open=None if held is None else _has_open_vials(held.nurse_id, visit),
            kit=None if held is None else kit_for(protocol, held.shift_id, now=now),
            home=home_for(visit, protocol, now=now),
            price=price_for(visit, protocol, now=now),
            overridden=overridden_gates(visit, now=now),
            questions_due=len(due.own),
            answers_outdated=len(due.outdated),
        )
    )


def visit_questions_seen_by(by: Actor, visit_id: UUID, *, now: datetime) -> VisitQuestions:
    """Return the questions that the clearance gate waits for. Raises NotFound."""
    visit = visit_for(by, visit_id)
    return questions_of(visit, end=span_of(visit, now)[1])


def span_of(visit: Visit, now: datetime) -> tuple[datetime, datetime]:
    """When the treatment is to be: as expected, or from now where that has gone by unbegun.

    While the visit has no times, the widest its window allows.
    """
    protocol = protocol_of(visit.protocol_id)
    if visit.reservation is None:
        return visit.window_start, visit.window_end + timedelta(seconds=protocol.service_s)
    span = expected_span(protocol, visit.reservation.start_at, facts_of(visit), now)
    begun = visit.infusion_started_at is not None
    return span.infusion_from if begun else max(span.start, now), span.end


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
    left = order.infusions - before.count()
    confirmed = order.confirmed_at is not None or not order.to_confirm
    return Order(Validity(order.since, order.until), left, confirmed)


def _has_open_vials(nurse_id: UUID, visit: Visit) -> bool:
    """Those of this visit are out while it is under way."""
    return any(one != visit.id for one in open_custody_of(nurse_id))


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
        certificates=skills_needed(visit.patient_id, protocol_of(visit.protocol_id)),
    )
    return tuple(breach.subject for breach in rules.qualification(route.nurse, request))
