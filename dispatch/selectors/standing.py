"""How days stood before a proposal came into force, and whether they are still as it left them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from dispatch.domain.jobs import Cause, JobState, announced_from
from dispatch.domain.people import Actor
from dispatch.models import Market, PlanJob, Reservation, Shift, Visit

TIMES = ("leave_at", "start_at", "end_at", "infusion_from", "infusion_until")


@dataclass(frozen=True, slots=True)
class Stood:
    """A stop as it was: its reservation's id, whose it was, and its times. ``visit`` is null for
    a hold's."""

    id: UUID
    shift: UUID
    nurse: UUID
    patient: UUID
    visit: UUID | None
    times: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What may be put back of a day. ``untouched`` says that nothing has changed since. Of its
    ``visits``, ``freed`` want a nurse again; the patients of ``told`` hear once more who comes:
    not of one who is away."""

    job: UUID
    cause: Cause
    untouched: bool
    visits: int
    freed: int
    told: int


def stood_on(shift_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return every stop of the shifts as JSON can keep it and as ``read_back`` reads it."""
    rows = Reservation.objects.filter(shift_id__in=shift_ids).order_by("start_at", "id")
    columns = ("id", "shift_id", "nurse_id", "patient_id", *TIMES)
    return [
        {
            name: v.isoformat() if isinstance(v, datetime) else v and str(v)
            for name, v in row.items()
        }
        for row in rows.values(*columns, visit_id=F("visit__id"))
    ]


def read_back(job: PlanJob) -> tuple[Stood, ...]:
    """Return the stops that stood before the job came into force, in the order of their starts."""
    return tuple(
        Stood(
            UUID(row["id"]),
            UUID(row["shift_id"]),
            UUID(row["nurse_id"]),
            UUID(row["patient_id"]),
            row["visit_id"] and UUID(row["visit_id"]),
            {name: datetime.fromisoformat(row[name]) for name in TIMES},
        )
        for row in (job.stood or {"stops": []})["stops"]
    )


def is_outside(stop: Stood, shift: Shift) -> bool:
    """True where the stop lies outside the hours that the shift has now."""
    return not shift.start_at <= stop.times["start_at"] <= stop.times["end_at"] <= shift.end_at


def marks_of(shift_ids: Iterable[UUID], visit_ids: Iterable[UUID]) -> dict[str, dict[str, int]]:
    """Return the versions of the shifts, of the visits on them and of those named."""
    shifts = Shift.objects.filter(id__in=shift_ids)
    visits = Visit.objects.filter(Q(reservation__shift__in=shifts) | Q(id__in=visit_ids))
    return {
        "shifts": {str(row): version for row, version in shifts.values_list("id", "version")},
        "visits": {str(row): version for row, version in visits.values_list("id", "version")},
    }


def is_untouched(job: PlanJob) -> bool:
    """True where all that the job changed stands as it left it."""
    marks = (job.stood or {"marks": {"shifts": {}, "visits": {}}})["marks"]
    return bool(marks_of(map(UUID, marks["shifts"]), map(UUID, marks["visits"])) == marks)


def touched_by(job: PlanJob) -> frozenset[UUID]:
    """Return the visits that got a nurse, another one, or lost theirs."""
    moves = job.proposals[(job.accepted or 1) - 1]["moves"]
    return frozenset(
        UUID(one["visit"])
        for one in moves
        if (one["before"] or {}).get("nurse") != (one["after"] or {}).get("nurse")
    )


def last_in_force(by: Actor, day: date, *, now: datetime) -> Undoing | None:
    """Return what was put into force last of what changed that day; None where nothing was."""
    accepted = PlanJob.objects.filter(
        market_id=by.market_id,
        state=JobState.ACCEPTED.value,
        days__contains=[day.isoformat()],
        stood__isnull=False,
    )
    job = accepted.order_by("-asked_at", "-id").first()
    return None if job is None else _undoing(job, read_back(job), now)


def _undoing(job: PlanJob, stops: Sequence[Stood], now: datetime) -> Undoing:
    touched = touched_by(job)
    had = {one.visit: one.nurse for one in stops if one.visit in touched}
    announced = _announced(job, now)
    shifts = {one.id: one for one in Shift.objects.filter(id__in={one.shift for one in stops})}
    away = {one.shift for one in stops if is_outside(one, shifts[one.shift])}
    told = Visit.objects.filter(
        id__in={one.visit for one in stops if one.visit in had and one.shift not in away},
        reservation__isnull=False,
        reservation__shift__service_date__in=announced,
    )
    return Undoing(
        job=job.id,
        cause=Cause(job.cause),
        untouched=is_untouched(job),
        visits=len(touched),
        freed=len(touched - had.keys()),
        told=told.count(),
    )


def _announced(job: PlanJob, now: datetime) -> list[date]:
    zone = Market.objects.values_list("zone", flat=True).get(id=job.market_id)
    return [day for day in map(date.fromisoformat, job.days) if now >= announced_from(day, zone)]
