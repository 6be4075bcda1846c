"""Taking back a proposal that is in force: every visit it moved goes back to whoever had it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, reverting, schedule
from dispatch.domain.errors import Conflict
from dispatch.domain.jobs import Cause, JobState
from dispatch.domain.people import Actor
from dispatch.models import PlanJob, Visit
from dispatch.planning.rules import before_any_route
from dispatch.planning.timing import RouteBroken
from dispatch.selectors.access import job_for
from dispatch.selectors.claims import Claim, claims_of
from dispatch.selectors.routes import routes_of
from dispatch.selectors.standing import Stood, is_untouched, read_back, touched_by


@transaction.atomic
def undo_proposal(job_id: UUID, cause: Cause, *, by: Actor, now: datetime) -> None:
    """Put the routes back as they stood before the proposal that was accepted.

    Who had no nurse before wants one again and keeps the window that was promised since. Patients
    who were told of a nurse meanwhile are told again, but not of one who is away. Raises Conflict
    ``not_in_force`` where none is accepted, ``changed_since`` where a route or visit of it is no
    longer as it left them, or where the former routes can no longer be kept.
    """
    job = job_for(by, job_id, cause)
    _check_in_force(job)
    stops, touched = read_back(job), touched_by(job)
    shifts = [UUID(one) for one in (job.stood or {})["marks"]["shifts"]]
    schedule.lock(shifts, patients=_patients(touched), now=now)
    job = PlanJob.objects.select_for_update().get(id=job_id)
    _check_in_force(job)
    locked = Visit.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    visits = {one.id: one for one in locked.filter(id__in=touched).select_related("location")}
    if not is_untouched(job):
        raise _changed()
    _put_back(shifts, stops, visits, by, now)
    schedule.settle("changed_since")
    job.state = JobState.UNDONE.value
    job.save(update_fields=["state"])
    audit.note(by, "undo", "plan_job", job.id, now=now)


def _check_in_force(job: PlanJob) -> None:
    if job.state != JobState.ACCEPTED.value or job.stood is None:
        raise Conflict("not_in_force", "There is nothing in force that could be taken back.")


def _put_back(
    shifts: Sequence[UUID],
    stops: Sequence[Stood],
    visits: Mapping[UUID, Visit],
    by: Actor,
    now: datetime,
) -> None:
    theirs = {one.visit: one for one in stops if one.visit is not None and one.visit in visits}
    for visit in visits.values():
        if visit.id not in theirs:
            assigning.let_go(visit, {}, now)
    back = [visits[one] for one in theirs if one is not None]
    claims = claims_of(back, now=now)
    placed = {theirs[one.id].id: claims[one.id] for one in back}
    try:
        away = reverting.put_back(shifts, stops, placed, market_id=by.market_id, now=now)
    except RouteBroken as broken:
        raise _changed() from broken
    for visit in back:
        visit.reservation_id = theirs[visit.id].id
        assigning.assign(visit, by=by, tell=theirs[visit.id].shift not in away, now=now)
    for visit in back:
        _check_rules(visit, claims[visit.id], away, now)


def _check_rules(visit: Visit, claim: Claim, away: frozenset[UUID], now: datetime) -> None:
    """Papers may have run out since; the route of whoever is away cannot be driven anyway."""
    held = visit.reservation
    if held is None:
        raise _changed()
    (route,) = routes_of([held.shift_id], now=now)
    if any(before_any_route(route.nurse, claim.request)):
        raise _changed()
    if held.shift_id not in away and not schedule.still_stands(claim, held, now=now):
        raise _changed()


def _patients(visit_ids: Iterable[UUID]) -> list[UUID]:
    return list(Visit.objects.filter(id__in=visit_ids).values_list("patient_id", flat=True))


def _changed() -> Conflict:
    return Conflict("changed_since", "The day has changed since; this cannot be taken back.")
