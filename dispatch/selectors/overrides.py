"""The overrides of a visit's gates, and what is known of a patient's insurance, as staff see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.charges import CoverageState
from dispatch.domain.people import Actor
from dispatch.models import Coverage, GateOverride
from dispatch.selectors.access import patient_for, visit_for


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """``move`` says after how many of the visit's moves; another move ended it as well."""

    id: UUID
    gate: str
    move: int
    reason: str
    at: datetime
    by: UUID
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CoverageCard:
    """``at`` is when it was heard; null where nothing is known."""

    patient: UUID
    coverage: str
    payer: str
    at: datetime | None


def overrides_seen_by(by: Actor, visit_id: UUID) -> tuple[OverrideLine, ...]:
    """Return the visit's overrides, oldest first. Raises NotFound."""
    overrides = GateOverride.objects.filter(visit=visit_for(by, visit_id))
    rows = overrides.select_related("end").order_by("at", "id")
    return tuple(_line(row) for row in rows)


def coverage_seen_by(by: Actor, patient_id: UUID) -> CoverageCard:
    """Return what is known of the patient's insurance. Raises NotFound."""
    patient = patient_for(by, patient_id)
    row = Coverage.objects.filter(patient=patient).first()
    if row is None:
        return CoverageCard(patient.id, CoverageState.UNKNOWN.value, "", None)
    return CoverageCard(patient.id, row.state, row.payer, row.at)


def _line(row: GateOverride) -> OverrideLine:
    end = getattr(row, "end", None)
    return OverrideLine(
        row.id, row.gate, row.move, row.reason, row.at, row.by_id, None if end is None else end.at
    )
