"""A patient's treatment: its course, its orders, what came of it."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.errors import Invalid
from dispatch.domain.infusions import Improvement
from dispatch.selectors.access import series_for
from dispatch.selectors.charts import chart_of
from dispatch.selectors.orders import order_for
from dispatch.services.orders import confirm_order, sign_order, withdraw_order
from dispatch.services.responses import Finding, record_response
from dispatch.services.series_changes import resume_series
from web.guarding import Visitor
from web.inbox.answering import lead, show, treatment_in
from web.inbox.drawing import charts, phases
from web.inbox.reading import LONGEST_TEXT, text, whole
from web.refusals import said_of

MOST_INFUSIONS, MOST_UG_PER_KG = 100, 10_000


def patient(request: HttpRequest, visitor: Visitor, patient_id: UUID) -> HttpResponse:
    """Show the patient's course of one treatment, and the orders for it."""
    wanted = treatment_in(request.GET.get("treatment"))
    chart = chart_of(visitor.by, patient_id, wanted, now=visitor.now)
    scores = [] if chart.course is None else chart.course.scores or []
    return show(
        request,
        visitor,
        "patient",
        chart=chart,
        phases=[] if chart.course is None else phases(chart.course.phases),
        scores=charts(scores),
        improvements=[one.value for one in Improvement],
    )


def sign(request: HttpRequest, visitor: Visitor, patient_id: UUID) -> HttpResponse:
    """Sign an order; where the dose is another than before it waits for a second person."""
    dosed = "dose_ug_per_kg" in request.POST
    sign_order(
        patient_id=patient_id,
        protocol_code=text(request, "protocol"),
        infusions=whole(request, "infusions", MOST_INFUSIONS),
        dose_ug_per_kg=whole(request, "dose_ug_per_kg", MOST_UG_PER_KG) if dosed else None,
        diagnoses=re.findall(r"[^\s,;]+", text(request, "diagnoses", may_lack=True)),
        by=visitor.by,
        now=visitor.now,
    )
    return _back(request, patient_id, "signed")


def confirm(request: HttpRequest, visitor: Visitor, order_id: UUID) -> HttpResponse:
    """Confirm the changed dose of an order that somebody else signed."""
    confirm_order(order_id, by=visitor.by, now=visitor.now)
    return _back(request, order_for(visitor.by, order_id).patient_id, "confirmed")


def withdraw(request: HttpRequest, visitor: Visitor, order_id: UUID) -> HttpResponse:
    """Have nothing given under an order any more."""
    withdraw_order(order_id, by=visitor.by, now=visitor.now)
    return _back(request, order_for(visitor.by, order_id).patient_id, "withdrawn")


def respond(request: HttpRequest, visitor: Visitor, patient_id: UUID) -> HttpResponse:
    """Record what came of the phase that was given last."""
    record_response(
        patient_id=patient_id,
        protocol_code=text(request, "protocol"),
        phase_code=None,
        finding=_finding(request),
        by=visitor.by,
        now=visitor.now,
    )
    return _back(request, patient_id, "response")


def resume(request: HttpRequest, visitor: Visitor, series_id: UUID) -> HttpResponse:
    """Let a paused series go on."""
    resume_series(series_id, by=visitor.by, now=visitor.now)
    return _back(request, series_for(visitor.by, series_id).patient_id, "resumed")


def _finding(request: HttpRequest) -> Finding:
    try:
        found = Improvement(request.POST.get("improvement", ""))
    except ValueError as fault:
        raise Invalid({"improvement": said_of("choose_one")}) from fault
    return Finding(found, text(request, "note", LONGEST_TEXT, may_lack=True))


def _back(request: HttpRequest, patient_id: UUID, done: str) -> HttpResponse:
    treatment = treatment_in(request.POST.get("treatment"))
    return lead(request, f"/inbox/patients/{patient_id}", done, treatment=treatment)
