"""What must be charted before, during and after an infusion, and what of it is missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dispatch.domain.care import Limit, Measure
from dispatch.domain.field_events import Decision, EventType, FieldEvent
from dispatch.domain.gates import Validity
from dispatch.domain.protocol import CompanionRule, Protocol

GRAMS_IN_KG = 1000


@dataclass(frozen=True, slots=True)
class DoseOrder:
    """A prescriber's order as it was in force from ``since`` up to ``until``; no dose: the
    protocol's."""

    since: datetime
    until: datetime
    dose_ug_per_kg: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a visit is judged by: its treatment, its place, its patient's orders.

    ``exact_place`` is false where the address is known by its ZIP code alone. ``papers`` are when
    clearances and consents held, by their gates' names.
    """

    protocol: Protocol
    companion_duty: CompanionRule | None
    orders: tuple[DoseOrder, ...]
    exact_place: bool
    papers: Mapping[str, tuple[Validity, ...]] = field(default_factory=dict)


def last_of(kind: EventType, events: Iterable[FieldEvent]) -> Mapping[str, Any]:
    """Return what the last event of this kind carries; nothing where there is none."""
    found: Mapping[str, Any] = {}
    for event in events:
        if event.type is kind:
            found = event.data
    return found


def latest_vitals(events: Iterable[FieldEvent]) -> dict[Measure, int]:
    """Return the latest value of each measure."""
    found: dict[Measure, int] = {}
    for event in events:
        if event.type is EventType.VITALS:
            found |= {Measure(name): value for name, value in event.data.items()}
    return found


def broken_limits(values: Mapping[Measure, int], terms: Terms) -> tuple[Limit, ...]:
    """Return the go/no-go limits outside of which the values are."""
    limits = terms.protocol.vitals.limits
    return tuple(
        limit
        for limit in limits
        if limit.measure in values and not limit.keeps(values[limit.measure])
    )


def missing_before_infusion(
    before: Sequence[FieldEvent], terms: Terms, *, dose_ug: int | None, at: datetime
) -> Iterator[str]:
    """Yield a code for each thing that an infusion of this dose lacks after these events."""
    protocol = terms.protocol
    yield from _papers_missing(terms, at)
    if not last_of(EventType.IDENTITY, before).get("confirmed"):
        yield "identity"
    if terms.companion_duty and not last_of(EventType.COMPANION, before).get("present"):
        yield "companion"
    seen = last_of(EventType.HOME, before).get("items", ())
    if not {item.code for item in protocol.readiness} <= set(seen):
        yield "home"
    values = latest_vitals(before)
    if not set(protocol.vitals.baseline) <= values.keys():
        yield "vitals"
    if broken_limits(values, terms):
        yield "vitals_within_limits"
    if last_of(EventType.GO_NO_GO, before).get("decision") != Decision.GO:
        yield "go"
    if protocol.drug and protocol.drug.controlled and not _checked_out(before):
        yield "checkout"
    if exceeds_order(dose_ug, values.get(Measure.WEIGHT_G), terms, at):
        yield "dose_within_order"


def _papers_missing(terms: Terms, at: datetime) -> Iterator[str]:
    for name, papers in terms.papers.items():
        if not any(one.since <= at < one.until for one in papers):
            yield name


def _checked_out(events: Iterable[FieldEvent]) -> bool:
    return any(event.type is EventType.CHECKOUT and not event.refused for event in events)


def exceeds_order(dose_ug: int | None, weight_g: int | None, terms: Terms, at: datetime) -> bool:
    """Whether the dose is more than the order of that time allows a patient of this weight.

    Where no order names a dose, the protocol's greatest counts. Unknown weights exceed nothing.
    """
    drug = terms.protocol.drug
    if drug is None or dose_ug is None or weight_g is None:
        return False
    ordered = [one.dose_ug_per_kg for one in terms.orders if one.since <= at < one.until]
    most = max((one for one in ordered if one is not None), default=drug.dose_ug_per_kg.max)
    return dose_ug * GRAMS_IN_KG > most * weight_g


def missed_prompts(
    events: Sequence[FieldEvent], begin: datetime, end: datetime, every_s: int, terms: Terms
) -> Iterator[datetime]:
    """Yield when vitals were due after ``begin``, up to ``end``, and nobody charted all of them.

    They are due every ``every_s`` seconds, and are in time within half of that to either side.
    """
    needed = {measure.value for measure in terms.protocol.vitals.throughout}
    charted = [
        event.at
        for event in events
        if event.type is EventType.VITALS and needed <= event.data.keys()
    ]
    every = timedelta(seconds=every_s)
    due = begin + every
    while due <= end:
        nearest = bisect_left(charted, due - every / 2)
        if nearest == len(charted) or charted[nearest] >= due + every / 2:
            yield due
        due += every


def missing_at_discharge(criteria: Iterable[str], terms: Terms) -> tuple[str, ...]:
    """Return the points of the discharge list that were not met, in its order."""
    met = set(criteria)
    return tuple(item.code for item in terms.protocol.discharge if item.code not in met)
