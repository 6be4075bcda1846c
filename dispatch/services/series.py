"""Taking every infusion of a series for a short while, or none, and giving all of them back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, holding, schedule
from dispatch.domain.clock import service_date
from dispatch.domain.course import Beginning
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import Pattern, SeriesState, Wish, agreed, phase_of
from dispatch.domain.terms import SeriesPhase
from dispatch.models import Hold, Location, Series
from dispatch.selectors.access import location_for, nurse_for, series_for
from dispatch.selectors.claims import claim_on
from dispatch.selectors.clearance import check_may_be_booked, earliest_start
from dispatch.selectors.courses import check_series, open_series, standing_of
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.selectors.series_plans import Infusion, SeriesPlan, find_series, nearest_series


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose series, of which treatment, in which pattern."""

    location: Location
    protocol_id: UUID
    protocol: Protocol
    phase: SeriesPhase
    pattern: Pattern
    course: int


def hold_series(
    *,
    location_id: UUID,
    protocol_code: str,
    wish: Wish,
    phase: str | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Hold every infusion of a phase that is still to come for ten minutes; return the series' id.
    The phase is the induction, if no other is named.

    The days are looked for outside the locks and taken under them, all or none. The look is quick
    as long as the transaction around it, if there is one, has not written. Raises Invalid
    for a wish that the treatment does not allow, Conflict ``no_series`` with the nearest
    alternatives, ``busy`` where others keep taking what was found, ``not_cleared``,
    ``series_open`` where the patient has one of this protocol already; and as ``Course.begin``.
    """
    asked = _asked(location_id, protocol_code, phase, wish, by, now)
    soonest = earliest_start(asked.location.patient_id, asked.protocol.code, now=now)
    check_may_be_booked(asked.location, asked.protocol.code, soonest, by=by, now=now)
    for _ in range(schedule.TRIES):
        plan = find_series(asked.location, asked.protocol, asked.pattern, now=now)
        if plan is None:
            raise _impossible(asked, now)
        series_id = _take(asked, plan, by, now)
        if series_id is not None:
            return series_id
    raise Conflict("busy", "These times are being taken by others; try again.")


@transaction.atomic
def give_back_series(series_id: UUID, *, by: Actor, now: datetime) -> None:
    """Free all that a series holds. Raises NotFound, Conflict ``already_booked``."""
    held = Hold.objects.filter(series=series_for(by, series_id))
    schedule.lock(held.values_list("reservation__shift_id", flat=True), now=now)
    series = Series.objects.select_for_update(no_key=True).get(id=series_id)
    if series.state == SeriesState.BOOKED:
        raise Conflict("already_booked", "The series is booked; cancel its visits instead.")
    for hold in held.select_related("reservation"):
        holding.give_back(hold, now=now)
    series.state = SeriesState.GIVEN_BACK.value
    series.save(update_fields=["state"])
    audit.note(by, "give_back", "series", series_id, now=now)


def _asked(
    location_id: UUID,
    protocol_code: str,
    phase_code: str | None,
    wish: Wish,
    by: Actor,
    now: datetime,
) -> _Asked:
    location = location_for(by, location_id)
    row = bookable_row(by.market_id, protocol_code)
    protocol = protocol_of(row.id)
    standing = standing_of(location.patient_id, protocol, now=now)
    today = service_date(now, location.zone)
    beginning = standing.course.begin(phase_of(protocol, phase_code), today)
    if wish.first_day is None and beginning.before is None:
        beginning = _from_clearance(beginning, location, protocol, now)
    pattern = agreed(wish, beginning, today)
    if pattern.nurse is not None:
        try:
            nurse_for(by, pattern.nurse)
        except NotFound as nobody:
            raise Invalid({"pattern.nurse": "There is no such nurse."}) from nobody
    return _Asked(location, row.id, protocol, beginning.phase, pattern, standing.number)


def _from_clearance(
    beginning: Beginning, location: Location, protocol: Protocol, now: datetime
) -> Beginning:
    """The same, no sooner than on the day from which the patient's clearance holds."""
    since = earliest_start(location.patient_id, protocol.code, now=now)
    day = service_date(since, location.zone)
    return replace(beginning, soonest=max(day, beginning.soonest or day))


def _impossible(asked: _Asked, now: datetime) -> Conflict:
    found = nearest_series(asked.location, asked.protocol, asked.phase, asked.pattern, now=now)
    return Conflict(
        "no_series",
        "No such series can be served; see the alternatives."
        if found
        else "No such series can be served, and none near it.",
        alternatives=[one.as_fact() for one in found],
    )


@transaction.atomic
def _take(asked: _Asked, plan: SeriesPlan, by: Actor, now: datetime) -> UUID | None:
    """Hold every infusion; None, with nothing written, where one was taken by others meanwhile."""
    shifts = [one.shift_id for one in plan.infusions]
    schedule.lock(shifts, patients=[asked.location.patient_id], now=now)
    _check_none_open(asked, now)
    first = plan.infusions[0].start
    check_may_be_booked(asked.location, asked.protocol.code, first, by=by, now=now)
    series = _series(asked, plan, by, now)
    check_series(series, [one.start for one in plan.infusions], now=now)
    for number, infusion in enumerate(plan.infusions, 1):
        if not _hold(asked, series, number, infusion, now):
            transaction.set_rollback(True)
            return None
    schedule.settle("slot_taken")
    audit.note(by, "hold", "series", series.id, now=now)
    return series.id


def _check_none_open(asked: _Asked, now: datetime) -> None:
    """A patient has one series of a protocol at a time."""
    other = open_series(asked.location.patient_id, asked.protocol.code, now=now)
    if other is not None:
        raise Conflict(
            "series_open",
            "This treatment has a series already: give it back, or have it end first.",
            series=str(other),
        )


def _series(asked: _Asked, plan: SeriesPlan, by: Actor, now: datetime) -> Series:
    pattern = asked.pattern
    return Series.objects.create(
        market_id=asked.location.market_id,
        patient_id=asked.location.patient_id,
        location=asked.location,
        protocol_id=asked.protocol_id,
        phase=asked.phase.code,
        course=asked.course,
        state=SeriesState.HELD.value,
        planned=pattern.count,
        least_gap_days=pattern.gap_days.min,
        greatest_gap_days=pattern.gap_days.max,
        continuity=pattern.continuity.value,
        nurse_id=plan.nurse,
        held_by_id=by.user_id,
        expires_at=now + holding.HELD_FOR,
    )


def _hold(asked: _Asked, series: Series, number: int, infusion: Infusion, now: datetime) -> bool:
    window, nurse = (infusion.start, infusion.window_end), infusion.promised
    claim = claim_on(asked.location, asked.protocol, *window, nurse, now=now)
    reservation = schedule.insert(claim, infusion.shift_id, new_id(), now=now)
    if reservation is None:
        return False
    holding.keep(
        reservation,
        window,
        holding.Purpose(asked.protocol_id, series.phase, series.course, nurse, series, number),
        location=asked.location,
        taken_by_id=series.held_by_id,
        now=now,
    )
    return True
