"""Questions to the planner, queued for the workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from dispatch import outbox
from dispatch.domain.jobs import Cause
from dispatch.domain.people import Actor
from dispatch.models import Absence, PlanJob
from dispatch.models.clock import DATABASE_CLOCK


def ask_planner(
    cause: Cause,
    days: Iterable[date],
    seconds: int,
    *,
    delays: Mapping[str, int] | None = None,
    absence: Absence | None = None,
    by: Actor,
    now: datetime,
) -> PlanJob:
    """Queue the question for the actor's market; ``seconds`` are what the solver may take."""
    job = PlanJob.objects.create(
        market_id=by.market_id,
        cause=cause.value,
        days=[day.isoformat() for day in days],
        delays=dict(delays or {}),
        seconds=seconds,
        absence=absence,
        asked_at=now,
        asked_by_id=by.user_id,
        waiting_since=DATABASE_CLOCK,
    )
    outbox.wake_workers()
    return job
