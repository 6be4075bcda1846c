"""Series that can be held: each infusion with the shift that can keep it, or the nearest others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from dispatch.domain.clock import day_bounds, instant, local, seconds, service_date
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import WEEK, Continuity, Pattern
from dispatch.domain.terms import Range, SeriesPhase
from dispatch.models import Location
from dispatch.planning import series
from dispatch.planning.remake import remake
from dispatch.planning.series import Calendar, Options, Pick, Plan, Terms
from dispatch.selectors.claims import claim_on
from dispatch.selectors.clearance import earliest_start
from dispatch.selectors.slots import Witnessed, gaps_for, grid_starts

LATER_WITHIN = 28
"""How far ahead a later beginning is looked for, in days."""

SENTENCES: dict[series.Change, str] = {
    "with_backup": "{kept} of {count} with {one} nurse, the others with a second one.",
    "later_start": "All {count} from {day} on.",
    "other_gaps": "All {count}, {least} to {most} days apart.",
    "other_nurse": "{kept} of {count} with another nurse.",
    "fewer": "{count} infusions.",
    "several_nurses": "{kept} of {count} with {one} nurse, the others with several.",
    "anyhow": "All {count} from {day} on, {kept} of them with the same nurse.",
}


@dataclass(frozen=True, slots=True)
class Infusion(Witnessed):
    """One infusion of a series; ``promised`` is its nurse where the patient asked for her."""

    promised: UUID | None


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """Every infusion in order; ``nurse`` is who gives most, or was asked for."""

    nurse: UUID | None
    infusions: tuple[Infusion, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A series that can be held instead: what differs, in words, and the pattern to ask for."""

    change: series.Change
    sentence: str
    pattern: Pattern
    plan: SeriesPlan
    zone: str

    def as_fact(self) -> dict[str, Any]:
        """The pattern reads as it is posted."""
        asked, hours = self.pattern, self.pattern.hours
        return {
            "change": self.change,
            "sentence": self.sentence,
            "pattern": {
                "count": asked.count,
                "gap_days": {"min": asked.gap_days.min, "max": asked.gap_days.max},
                "first_day": asked.first_day.isoformat(),
                "weekdays": [day.value for day in WEEK if day in asked.weekdays],
                "hours": hours and {"start": f"{hours[0]:%H:%M}", "end": f"{hours[1]:%H:%M}"},
                "nurse": asked.nurse and str(asked.nurse),
                "continuity": asked.continuity.value,
            },
            "nurse": self.plan.nurse and str(self.plan.nurse),
            "infusions": [
                {
                    "start": local(one.start, self.zone).isoformat(),
                    "window_end": local(one.window_end, self.zone).isoformat(),
                    "nurse": one.promised and str(one.promised),
                }
                for one in self.plan.infusions
            ],
        }


def find_series(
    location: Location, protocol: Protocol, pattern: Pattern, *, now: datetime
) -> SeriesPlan | None:
    """Return the best series of the pattern that can be served at this moment, or None."""
    days = pattern.begin_within + (pattern.count - 1) * pattern.gap_days.max
    options = _options(location, protocol, pattern, days, now)
    plan = series.find(options, _terms(pattern))
    return None if plan is None else _planned(plan, pattern.nurse, pattern.continuity, protocol)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is to come of a series: how many infusions, the day of the last one given, the days of
    those booked, and days that were called off. ``nurse`` is preferred; ``only`` she may come.
    ``promised`` are the nurses who were asked for."""

    count: int
    gap: Range
    before: date | None
    kept: tuple[date, ...]
    lost: frozenset[date]
    nurse: UUID | None
    promised: frozenset[UUID]
    only: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A day of the rest: the infusion booked on it stays, or one is to be there instead."""

    day: date
    instead: Infusion | None


def find_rest(
    location: Location, protocol: Protocol, rest: Rest, *, now: datetime
) -> tuple[Planned, ...] | None:
    """Return the rest of a series with the fewest infusions moved, or None where none is kept."""
    today = service_date(now, location.zone)
    known = [today, *rest.kept, *([rest.before] if rest.before else [])]
    days = (max(known) - today).days + 1 + rest.count * rest.gap.max
    continuity = Continuity.ONE_NURSE if rest.only else Continuity.WITH_BACKUP
    pattern = Pattern(
        rest.count, rest.gap, today, frozenset(), None, rest.nurse, continuity, days, rest.before
    )
    options = _options(location, protocol, pattern, days, now)
    kept, lost = ([(one - today).days for one in some] for some in (rest.kept, rest.lost))
    in_calendar = range(days)
    found = remake(
        options,
        _terms(pattern),
        [day for day in kept if day in in_calendar],
        lost=[day for day in lost if day in in_calendar],
    )
    if found is None:
        return None
    return tuple(
        Planned(
            today + timedelta(days=day),
            None if pick is None else _infusion(pick, rest.promised, protocol),
        )
        for day, pick in found
    )


def nearest_series(
    location: Location, protocol: Protocol, phase: SeriesPhase, pattern: Pattern, *, now: datetime
) -> tuple[Nearest, ...]:
    """Return series that can be served where the pattern cannot, the nearest first."""
    terms = _terms(pattern)
    days = LATER_WITHIN + (pattern.count - 1) * phase.gap_days.max
    limits = Terms(
        phase.count.min, phase.gap_days, 0, LATER_WITHIN, None, Continuity.ANY_NURSES, terms.before
    )
    options = _options(location, protocol, pattern, days, now)
    return tuple(
        _nearest(one, pattern, protocol, location.zone)
        for one in series.alternatives(options, terms, limits)
    )


def _options(
    location: Location, protocol: Protocol, pattern: Pattern, days: int, now: datetime
) -> Options:
    zone, width = location.zone, timedelta(seconds=protocol.booking.arrival_window_s)
    soonest = now + timedelta(seconds=protocol.booking.notice_s)
    cleared = earliest_start(location.patient_id, protocol.code, now=now)
    start = max(day_bounds(pattern.first_day, zone)[0], soonest, cleared)
    end = max(start, day_bounds(pattern.first_day + timedelta(days=days), zone)[0])
    claim = claim_on(location, protocol, start, end + width, None, now=now)
    grid = [at for at in grid_starts(protocol, zone, start, end) if at < seconds(end)]
    calendar = _calendar(grid, pattern, zone, days)
    gaps = gaps_for(claim, now=now)
    return Options.of(gaps, claim.request, calendar, protocol.booking.arrival_window_s)


def _calendar(grid: list[int], pattern: Pattern, zone: str, days: int) -> Calendar:
    clocks = [local(instant(at), zone) for at in grid]
    return Calendar(
        np.array(grid, dtype=np.int64),
        np.array([(at.date() - pattern.first_day).days for at in clocks], dtype=np.intp),
        np.array([pattern.missed(at.date(), at.time()) for at in clocks], dtype=np.int64),
        days,
    )


def _terms(pattern: Pattern) -> Terms:
    before = pattern.before
    return Terms(
        count=pattern.count,
        gap=pattern.gap_days,
        first=0,
        first_until=pattern.begin_within,
        nurse=pattern.nurse,
        continuity=pattern.continuity,
        before=None if before is None else (before - pattern.first_day).days,
    )


def _planned(
    plan: Plan, nurse: UUID | None, continuity: Continuity, protocol: Protocol
) -> SeriesPlan:
    """Promised is whom the patient asked for, by name or as one nurse for all, and nobody else: an
    infusion that names no nurse may go to another when its own drops out."""
    promised = plan.main if continuity is Continuity.ONE_NURSE else nurse
    return SeriesPlan(
        nurse if continuity is Continuity.ANY_NURSES else plan.main,
        tuple(_infusion(pick, {promised}, protocol) for pick in plan.picks),
    )


def _infusion(pick: Pick, promised: Collection[UUID | None], protocol: Protocol) -> Infusion:
    return Infusion(
        instant(pick.start),
        instant(pick.start + protocol.booking.arrival_window_s),
        pick.shift,
        pick.nurse if pick.nurse in promised else None,
    )


def _nearest(found: series.Alternative, asked: Pattern, protocol: Protocol, zone: str) -> Nearest:
    plan = _planned(found.plan, found.terms.nurse, found.terms.continuity, protocol)
    day, later = service_date(plan.infusions[0].start, zone), {"later_start", "anyhow"}
    pattern = replace(
        asked,
        count=found.terms.count,
        gap_days=found.terms.gap,
        first_day=day if found.change in later else asked.first_day,
        nurse=found.terms.nurse,
        continuity=found.terms.continuity,
    )
    return Nearest(found.change, _sentence(found, pattern, day), pattern, plan, zone)


def _sentence(found: series.Alternative, pattern: Pattern, day: date) -> str:
    return SENTENCES[found.change].format(
        kept=found.plan.with_main,
        count=pattern.count,
        one="this" if pattern.nurse else "one",
        day=f"{day:%A, %B} {day.day}",
        least=pattern.gap_days.min,
        most=pattern.gap_days.max,
    )
