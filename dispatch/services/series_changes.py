"""A series that loses an infusion is looked at again; it is paused, resumed, or called off."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, outbox, tasking, visiting
from dispatch.domain.charges import Afterwards
from dispatch.domain.errors import Conflict
from dispatch.domain.events import (
    SeriesCancelled,
    SeriesPaused,
    SeriesResumed,
    VisitCancelled,
)
from dispatch.domain.people import Actor
from dispatch.domain.series import SeriesState
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import STANDS, Action, Status
from dispatch.models import Clearance, Series, Task, Visit
from dispatch.selectors.access import series_for
from dispatch.selectors.fees import owed_cents
from dispatch.selectors.protocols import protocol_of


def look_at_series(visit_id: UUID, *, now: datetime) -> None:
    """A visit of a series was lost: have the rest planned anew, or stopped until a prescriber has
    looked, as the reason for which it broke off has it. Does the same however often it is told."""
    visit = Visit.objects.get(id=visit_id)
    series_id = visit.series_id
    if series_id is None:
        if _pauses(visit):
            _ask_prescriber(visit, "An infusion broke off; look before the next one.", now)
        return
    booked = Series.objects.filter(id=series_id, state=SeriesState.BOOKED.value)
    if not _pauses(visit):
        booked.update(replan_due_at=now)
        return
    if not _asked(visit) and booked.update(state=SeriesState.PAUSED.value, replan_due_at=now):
        reason = "An infusion broke off; the rest waits until you resume the series."
        _ask_prescriber(visit, reason, now)
        outbox.record(SeriesPaused(series_id), market_id=visit.market_id, now=now)


def _asked(visit: Visit) -> bool:
    return Task.objects.filter(kind=TaskKind.SERIES_PAUSED.value, visit=visit).exists()


def _ask_prescriber(visit: Visit, reason: str, now: datetime) -> None:
    if not _asked(visit):
        tasking.open_task(
            TaskKind.SERIES_PAUSED,
            visit.series_id or visit.id,
            market_id=visit.market_id,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            reason=reason,
            now=now,
        )


def _pauses(visit: Visit) -> bool:
    reasons = {one.code: one for one in protocol_of(visit.protocol_id).abort_reasons}
    reason = reasons.get(visit.ended_code)
    return reason is not None and reason.afterwards is Afterwards.PAUSE


@transaction.atomic
def resume_series(series_id: UUID, *, by: Actor, now: datetime) -> None:
    """A prescriber has looked: what was suspended is planned anew.

    Raises Conflict ``not_paused``, or ``not_cleared`` where the patient has no clearance.
    """
    series_for(by, series_id)
    series, _ = visiting.lock_series(series_id, now=now)
    if series.state != SeriesState.PAUSED.value:
        raise Conflict("not_paused", "This series is not paused.")
    clearances = Clearance.objects.filter(
        patient_id=series.patient_id,
        protocol_code=series.protocol.code,
        withdrawn_at__isnull=True,
        until__gt=now,
    )
    if not clearances.exists():
        raise Conflict("not_cleared", "The patient has to be cleared before the series goes on.")
    _set(series, SeriesState.BOOKED, replan_due_at=now)
    tasking.close_task(TaskKind.SERIES_PAUSED, series.id, by=by, outcome="resumed", now=now)
    outbox.record(SeriesResumed(series.id), market_id=series.market_id, now=now)
    audit.note(by, "resume", "series", series.id, now=now)


@transaction.atomic
def cancel_series(series_id: UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Call off all that is still to come of a series; nothing is made up for.

    A visit to which the nurse has set out goes on. Raises Conflict ``not_booked``.
    """
    series_for(by, series_id)
    series, visits = visiting.lock_series(series_id, now=now)
    if series.state not in {SeriesState.BOOKED.value, SeriesState.PAUSED.value}:
        raise Conflict("not_booked", "This series has nothing booked to call off.")
    for visit in visits:
        if Status(visit.status) not in STANDS:
            continue
        visit.ended_because = reason
        visit.fee_cents = owed_cents(visit, now)
        visiting.let_go(visit, Action.CANCEL, now=now)
        outbox.record(VisitCancelled(visit.id), market_id=visit.market_id, now=now)
        audit.note(by, "cancel", "visit", visit.id, now=now)
    _set(series, SeriesState.CANCELLED, replan_due_at=None)
    for kind in (TaskKind.SERIES_PAUSED, TaskKind.SERIES_NOT_REPLANNED):
        tasking.close_task(kind, series.id, by=by, outcome="cancelled", now=now)
    outbox.record(SeriesCancelled(series.id), market_id=series.market_id, now=now)
    audit.note(by, "cancel", "series", series.id, now=now)


def _set(series: Series, state: SeriesState, *, replan_due_at: datetime | None) -> None:
    series.state, series.replan_due_at = state.value, replan_due_at
    series.save(update_fields=["state", "replan_due_at"])
