"""What was recorded of a visit beyond its times, as far as the service keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.models import Assignment, Visit


@dataclass(frozen=True, slots=True)
class MeasureRange:
    """The least and the most of what was charted under one measure, e.g. ``systolic_mmhg``."""

    measure: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Score:
    """The total of one scale, e.g. ``phq_9``."""

    scale: str
    total: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """``dose_ug`` is null, and the others are empty, where nothing was recorded."""

    dose_ug: int | None = None
    vitals: tuple[MeasureRange, ...] = ()
    side_effects: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()


def recorded_of(visit: Visit) -> Recorded:  # noqa: ARG001 - the record of the visit comes here
    """Return dose, vitals and side effects of the visit, and the patient's scores then."""
    return Recorded()


def broken_off_at(visit: Visit) -> datetime | None:
    """Return when a visit that was aborted ended: the nurse was let go of it then."""
    given = Assignment.objects.filter(visit=visit).order_by("-since")
    return given.values_list("until", flat=True).first()


def diagnoses_of(visit: Visit) -> tuple[str, ...]:  # noqa: ARG001 - its order's come here
    """Return the codes of the diagnoses for which the treatment was ordered."""
    return ()
