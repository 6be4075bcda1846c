"""Asking the planner: for a day's plan, or for repairs of a day that can no longer be kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.clock import seconds, service_date
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.jobs import REPAIR_S, Cause, JobState
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit import UNDER_WAY
from dispatch.models import Market, PlanJob
from dispatch.queueing import ask_planner
from dispatch.selectors.access import job_for, visit_for

FURTHEST_AHEAD = timedelta(days=92)
LONGEST_DELAY = timedelta(hours=12)
WORKED_ON = {JobState.QUEUED.value, JobState.RUNNING.value}


@transaction.atomic
def ask_for_plan(day: date, seconds_allowed: int, *, by: Actor, now: datetime) -> UUID:
    """Have the actor's market planned on that day; return the job. Raises Invalid for the past."""
    return _ask(Cause.PLAN, day, seconds_allowed, {}, by, now)


@transaction.atomic
def ask_for_repair(
    day: date,
    *,
    visit_id: UUID | None = None,
    until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Have repairs worked out for whatever cannot be kept on that day; return the job.

    Where a visit under way is known to last ``until`` then, its nurse's next ones are seen as late
    already. Raises Invalid for the past, and for a visit that is not under way that day.
    """
    delays = {}
    if visit_id is not None and until is not None:
        delays[_shift_of(by, visit_id, day, until, now)] = seconds(until)
    return _ask(Cause.REPAIR, day, REPAIR_S, delays, by, now)


@transaction.atomic
def stop_plan(job_id: UUID, *, by: Actor, now: datetime) -> None:
    """Have the solver stop and keep its best plan so far. Raises Conflict once it has ended."""
    job_for(by, job_id, Cause.PLAN)
    job = PlanJob.objects.select_for_update().get(id=job_id)
    if job.state not in WORKED_ON:
        raise Conflict("not_running", "The planner has ended already.")
    job.stop_asked = True
    job.save(update_fields=["stop_asked"])
    audit.note(by, "stop", "plan_job", job.id, now=now)


def _ask(
    cause: Cause,
    day: date,
    seconds_allowed: int,
    delays: dict[str, int],
    by: Actor,
    now: datetime,
) -> UUID:
    today = service_date(now, Market.objects.get(id=by.market_id).zone)
    if day < today:
        raise Invalid({"date": "This day has passed."})
    if day > today + FURTHEST_AHEAD:
        pattern = "Days are planned at most {days} days ahead."
        raise Invalid({"date": Sentence(pattern, days=FURTHEST_AHEAD.days)})
    job = ask_planner(cause, [day], seconds_allowed, delays=delays, by=by, now=now)
    audit.note(by, "ask", "plan_job", job.id, now=now)
    return job.id


def _shift_of(by: Actor, visit_id: UUID, day: date, until: datetime, now: datetime) -> str:
    """The shift of a visit under way."""
    visit = visit_for(by, visit_id)
    held = visit.reservation
    if held is None or visit.status not in UNDER_WAY or held.shift.service_date != day:
        raise Invalid({"visit": "This visit is not under way that day."})
    if not now < until <= now + LONGEST_DELAY:
        raise Invalid({"until": "A visit lasts until some later hour of the same day."})
    return str(held.shift_id)
