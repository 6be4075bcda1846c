"""What visits refer to, read along with them: as many queries as kinds, however many visits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dispatch.domain.people import Actor
from dispatch.selectors import people
from dispatch.selectors.visits import VisitLine


@dataclass(frozen=True, slots=True)
class Expanded:
    """Null is what was not asked for, or what the visit does not have."""

    patient: people.PatientLine | None
    nurse: people.NurseLine | None
    location: people.LocationLine | None
    companion: people.CompanionLine | None


KINDS = ("patient", "nurse", "location", "companion")


def expanded(by: Actor, lines: Iterable[VisitLine], kinds: Collection[str]) -> dict[UUID, Expanded]:
    """Return by visit what it refers to, of the kinds asked for, as ``by`` may see it."""
    lines = list(lines)
    found = {kind: _found(by, kind, _ids(lines, kind)) for kind in KINDS if kind in kinds}
    return {
        line.id: Expanded(**{kind: _of(line, kind, found.get(kind, {})) for kind in KINDS})
        for line in lines
    }


def _of(line: VisitLine, kind: str, found: dict[UUID, Any]) -> Any:
    own = _id(line, kind)
    return None if own is None else found.get(own)


def _ids(lines: list[VisitLine], kind: str) -> set[UUID]:
    return {own for line in lines if (own := _id(line, kind)) is not None}


def _id(line: VisitLine, kind: str) -> UUID | None:
    if kind == "nurse":
        return None if line.nurse is None else line.nurse.id
    own: UUID | None = getattr(line, kind)
    return own


def _found(by: Actor, kind: str, ids: set[UUID]) -> dict[UUID, Any]:
    readers: dict[str, Any] = {
        "patient": (people.patients_of(by), people.patient_line),
        "nurse": (people.nurses_of(by), people.nurse_line),
        "location": (people.locations_of(by, None), people.location_line),
        "companion": (people.companions_of(by, None), people.companion_line),
    }
    rows, shown = readers[kind]
    return {row.id: shown(row) for row in rows.filter(id__in=ids)}
