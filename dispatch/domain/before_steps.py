"""What has to have happened before a step of a visit, by what has been told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from dispatch.domain.charting import Terms, missing_at_discharge, missing_before_infusion
from dispatch.domain.door_steps import course_of
from dispatch.domain.field_events import EventType, FieldEvent, Told, in_order
from dispatch.domain.visit import Action

GATED = frozenset({EventType.DEPART, EventType.START_INFUSION})
"""The steps before which the gates have to be open."""


def missing_before(told: Told, known: Iterable[FieldEvent], terms: Terms) -> Iterator[str]:
    """Yield a code for each thing that has to come before the step, and that ``known`` lacks."""
    before = sorted((one for one in known if one.counts), key=in_order)
    if told.type is EventType.START_INFUSION:
        dose_ug = told.data.get("dose_ug")
        yield from missing_before_infusion(before, terms, dose_ug=dose_ug, at=told.at)
    if told.type is EventType.DISCHARGE:
        yield from missing_at_discharge(told.data.get("criteria", ()), terms)
        ended = course_of(before, settled=True).taken.get(Action.END_INFUSION)
        least = timedelta(seconds=terms.protocol.recovery.least)
        if ended is None or told.at - ended.at < least:
            yield "recovery"
