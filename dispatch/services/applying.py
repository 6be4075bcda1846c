"""Taking a proposal into force: all its routes at once, or nothing where the days have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, schedule
from dispatch.domain.clock import instant
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.jobs import Cause, JobState
from dispatch.domain.people import Actor
from dispatch.models import Hold, PlanJob, Visit
from dispatch.planning.rules import before_any_route
from dispatch.planning.timing import RouteBroken
from dispatch.selectors.access import job_for
from dispatch.selectors.claims import Claim, claims_of
from dispatch.selectors.day_plan import snapshot_of
from dispatch.selectors.routes import routes_of
from dispatch.selectors.standing import marks_of, stood_on


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal read back. ``taken`` are the visits that get a nurse or another one, with their
    shift; ``lost`` those that nobody has any more, with the rules that stand in the way. Unless
    it ``may_tell``, nobody gets another nurse than the one told."""

    orders: Mapping[UUID, tuple[UUID, ...]]
    windows: Mapping[UUID, tuple[datetime, datetime]]
    taken: Mapping[UUID, UUID]
    lost: Mapping[UUID, dict[str, int]]
    may_tell: bool


@transaction.atomic
def accept_proposal(job_id: UUID, cause: Cause, number: int, *, by: Actor, now: datetime) -> None:
    """Put the routes of proposal ``number`` (counted from 1) into force.

    Raises Conflict ``not_ready`` while there is none to accept or where one has been accepted,
    ``day_changed`` where a shift or visit is no longer as it was when the planner looked, or where
    a plan would take from patients the nurse they have been told of meanwhile; NotFound where there
    is no such proposal.
    """
    job = job_for(by, job_id, cause)
    _check_ready(job)
    change = _read(job, number)
    schedule.lock(
        map(UUID, (job.snapshot or {})["shifts"]),
        patients=_patients(change.taken),
        now=now,
    )
    job = PlanJob.objects.select_for_update().get(id=job_id)
    _check_ready(job)
    wanted = {*change.taken, *change.lost}
    locked = Visit.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    visits = {one.id: one for one in locked.filter(id__in=wanted).select_related("location")}
    if snapshot_of(job.market_id, map(date.fromisoformat, job.days)) != job.snapshot:
        raise _changed()
    stood = stood_on(change.orders)
    _apply(change, visits, by, now)
    schedule.settle("day_changed")
    job.state, job.accepted = JobState.ACCEPTED.value, number
    job.stood = {"stops": stood, "marks": marks_of(change.orders, wanted)}
    job.save(update_fields=["state", "accepted", "stood"])
    audit.note(by, "accept", "plan_job", job.id, now=now)


def _check_ready(job: PlanJob) -> None:
    if job.state != JobState.READY.value:
        raise Conflict("not_ready", "There is nothing to accept: see the state.")


def _read(job: PlanJob, number: int) -> Change:
    if not 1 <= number <= len(job.proposals):
        raise NotFound("proposal")
    row = job.proposals[number - 1]
    moves = [move for move in row["moves"] if _nurse(move["after"]) != _nurse(move["before"])]
    return Change(
        orders={UUID(shift): tuple(map(UUID, order)) for shift, order in row["orders"].items()},
        windows={
            UUID(visit): (instant(start), instant(end))
            for visit, (start, end) in row["windows"].items()
        },
        taken={
            UUID(move["visit"]): UUID(move["after"]["shift"]) for move in moves if move["after"]
        },
        lost={
            UUID(one["visit"]): one["reasons"]
            for one in row["unserved"]
            if one["visit"] in {move["visit"] for move in moves}
        },
        may_tell=job.cause == Cause.REPAIR,
    )


def _nurse(standing: dict[str, str] | None) -> str | None:
    return None if standing is None else standing["nurse"]


def _apply(change: Change, visits: Mapping[UUID, Visit], by: Actor, now: datetime) -> None:
    for visit_id, window in change.windows.items():
        visits[visit_id].window_start, visits[visit_id].window_end = window
    claims = claims_of([visits[one] for one in change.taken], now=now)
    _check_rules(change, claims, now)
    for visit_id, reasons in change.lost.items():
        assigning.let_go(visits[visit_id], reasons, now)
    made = {one: new_id() for one in change.taken if visits[one].reservation_id is None}
    orders = {
        shift: [made.get(one, one) for one in order] for shift, order in change.orders.items()
    }
    kept = [one for order in orders.values() for one in order]
    Hold.objects.filter(reservation__shift__in=orders).exclude(reservation__in=kept).delete()
    try:
        schedule.rearrange(orders, new={made[one]: claims[one] for one in made}, now=now)
    except RouteBroken as broken:
        raise _changed() from broken
    for visit_id in change.taken:
        visits[visit_id].reservation_id = made.get(visit_id, visits[visit_id].reservation_id)
        if not change.may_tell and assigning.another_than_told(visits[visit_id], now):
            raise _changed()
        assigning.assign(visits[visit_id], by=by, now=now)


def _check_rules(change: Change, claims: Mapping[UUID, Claim], now: datetime) -> None:
    """Papers may have run out since the planner looked."""
    nurse_of = {route.id: route.nurse for route in routes_of(change.orders, now=now)}
    for visit_id, shift_id in change.taken.items():
        if any(before_any_route(nurse_of[shift_id], claims[visit_id].request)):
            raise _changed()


def _patients(visit_ids: Iterable[UUID]) -> list[UUID]:
    return list(Visit.objects.filter(id__in=visit_ids).values_list("patient_id", flat=True))


def _changed() -> Conflict:
    return Conflict("day_changed", "The day has changed since; ask again.")
