"""What the planner was asked and proposes, as a dispatcher sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dispatch.domain.jobs import Cause
from dispatch.domain.people import Actor
from dispatch.models import Nurse, PlanJob
from dispatch.selectors.access import absence_for, job_for
from dispatch.selectors.visits import NurseCard


@dataclass(frozen=True, slots=True)
class Progress:
    """The best plan so far: see ``dispatch.planning.day.problem.Progress``."""

    phase: str
    seconds: float
    unserved: int
    cost: int
    lower_bound: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """With which nurse, on which shift, and when service starts."""

    nurse: NurseCard
    shift: UUID
    start: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit that stands elsewhere: ``tell`` names what its patient must be told of, the nurse
    or the time. Null is without a nurse."""

    visit: UUID
    before: Place | None
    after: Place | None
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A visit that nobody can take: on how many shifts each rule stands first in the way."""

    visit: UUID
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A difference to the routes in force: ``told`` patients hear of another nurse, ``moved`` of
    another time. ``gap`` is how far its cost is from the proven bound at most, null without one."""

    number: int
    moves: tuple[Moved, ...]
    unserved: tuple[Left, ...]
    told: int
    moved: int
    travel_before_s: int
    travel_s: int
    cost: int
    lower_bound: int | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """``proposals`` come best first, once ``state`` is ready; ``accepted`` is the one in force."""

    id: UUID
    market: UUID
    dates: tuple[date, ...]
    state: str
    asked_at: datetime
    seconds: int
    progress: Progress | None
    proposals: tuple[ProposalLine, ...]
    accepted: int | None


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """``repair`` is where the repairs of its days are worked out; null where nobody is affected."""

    id: UUID
    nurse: UUID
    begins_at: datetime
    ends_at: datetime
    repair: UUID | None


def job_seen_by(by: Actor, job_id: UUID, cause: Cause) -> JobLine:
    """Return a plan or repair as it stands. Raises NotFound."""
    job = job_for(by, job_id, cause)
    names = dict(Nurse.objects.filter(market_id=job.market_id).values_list("id", "name"))
    return JobLine(
        id=job.id,
        market=job.market_id,
        dates=tuple(map(date.fromisoformat, job.days)),
        state=job.state,
        asked_at=job.asked_at,
        seconds=job.seconds,
        progress=None if job.progress is None else Progress(**job.progress),
        proposals=tuple(_line(at, row, names) for at, row in enumerate(job.proposals, start=1)),
        accepted=job.accepted,
    )


def absence_seen_by(by: Actor, absence_id: UUID) -> AbsenceLine:
    """Return an absence and where its repairs are. Raises NotFound."""
    absence = absence_for(by, absence_id)
    repair = PlanJob.objects.filter(absence=absence).values_list("id", flat=True).first()
    return AbsenceLine(absence.id, absence.nurse_id, absence.begins_at, absence.ends_at, repair)


def _line(number: int, row: Mapping[str, Any], names: Mapping[UUID, str]) -> ProposalLine:
    bound = row["lower_bound"]
    return ProposalLine(
        number=number,
        moves=tuple(
            Moved(
                UUID(one["visit"]),
                _place(one["before"], names),
                _place(one["after"], names),
                tuple(one["tell"]),
            )
            for one in row["moves"]
        ),
        unserved=tuple(Left(UUID(one["visit"]), one["reasons"]) for one in row["unserved"]),
        told=row["told"],
        moved=row["moved"],
        travel_before_s=row["travel_before_s"],
        travel_s=row["travel_s"],
        cost=row["cost"],
        lower_bound=bound,
        gap=row["cost"] / bound - 1 if bound else None,
    )


def _place(standing: Mapping[str, str] | None, names: Mapping[UUID, str]) -> Place | None:
    if standing is None:
        return None
    nurse = UUID(standing["nurse"])
    return Place(
        NurseCard(nurse, names[nurse]),
        UUID(standing["shift"]),
        datetime.fromisoformat(standing["start"]),
    )
