"""The record of a visit: the fold of what happened at the door, with what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.domain.care import Measure
from dispatch.domain.charting import (
    Terms,
    broken_limits,
    last_of,
    latest_vitals,
    missed_prompts,
    missing_at_discharge,
    missing_before_infusion,
)
from dispatch.domain.door_steps import Course, course_of
from dispatch.domain.field_events import EventType, FieldEvent, Severity, in_order
from dispatch.domain.visit import Action, Status

FAR_M = 500
"""An arrival further than this from the address is flagged; a big house and a bad fix are not."""

CALL_FOR_HELP = "Call 911 now and stay with the patient. A prescriber has been alerted."


class FlagCode(StrEnum):
    """What a record may have against itself; ``subject`` of a flag says which."""

    OUT_OF_TURN = "out_of_turn"
    DEPARTED_THROUGH_CLOSED_GATE = "departed_through_closed_gate"
    BEGUN_WITHOUT = "begun_without"
    RECOVERY_TOO_SHORT = "recovery_too_short"
    DISCHARGED_WITHOUT = "discharged_without"
    AFTER_IT_WAS_CALLED_OFF = "after_it_was_called_off"
    AFTER_IT_BROKE_OFF = "after_it_broke_off"
    CUSTODY_REFUSED = "custody_refused"
    CUSTODY_OPEN = "custody_open"
    FAR_FROM_THE_PLACE = "far_from_the_place"
    VITALS_MISSED = "vitals_missed"


NOBODY_IS_ASKED = frozenset(
    {FlagCode.CUSTODY_OPEN, FlagCode.FAR_FROM_THE_PLACE, FlagCode.VITALS_MISSED}
)
"""Flags that stand in the record and open no task: they have one elsewhere, or explain nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    code: FlagCode
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where the nurse's phone was, in degrees, and how far that is from the address, in metres."""

    lat: float
    lng: float
    off_m: int | None


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One visit as its events tell it. Amounts in micrograms, measures in the units they name.

    ``baseline`` is the latest of each measure before the infusion. ``missed_vitals`` is when some
    were due and not charted, ``discharge_missing`` what the patient was left without.
    ``events`` are all that were told, in device order.
    """

    status: Status
    departed_at: datetime | None
    arrived_at: datetime | None
    infusion_started_at: datetime | None
    infusion_ended_at: datetime | None
    discharged_at: datetime | None
    completed_at: datetime | None
    broken_off_at: datetime | None
    ended_code: str
    ended_because: str
    arrival: Arrival | None
    identity_confirmed: bool | None
    companion_present: bool | None
    home: tuple[str, ...]
    baseline: dict[str, int]
    broken_limits: tuple[str, ...]
    decision: str | None
    dose_ug: int | None
    recovery_extended_s: int
    missed_vitals: tuple[datetime, ...]
    discharge_missing: tuple[str, ...]
    advice: str
    flags: tuple[Flag, ...]
    events: tuple[FieldEvent, ...]


def fold(events: Iterable[FieldEvent], terms: Terms, *, settled: bool) -> VisitRecord:
    """Return the record; the same for every order of the events, each told once or more often.

    ``settled`` says whether the visit's drug is accounted for: before that it is not complete.
    """
    told = sorted({event.id: event for event in events}.values(), key=in_order)
    ours = [event for event in told if event.counts]
    course = course_of(ours, settled=settled)
    before = _before_infusion(ours, course)
    missed, left_without = _missed_vitals(ours, course, terms), _left_without(course, terms)
    abort = next((one for one in course.breaks if one.type is EventType.ABORT), None)
    identity, companion = last_of(EventType.IDENTITY, ours), last_of(EventType.COMPANION, ours)
    baseline = latest_vitals(before)
    return VisitRecord(
        status=course.status,
        departed_at=_at(course, Action.DEPART),
        arrived_at=_at(course, Action.ARRIVE),
        infusion_started_at=_at(course, Action.START_INFUSION),
        infusion_ended_at=_at(course, Action.END_INFUSION),
        discharged_at=_at(course, Action.DISCHARGE),
        completed_at=_at(course, Action.COMPLETE) if settled else None,
        broken_off_at=course.breaks[0].at if course.breaks else None,
        ended_code="" if abort is None else abort.data.get("reason", ""),
        ended_because=next((one.data.get("text", "") for one in course.breaks), ""),
        arrival=_arrival(course),
        identity_confirmed=identity.get("confirmed"),
        companion_present=companion.get("present"),
        home=tuple(last_of(EventType.HOME, ours).get("items", ())),
        baseline={measure.value: baseline[measure] for measure in Measure if measure in baseline},
        broken_limits=tuple(one.measure.value for one in broken_limits(baseline, terms)),
        decision=last_of(EventType.GO_NO_GO, before).get("decision"),
        dose_ug=_dose(course),
        recovery_extended_s=_extended(ours, terms),
        missed_vitals=missed,
        discharge_missing=left_without,
        advice=CALL_FOR_HELP if _is_severe(told) else "",
        flags=tuple(sorted({*_flags(told, course, terms, settled=settled), *_vitals_flag(missed)})),
        events=tuple(told),
    )


def _at(course: Course, action: Action) -> datetime | None:
    return course.taken[action].at if action in course.taken else None


def _dose(course: Course) -> int | None:
    begun = course.taken.get(Action.START_INFUSION)
    return None if begun is None else begun.data.get("dose_ug")


def _arrival(course: Course) -> Arrival | None:
    event = course.taken.get(Action.ARRIVE)
    if event is None or "lat" not in event.data:
        return None
    return Arrival(event.data["lat"], event.data["lng"], event.off_m)


def _before_infusion(events: Sequence[FieldEvent], course: Course) -> list[FieldEvent]:
    begun = course.taken.get(Action.START_INFUSION)
    return [one for one in events if begun is None or in_order(one) < in_order(begun)]


def _extended(events: Iterable[FieldEvent], terms: Terms) -> int:
    """Seconds by which recovery was lengthened, in all no more than the protocol allows."""
    asked = (
        60 * int(one.data["minutes"]) for one in events if one.type is EventType.EXTEND_RECOVERY
    )
    recovery = terms.protocol.recovery
    return min(sum(asked), recovery.most - recovery.planned)


def _is_severe(events: Iterable[FieldEvent]) -> bool:
    return any(
        one.type is EventType.ADVERSE_EVENT and one.data["severity"] == Severity.SEVERE
        for one in events
    )


def _missed_vitals(
    events: Sequence[FieldEvent], course: Course, terms: Terms
) -> tuple[datetime, ...]:
    """What was due until the infusion ended and until the discharge, or until it broke off."""
    begun = _at(course, Action.START_INFUSION)
    if begun is None:
        return ()
    last = course.breaks[0].at if course.breaks else events[-1].at
    ended = _at(course, Action.END_INFUSION) or last
    left = _at(course, Action.DISCHARGE) or last
    vitals = terms.protocol.vitals
    return (
        *missed_prompts(events, begun, ended, vitals.every_s_infusion, terms),
        *missed_prompts(events, ended, left, vitals.every_s_recovery, terms),
    )


def _left_without(course: Course, terms: Terms) -> tuple[str, ...]:
    event = course.taken.get(Action.DISCHARGE)
    return () if event is None else missing_at_discharge(event.data.get("criteria", ()), terms)


def _vitals_flag(missed: tuple[datetime, ...]) -> Iterator[Flag]:
    if missed:
        yield Flag(FlagCode.VITALS_MISSED)


def _flags(
    told: Sequence[FieldEvent], course: Course, terms: Terms, *, settled: bool
) -> Iterator[Flag]:
    for event in told:
        if not event.counts:
            yield Flag(FlagCode.AFTER_IT_WAS_CALLED_OFF, event.type.value)
        if event.refused:
            yield Flag(FlagCode.CUSTODY_REFUSED, event.type.value)
        for gate in event.closed_gates:
            yield Flag(FlagCode.DEPARTED_THROUGH_CLOSED_GATE, gate)
    for event in course.stray:
        yield Flag(FlagCode.OUT_OF_TURN, event.type.value)
    yield from _arrival_flags(course, terms)
    yield from _treatment_flags([one for one in told if one.counts], course, terms)
    yield from _ending_flags(course, settled=settled)


def _arrival_flags(course: Course, terms: Terms) -> Iterator[Flag]:
    arrival = _arrival(course)
    if terms.exact_place and arrival is not None and (arrival.off_m or 0) > FAR_M:
        yield Flag(FlagCode.FAR_FROM_THE_PLACE)


def _treatment_flags(events: Sequence[FieldEvent], course: Course, terms: Terms) -> Iterator[Flag]:
    begun = _at(course, Action.START_INFUSION)
    if begun is not None:
        before = _before_infusion(events, course)
        for code in missing_before_infusion(before, terms, dose_ug=_dose(course), at=begun):
            yield Flag(FlagCode.BEGUN_WITHOUT, code)
    for code in _left_without(course, terms):
        yield Flag(FlagCode.DISCHARGED_WITHOUT, code)
    ended, left = _at(course, Action.END_INFUSION), _at(course, Action.DISCHARGE)
    least = timedelta(seconds=terms.protocol.recovery.least)
    if ended is not None and left is not None and left - ended < least:
        yield Flag(FlagCode.RECOVERY_TOO_SHORT)


def _ending_flags(course: Course, *, settled: bool) -> Iterator[Flag]:
    if Action.COMPLETE in course.taken and not settled:
        yield Flag(FlagCode.CUSTODY_OPEN)
    if not course.breaks:
        return
    if Action.COMPLETE in course.taken:
        yield Flag(FlagCode.AFTER_IT_BROKE_OFF, Action.COMPLETE.value)
    begun = course.taken.get(Action.START_INFUSION)
    if begun is not None and in_order(course.breaks[0]) < in_order(begun):
        yield Flag(FlagCode.AFTER_IT_BROKE_OFF, Action.START_INFUSION.value)
    if begun is not None and all(one.type is EventType.NO_SHOW for one in course.breaks):
        yield Flag(FlagCode.OUT_OF_TURN, EventType.NO_SHOW.value)
