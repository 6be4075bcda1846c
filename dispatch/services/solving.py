"""Working out what the planner was asked: claim, solve outside every lock, keep what was found.

A claim leases the job to one worker. While it solves, the worker writes how far it is, which
renews the lease and tells it whether it is to stop. A worker that dies leaves a lease that runs
out; the next one begins again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from dispatch.domain.clock import instant, seconds
from dispatch.domain.jobs import Cause, JobState
from dispatch.models import PlanJob
from dispatch.models.clock import database_now
from dispatch.planning.day.problem import Limits, Progress
from dispatch.planning.outcome import Move, Standing
from dispatch.planning.repair import Proposal, plan, repair
from dispatch.selectors.day_plan import Days, days_of
from dispatch.selectors.due import jobs_to_do

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
"""Longer than the solver is silent, shorter than a dispatcher's patience."""
MOST_TRIES = 3
EVERY_S = 0.5
"""How often progress is written."""


@transaction.atomic
def claim_job() -> PlanJob | None:
    """Lease the job that has waited longest; None where there is none.

    One that has cost several workers their lives is given up.
    """
    job = jobs_to_do().select_for_update(skip_locked=True).order_by("waiting_since").first()
    if job is None:
        return None
    job.lease_token, job.lease_until = uuid4(), database_now() + LEASE
    job.state, job.attempts = JobState.RUNNING.value, job.attempts + 1
    if job.attempts > MOST_TRIES:
        job.state, job.failed_with = JobState.FAILED.value, "gave up"
    job.save(update_fields=["lease_token", "lease_until", "state", "attempts", "failed_with"])
    return job


def work_out(job: PlanJob, *, now: datetime) -> None:
    """Solve, and write down the proposals, unless somebody else has taken the job over."""
    days = days_of(job.market_id, map(date.fromisoformat, job.days), delays=job.delays, now=now)
    terms = (days.routes, days.wishes, days.travel, seconds(now), Limits(seconds=job.seconds))
    if job.cause == Cause.PLAN:
        found: tuple[Proposal, ...] = (plan(*terms, _watch(job), days.attention),)
    else:
        found = repair(*terms, _watch(job), days.attention)
    _own(job).update(
        state=JobState.READY.value,
        snapshot=days.versions,
        proposals=[_as_row(one, days) for one in found],
        lease_token=None,
        lease_until=None,
    )


def give_up(job: PlanJob, fault: Exception) -> None:
    """A fault of ours would come again: keep its kind for people to see."""
    _own(job).update(state=JobState.FAILED.value, failed_with=type(fault).__name__)


def _own(job: PlanJob) -> QuerySet[PlanJob]:
    return PlanJob.objects.filter(id=job.id, lease_token=job.lease_token)


def _watch(job: PlanJob) -> Callable[[Progress], bool]:
    """Write progress now and then; True where the job is to stop or is no longer ours."""
    written = [-EVERY_S, False]

    def watch(progress: Progress) -> bool:
        if abs(progress.seconds - written[0]) < EVERY_S:
            return bool(written[1])
        ours = _own(job).update(progress=asdict(progress), lease_until=database_now() + LEASE)
        written[:] = progress.seconds, not ours or _own(job).filter(stop_asked=True).exists()
        return bool(written[1])

    return watch


def _as_row(proposal: Proposal, days: Days) -> dict[str, Any]:
    """What is kept of a proposal: the routes it makes, and the difference it is shown as."""
    done = proposal.outcome
    lost = [one for one in done.unserved if one in days.visit_of]
    return {
        "orders": {str(shift): list(map(str, order)) for shift, order in done.orders.items()},
        "windows": {str(days.visit_of[wish]): window for wish, window in done.windows.items()},
        "moves": [
            _move(move, days.visit_of[move.id]) for move in done.moves if move.id in days.visit_of
        ],
        "unserved": [
            {"visit": str(days.visit_of[one]), "reasons": proposal.reasons.get(one, {})}
            for one in lost
        ],
        "told": done.told,
        "moved": done.moved,
        "travel_before_s": proposal.travel_before_s,
        "travel_s": done.travel_s,
        "cost": proposal.cost,
        "lower_bound": proposal.lower_bound,
    }


def _move(move: Move, visit_id: UUID) -> dict[str, Any]:
    return {
        "visit": str(visit_id),
        "before": _standing(move.before),
        "after": _standing(move.after),
        "tell": list(move.tell),
    }


def _standing(standing: Standing | None) -> dict[str, str] | None:
    if standing is None:
        return None
    return {
        "shift": str(standing.shift),
        "nurse": str(standing.nurse),
        "start": instant(standing.start).isoformat(),
    }
