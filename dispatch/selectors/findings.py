"""What was recorded of a visit beyond its times, as far as the service keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.domain.care import Measure
from dispatch.domain.field_events import EventType
from dispatch.models import Order, Visit
from dispatch.models import Score as ScoreRow
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.records import record_of


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


def recorded_of(visit: Visit) -> Recorded:
    """Return dose, vitals and side effects of the visit, and the patient's scores then."""
    record = record_of(visit, settled=True)
    ours = [event for event in record.events if event.counts]
    given = sum(event.data["ug"] for event in ours if event.type is EventType.GIVE)
    seen = {event.data["code"] for event in ours if event.type is EventType.SIDE_EFFECT}
    effects = protocol_of(visit.protocol_id).side_effects
    return Recorded(
        dose_ug=given or record.dose_ug,
        vitals=tuple(_ranges(event.data for event in ours if event.type is EventType.VITALS)),
        side_effects=tuple(effect.text for effect in effects if effect.code in seen),
        scores=tuple(_scores(visit)),
    )


def _scores(visit: Visit) -> Iterator[Score]:
    """The latest of each scale on the day of the visit or before."""
    ended = visit.completed_at or visit.window_end
    taken = ScoreRow.objects.filter(patient_id=visit.patient_id, taken_at__lte=ended)
    latest = {row.instrument: row.total for row in taken.order_by("taken_at")}
    for scale, total in sorted(latest.items()):
        yield Score(scale, int(total))


def _ranges(charted: Iterable[Mapping[str, int]]) -> Iterator[MeasureRange]:
    rows = list(charted)
    for measure in Measure:
        values = [row[measure] for row in rows if measure in row]
        if values and measure is not Measure.WEIGHT_G:
            yield MeasureRange(measure.value, min(values), max(values))


def broken_off_at(visit: Visit) -> datetime | None:
    """Return when a visit that was aborted ended, by the nurse's phone."""
    return record_of(visit, settled=True).broken_off_at


def diagnoses_of(visit: Visit) -> tuple[str, ...]:
    """Return the codes of the diagnoses for which the treatment was ordered."""
    signed = Order.objects.filter(
        patient_id=visit.patient_id,
        protocol_code=visit.protocol.code,
        since__lte=visit.window_start,
        until__gt=visit.window_start,
    ).order_by("-since")
    return tuple(json.loads(signed[0].diagnoses)) if signed else ()
