"""The rest of a series is planned anew where an infusion was lost; or waits, while it is paused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from dispatch import audit, outbox, schedule, tasking, visiting
from dispatch.domain.clock import service_date
from dispatch.domain.events import VisitSuspended
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import Continuity, SeriesState
from dispatch.domain.tasks import TaskKind
from dispatch.domain.terms import Range
from dispatch.domain.visit import UNDER_WAY, Action, Status
from dispatch.models import Clearance, Series, Visit
from dispatch.selectors.clearance import is_barred
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.series_plans import Infusion, Planned, Rest, find_rest

LOOK_AGAIN = timedelta(minutes=5)
TO_COME = frozenset({Status.REQUESTED.value, Status.ASSIGNED.value})
SUSPENDED = Status.SUSPENDED.value
LOST = frozenset({Status.CANCELLED.value, Status.NO_SHOW.value, Status.ABORTED.value})
NOTHING_FITS = (
    "{count} infusions were to be laid {least} to {most} days apart, the booked ones moved as "
    "little as can be, from {day} on: nothing that is free keeps these gaps."
)
NOT_CLEARED = "An infusion was lost, and the patient is not cleared: nothing was booked for it."


@dataclass(frozen=True, slots=True)
class _Seen:
    """The series as it was looked at, outside the locks."""

    series: Series
    protocol: Protocol
    visits: Sequence[Visit]

    @property
    def versions(self) -> Mapping[UUID, int]:
        return {one.id: one.version for one in self.visits}

    def at(self, *statuses: str) -> list[Visit]:
        return [one for one in self.visits if one.status in statuses]


def replan_series(series_id: UUID, *, now: datetime) -> None:
    """See that a series that lost an infusion has all its infusions again, each gap kept.

    Those booked stay where they are as far as can be. A paused series has what is to come suspended
    instead. Where the series is changed meanwhile, it stays due; where nothing fits, a dispatcher
    is told what was tried.
    """
    series = Series.objects.select_related("location").get(id=series_id)
    if series.replan_due_at is None:
        return
    if series.state == SeriesState.PAUSED.value:
        _suspend_rest(series_id, now)
        return
    visits = list(Visit.objects.filter(series=series).order_by("window_start", "id"))
    seen = _Seen(series, protocol_of(series.protocol_id), visits)
    if _is_barred(seen, now) or (seen.at(SUSPENDED) and not _is_cleared(seen, now)):
        _give_up(seen, NOT_CLEARED, now)
        return
    rest = _rest(seen)
    planned = find_rest(series.location, seen.protocol, rest, now=now) if rest.count else ()
    if planned is None:
        gap, today = rest.gap, service_date(now, series.location.zone)
        tried = NOTHING_FITS.format(count=rest.count, least=gap.min, most=gap.max, day=today)
        _give_up(seen, tried, now)
        return
    _apply(seen, planned, now)


def put_off_series(series_id: UUID, *, now: datetime) -> None:
    """Look again later: a fault on one series does not keep the others waiting."""
    Series.objects.filter(id=series_id).update(replan_due_at=now + LOOK_AGAIN)


@transaction.atomic
def _suspend_rest(series_id: UUID, now: datetime) -> None:
    series, visits = visiting.lock_series(series_id, now=now)
    if series.state != SeriesState.PAUSED.value:
        return
    for visit in visits:
        if visit.status in TO_COME:
            visiting.let_go(visit, Action.SUSPEND, now=now)
            outbox.record(VisitSuspended(visit.id), market_id=visit.market_id, now=now)
            audit.note_worker(visit.market_id, "suspend", "visit", visit.id, now=now)
    _done(series)


@transaction.atomic
def _give_up(seen: _Seen, reason: str, now: datetime) -> None:
    series, visits = visiting.lock_series(seen.series.id, now=now)
    if not _is_as_seen(seen, series, visits):
        return
    tasking.open_task(
        TaskKind.SERIES_NOT_REPLANNED,
        series.id,
        market_id=series.market_id,
        patient_id=series.patient_id,
        reason=reason,
        now=now,
    )
    _done(series)


def _apply(seen: _Seen, planned: Sequence[Planned], now: datetime) -> None:
    openings = [one.instead for one in planned if one.instead is not None]
    stay = {one.day for one in planned if one.instead is None}
    with transaction.atomic():
        shifts = [one.shift_id for one in openings]
        series, visits = visiting.lock_series(seen.series.id, other_shifts=shifts, now=now)
        if not _is_as_seen(seen, series, visits) or _is_barred(seen, now):
            return
        zone = series.location.zone
        for visit in _to_move(visits, stay, zone):
            nearest = min(openings, key=lambda one: abs(one.start - visit.window_start))
            openings.remove(nearest)
            if not visiting.move(visit, nearest, now=now):
                transaction.set_rollback(True)
                return
            audit.note_worker(visit.market_id, "move", "visit", visit.id, now=now)
        if not _make_up(series, visits, openings, now):
            transaction.set_rollback(True)
            return
        _renumber(series)
        schedule.settle("slot_taken")
        tasking.close_task(TaskKind.SERIES_NOT_REPLANNED, series.id, by=None, now=now)
        _done(series)


def _make_up(
    series: Series, visits: Sequence[Visit], openings: Sequence[Infusion], now: datetime
) -> bool:
    """Book what is missing; False where the time of one is gone."""
    lost = [one for one in visits if one.status in LOST]
    top = max((one.series_number or 0 for one in visits), default=0)
    for number, opening in enumerate(openings, top + 1):
        made = visiting.make_up_for(lost[-1], number, opening, now=now)
        if made is None:
            return False
        audit.note_worker(series.market_id, "make_up", "visit", made.id, now=now)
    return True


def _to_move(visits: Sequence[Visit], stay: set[date], zone: str) -> list[Visit]:
    """Those whose day was given up, and those that have none."""
    booked = [one for one in visits if one.status in TO_COME]
    away = [one for one in booked if service_date(one.window_start, zone) not in stay]
    return [*(one for one in visits if one.status == SUSPENDED), *away]


def _renumber(series: Series) -> None:
    """Number what is given and to come in the order of the days; the lost keep their numbers."""
    standing = Visit.objects.filter(series=series).exclude(status__in=LOST)
    standing.update(series_number=F("series_number") + standing.count() + series.planned)
    for number, visit in enumerate(standing.order_by("window_start", "id"), 1):
        Visit.objects.filter(id=visit.id).update(series_number=number)


def _rest(seen: _Seen) -> Rest:
    series, zone = seen.series, seen.series.location.zone
    given = seen.at(*(one.value for one in UNDER_WAY))
    to_come = seen.at(*TO_COME, SUSPENDED)
    least, most = series.least_gap_days, series.greatest_gap_days
    usual = next(one.gap_days.target for one in seen.protocol.series if one.code == series.phase)
    promised = {one.asked_nurse_id for one in seen.visits} - {None}
    return Rest(
        count=max(series.planned - len(given), len(to_come)),
        gap=Range(least, min(max(usual, least), most), most),
        before=_last_day(seen, zone),
        kept=tuple(service_date(one.window_start, zone) for one in seen.at(*TO_COME)),
        lost=frozenset(service_date(one.window_start, zone) for one in seen.at(*LOST)),
        nurse=series.nurse_id,
        promised=frozenset(one for one in promised if one is not None),
        only=series.continuity == Continuity.ONE_NURSE.value and series.nurse_id in promised,
    )


def _last_day(seen: _Seen, zone: str) -> date | None:
    """Of the last infusion of the course that was given, is under way, or was broken off."""
    of_course = Visit.objects.filter(
        patient_id=seen.series.patient_id,
        protocol__code=seen.protocol.code,
        course=seen.series.course,
    )
    begun = [
        service_date(one.infusion_started_at or one.window_start, zone)
        for one in of_course
        if one.infusion_started_at is not None or Status(one.status) in UNDER_WAY
    ]
    return max(begun, default=None)


def _is_as_seen(seen: _Seen, series: Series, visits: Sequence[Visit]) -> bool:
    versions = {one.id: one.version for one in visits}
    same = (series.state, versions) == (seen.series.state, seen.versions)
    return same and series.replan_due_at is not None


def _is_barred(seen: _Seen, now: datetime) -> bool:
    return is_barred(seen.series.patient_id, seen.protocol.code, now=now)


def _is_cleared(seen: _Seen, now: datetime) -> bool:
    return Clearance.objects.filter(
        patient_id=seen.series.patient_id,
        protocol_code=seen.protocol.code,
        withdrawn_at__isnull=True,
        until__gt=now,
    ).exists()


def _done(series: Series) -> None:
    series.replan_due_at = None
    series.save(update_fields=["replan_due_at"])
