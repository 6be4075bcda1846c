"""What a proposal changes, nurse by nurse, as a dispatcher weighs it before it is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.models import Visit
from dispatch.selectors.proposals import JobLine, Moved, Place, ProposalLine
from dispatch.selectors.visits import NurseCard


@dataclass(frozen=True, slots=True)
class Shown:
    """A visit as it is named to a dispatcher."""

    id: UUID
    patient: str
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A visit that stands elsewhere, as one nurse sees it. ``other`` is from whom she gets it or
    who gets it from her, null for nobody. Starts are null where there is none."""

    visit: Shown
    other: NurseCard | None
    before: datetime | None
    after: datetime | None
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NurseChange:
    nurse: NurseCard
    gains: tuple[Changed, ...]
    losses: tuple[Changed, ...]
    shifted: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A visit that nobody can take, and which rules stand in the way, on most shifts first."""

    visit: Shown
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A proposal beside the routes in force. Driving is in seconds, of all routes together."""

    number: int
    nurses: tuple[NurseChange, ...]
    unplaced: tuple[Unplaced, ...]
    unassigned_before: int
    unassigned_after: int
    travel_before_s: int
    travel_s: int
    told: int
    moved: int


def differences_of(job: JobLine) -> tuple[Difference, ...]:
    """Return the differences that a job's proposals make, best first."""
    ids = {one.visit for line in job.proposals for one in line.moves}
    ids |= {one.visit for line in job.proposals for one in line.unserved}
    visits = {
        visit.id: Shown(visit.id, visit.patient.name, visit.window_start, visit.window_end)
        for visit in Visit.objects.filter(id__in=ids, market_id=job.market).select_related(
            "patient"
        )
    }
    return tuple(_difference(line, visits) for line in job.proposals)


def _difference(line: ProposalLine, visits: Mapping[UUID, Shown]) -> Difference:
    placed = sum(one.before is None for one in line.moves)
    lost = sum(one.after is None for one in line.moves)
    return Difference(
        number=line.number,
        nurses=tuple(_of_nurse(one, line.moves, visits) for one in _nurses(line.moves)),
        unplaced=tuple(
            Unplaced(visits[one.visit], tuple(sorted(one.reasons, key=lambda r: -one.reasons[r])))
            for one in line.unserved
        ),
        unassigned_before=len(line.unserved) - lost + placed,
        unassigned_after=len(line.unserved),
        travel_before_s=line.travel_before_s,
        travel_s=line.travel_s,
        told=line.told,
        moved=line.moved,
    )


def _nurses(moves: Iterable[Moved]) -> list[NurseCard]:
    """Everybody whose day is another one, by name."""
    found = {one.nurse for move in moves for one in (move.before, move.after) if one is not None}
    return sorted(found, key=lambda one: (one.name, one.id))


def _of_nurse(
    nurse: NurseCard, moves: Sequence[Moved], visits: Mapping[UUID, Shown]
) -> NurseChange:
    had = [one for one in moves if _who(one.before) == nurse]
    has = [one for one in moves if _who(one.after) == nurse]
    return NurseChange(
        nurse=nurse,
        gains=_changed((one for one in has if one not in had), "before", visits),
        losses=_changed((one for one in had if one not in has), "after", visits),
        shifted=_changed((one for one in has if one in had), "before", visits),
    )


def _changed(
    moves: Iterable[Moved], other: str, visits: Mapping[UUID, Shown]
) -> tuple[Changed, ...]:
    found = (
        Changed(
            visits[one.visit],
            _who(getattr(one, other)),
            None if one.before is None else one.before.start,
            None if one.after is None else one.after.start,
            one.tell,
        )
        for one in moves
    )
    return tuple(sorted(found, key=lambda one: (one.visit.window_start, one.visit.id)))


def _who(place: Place | None) -> NurseCard | None:
    return None if place is None else place.nurse
