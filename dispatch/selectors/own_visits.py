"""A patient's visits at a glance: what is next, what was begun and not finished, what has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from dispatch.domain.channels import Language
from dispatch.domain.clock import local
from dispatch.domain.people import Actor
from dispatch.domain.series import SeriesState
from dispatch.domain.visit import ENDED
from dispatch.models import Answer, Hold, Patient, Screening, Series, Visit
from dispatch.selectors.access import patient_for
from dispatch.selectors.own_visit import OwnVisit, live_start, own_visit
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.visits import VisitLine, line, visits_seen_by

LONGEST_PAST = 50
GOES_ON = [SeriesState.BOOKED.value, SeriesState.PAUSED.value]


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A visit in the list, by the clocks of its place."""

    visit: VisitLine
    treatment: str
    window_start: datetime
    window_end: datetime
    expected: datetime | None
    infusions: int | None


@dataclass(frozen=True, slots=True)
class OwnHold:
    """Time that is kept for the patient, until it is booked or ``expires_at``.

    ``id`` is the series' where ``is_series``: its first window is told, and all of it is kept.
    """

    id: UUID
    location: UUID
    protocol: UUID
    is_series: bool
    treatment: str
    start: datetime
    window_end: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSeries:
    id: UUID
    treatment: str
    state: str
    planned: int
    given: int


@dataclass(frozen=True, slots=True)
class OwnVisits:
    """``answering``: questions were begun, and the last of them is still to be answered.

    ``past`` is the latest first, and no more than ``LONGEST_PAST``: ``more_past`` says so.
    """

    next: OwnVisit | None
    later: tuple[OwnLine, ...]
    past: tuple[OwnLine, ...]
    more_past: bool
    holds: tuple[OwnHold, ...]
    series: tuple[OwnSeries, ...]
    answering: bool
    office_phone: str


def own_visits(by: Actor, language: Language, *, now: datetime) -> OwnVisits:
    """Return all visits of the patient who asks."""
    patient = patient_for(by, None)
    rows = visits_seen_by(by).select_related("location", "protocol", "reservation__nurse", "series")
    ended = [status.value for status in ENDED]
    to_come = list(rows.exclude(status__in=ended).order_by("window_start", "id"))
    past = list(rows.filter(status__in=ended).order_by("-window_start", "-id")[: LONGEST_PAST + 1])
    first = own_visit(by, to_come[0].id, language, now=now) if to_come else None
    return OwnVisits(
        next=first,
        later=tuple(_line(one) for one in to_come[1:]),
        past=tuple(_line(one) for one in past[:LONGEST_PAST]),
        more_past=len(past) > LONGEST_PAST,
        holds=_holds(patient, now),
        series=_series(patient),
        answering=_is_answering(patient),
        office_phone=patient.market.office_phone,
    )


def _line(visit: Visit) -> OwnLine:
    zone = visit.location.zone
    return OwnLine(
        visit=line(visit),
        treatment=protocol_of(visit.protocol_id).name,
        window_start=local(visit.window_start, zone),
        window_end=local(visit.window_end, zone),
        expected=live_start(visit),
        infusions=None if visit.series is None else visit.series.planned,
    )


def _holds(patient: Patient, now: datetime) -> tuple[OwnHold, ...]:
    """A series is one: its holds run out together, and its first is when it begins."""
    kept = Hold.objects.filter(patient=patient, expires_at__gt=now)
    found: dict[UUID, OwnHold] = {}
    for hold in kept.select_related("location").order_by("window_start"):
        zone = hold.location.zone
        held = hold.series_id or hold.id
        own = OwnHold(
            id=held,
            location=hold.location_id,
            protocol=hold.protocol_id,
            is_series=hold.series_id is not None,
            treatment=protocol_of(hold.protocol_id).name,
            start=local(hold.window_start, zone),
            window_end=local(hold.window_end, zone),
            expires_at=local(hold.expires_at, zone),
        )
        found.setdefault(held, own)
    return tuple(found.values())


def _series(patient: Patient) -> tuple[OwnSeries, ...]:
    booked = Series.objects.filter(patient=patient, state__in=GOES_ON)
    return tuple(
        OwnSeries(
            one.id,
            protocol_of(one.protocol_id).name,
            one.state,
            one.planned,
            one.visits.filter(infusion_started_at__isnull=False).count(),
        )
        for one in booked.order_by("-booked_at")
    )


def _is_answering(patient: Patient) -> bool:
    """The last answer to a questionnaire is judged with it: what is newer belongs to none yet."""
    newest = Answer.objects.filter(patient=patient).aggregate(at=Max("answered_at"))["at"]
    judged = Screening.objects.filter(patient=patient).aggregate(at=Max("taken_at"))["at"]
    return newest is not None and (judged is None or judged < newest)
