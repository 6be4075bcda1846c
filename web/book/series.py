"""The patient's series: its infusions as dots, what came of it so far, and calling off the rest."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.errors import Conflict
from dispatch.domain.series import SeriesState
from dispatch.domain.visit import STANDS, Status
from dispatch.selectors.access import patient_for
from dispatch.selectors.dashboard import dashboard_of_series
from dispatch.selectors.fees import owed_for_series
from dispatch.selectors.series import series_seen_by
from dispatch.services.series_changes import cancel_series
from web.book.chart import charts_of
from web.book.forms import REFUSALS, Context, gone_to, number_in, reason_in, shown
from web.guarding import Visitor

GOES_ON = frozenset({SeriesState.BOOKED, SeriesState.PAUSED})


def series(request: HttpRequest, visitor: Visitor, series_id: UUID) -> HttpResponse:
    """Show the series as it stands, and what the questionnaires said over time."""
    dashboard = dashboard_of_series(visitor.by, series_id, now=visitor.now)
    seen = _seen(visitor, series_id)
    seen |= {"dashboard": dashboard, "charts": charts_of(dashboard.scores or [])}
    return shown(request, "series", seen)


def cancel(request: HttpRequest, visitor: Visitor, series_id: UUID) -> HttpResponse:
    """Call off all that is still to come, at the price that was told."""
    seen = _seen(visitor, series_id)
    if request.method != "POST":
        return shown(request, "series_cancel", seen)
    try:
        if number_in(request, "owed_cents") < owed_for_series(series_id, visitor.now):
            raise Conflict("dearer", "Calling off has become dearer meanwhile.")
        cancel_series(series_id, reason=reason_in(request), by=visitor.by, now=visitor.now)
    except REFUSALS as refusal:
        return shown(request, "series_cancel", seen, refusal)
    return gone_to(f"/book/series/{series_id}")


def _seen(visitor: Visitor, series_id: UUID) -> Context:
    found = series_seen_by(visitor.by, series_id, now=visitor.now)
    to_come = [one for one in found.infusions if one.visit and one.status in STANDS]
    lost = {Status.CANCELLED.value, Status.NO_SHOW.value, Status.ABORTED.value}
    return {
        "series": found,
        "standing": [one for one in found.infusions if one.status not in lost],
        "lost": [one for one in found.infusions if one.status in lost],
        "to_come": to_come,
        "may_cancel": SeriesState(found.state) in GOES_ON and bool(to_come),
        "owed_cents": owed_for_series(series_id, visitor.now),
        "office_phone": patient_for(visitor.by, None).market.office_phone,
    }
