"""A patient's courses of treatment, read from visits, responses, orders and screenings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from dispatch.domain.clock import service_date
from dispatch.domain.course import Course
from dispatch.domain.errors import Conflict
from dispatch.domain.infusions import Days, Improvement, Infusion, Record, Stage
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import INDUCTION, SeriesState
from dispatch.domain.terms import Requirement
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Location, Order, Response, Screening, Series, Visit
from dispatch.models import Protocol as ProtocolRow
from dispatch.selectors.protocols import protocol_of

CALLED_OFF = [Status.CANCELLED.value, Status.NO_SHOW.value, Status.ABORTED.value]
TO_COME = [Status.REQUESTED.value, Status.ASSIGNED.value]
THERAPIST = "therapist"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a patient stands in a protocol: the course, and which it is of it, from 1."""

    course: Course
    number: int


@dataclass(frozen=True, slots=True)
class Placed:
    """The phase that a visit is of, in which course, and the days it may be on."""

    phase: str
    course: int
    days: Days


def standing_of(
    patient_id: UUID, protocol: Protocol, *, apart_from: UUID | None = None, now: datetime
) -> Standing:
    """Return the patient's course of the protocol, without the visit ``apart_from``.

    Once a course is over, the next one begins where a prescriber has ordered it since.
    """
    visits = [one for one in _visits(patient_id, protocol) if one.id != apart_from]
    own = [one for one in visits if one.protocol.code == protocol.code]
    number = max((one.course for one in own), default=1)
    course = _course(patient_id, protocol, number, visits)
    if not course.infusions or not course.is_over(_today(own, now)):
        return Standing(course, number)
    last = max(one.window_start for one in own)
    ordered = Order.objects.filter(
        patient_id=patient_id,
        protocol_code=protocol.code,
        since__gt=last,
        withdrawn_at__isnull=True,
    )
    if not ordered.exists():
        return Standing(course, number)
    return Standing(_course(patient_id, protocol, number + 1, visits), number + 1)


def place_of(
    location: Location,
    protocol: Protocol,
    first: date,
    last: date,
    *,
    apart_from: UUID | None = None,
    now: datetime,
) -> Placed:
    """Return where a visit on some day of [first, last] belongs. Raises as ``Course.place``."""
    standing = standing_of(location.patient_id, protocol, apart_from=apart_from, now=now)
    place = standing.course.place(first, last)
    return Placed(place.phase.code, standing.number, place.days)


def place_of_hold(location: Location, protocol: Protocol, day: date, *, now: datetime) -> Placed:
    """The same for a hold: of one more visit, else of one of those booked that moves to it."""
    try:
        return place_of(location, protocol, day, day, now=now)
    except Conflict as refused:
        for visit_id in _movable(location.patient_id, protocol):
            with suppress(Conflict):
                return place_of(location, protocol, day, day, apart_from=visit_id, now=now)
        raise refused from None


def check_series(series: Series, starts: Iterable[datetime], *, now: datetime) -> None:
    """Raise as ``Course.place`` where infusions that begin so cannot all join the course as it now
    is, each in the phase of the series; Conflict ``phase_changed`` where one is of another."""
    location = series.location
    course = standing_of(series.patient_id, protocol_of(series.protocol_id), now=now).course
    for start in starts:
        day = service_date(start, location.zone)
        place = course.place(day, day)
        if place.phase.code != series.phase:
            raise Conflict("phase_changed", "The course has changed; ask for the series again.")
        course = course.with_one(day, place.phase)


def open_series(patient_id: UUID, protocol_code: str, *, now: datetime) -> UUID | None:
    """Return the series of the protocol that is held or paused, or has infusions to come."""
    to_come = Visit.objects.filter(series=OuterRef("pk")).exclude(status__in=ENDED)
    rows = Series.objects.filter(
        Q(state=SeriesState.HELD.value, expires_at__gt=now)
        | Q(state=SeriesState.PAUSED.value)
        | Q(Exists(to_come), state=SeriesState.BOOKED.value),
        patient_id=patient_id,
        protocol__code=protocol_code,
    )
    return rows.values_list("id", flat=True).first()


def _movable(patient_id: UUID, protocol: Protocol) -> list[UUID]:
    visits = Visit.objects.filter(
        patient_id=patient_id, protocol__code=protocol.code, status__in=TO_COME
    )
    return list(visits.order_by("window_start").values_list("id", flat=True))


def _visits(patient_id: UUID, protocol: Protocol) -> list[Visit]:
    """Of this protocol and of all others with the same drug, in order of their days."""
    kept = Visit.objects.filter(
        ~Q(status__in=CALLED_OFF) | Q(infusion_started_at__isnull=False), patient_id=patient_id
    )
    rows = kept.select_related("protocol", "location").order_by("window_start", "id")
    return [one for one in rows if _akin(protocol_of(one.protocol_id), protocol)]


def _akin(one: Protocol, other: Protocol) -> bool:
    same_drug = one.drug is not None and other.drug is not None and one.drug.code == other.drug.code
    return one.code == other.code or same_drug


def _today(visits: list[Visit], now: datetime) -> date:
    return service_date(now, visits[-1].location.zone)


def _course(patient_id: UUID, protocol: Protocol, number: int, visits: list[Visit]) -> Course:
    own = [one for one in visits if (one.protocol.code, one.course) == (protocol.code, number)]
    others = [one for one in visits if one not in own and one.infusion_started_at is not None]
    responses = list(Response.objects.filter(patient_id=patient_id).order_by("recorded_at", "id"))
    elsewhere = [one for one in responses if one.elsewhere_on and _of_drug(one, protocol)]
    days = [_infusion(one, protocol).last for one in others]
    days += [one.elsewhere_on for one in elsewhere if one.elsewhere_on is not None]
    first = min((_infusion(one, protocol).first for one in own), default=None)
    return Course(
        phases=protocol.series,
        infusions=tuple(_infusion(one, protocol) for one in own),
        record=_record(patient_id, protocol, own, visits, responses, elsewhere),
        since=max((day for day in days if first is None or day <= first), default=None),
    )


def _infusion(visit: Visit, protocol: Protocol) -> Infusion:
    """As the patient's calendar has it; a phase that is none any more counts as the first one."""
    codes = {phase.code for phase in protocol.series}
    zone = visit.location.zone
    begun = visit.infusion_started_at
    first = service_date(begun or visit.window_start, zone)
    last = service_date(begun or visit.window_end, zone)
    broken = visit.status in CALLED_OFF
    over = visit.status == Status.COMPLETED.value
    return Infusion(
        first,
        first if visit.window_promised else last,
        visit.phase if visit.phase in codes else protocol.series[0].code,
        Stage.BROKEN if broken else Stage.GIVEN if over else Stage.BOOKED,
    )


def _record(
    patient_id: UUID,
    protocol: Protocol,
    own: list[Visit],
    visits: list[Visit],
    responses: list[Response],
    elsewhere: list[Response],
) -> Record:
    record = Record(
        {
            one.phase: Improvement(one.improvement)
            for one in responses
            if one.protocol_code == protocol.code and _still_holds(one, own)
        },
        therapy_named=_therapy_named(patient_id, protocol),
    )
    inductions = [
        [one for one in visits if (one.protocol.code, one.course, one.phase) == key]
        for key in sorted({(one.protocol.code, one.course, one.phase) for one in visits})
        if key[2] == INDUCTION
    ]
    completed = [given for given in inductions if _is_completed(given)]
    found = [
        one
        for one in responses
        if any(one.protocol_code == given[0].protocol.code for given in completed)
        and one.phase == INDUCTION
        and any(_still_holds(one, given) for given in completed)
    ]
    told = sorted([*found, *elsewhere], key=lambda one: (one.recorded_at, one.id))
    return replace(
        record,
        induction=bool(completed or elsewhere),
        induction_response=Improvement(told[-1].improvement) if told else None,
    )


def _is_completed(visits: list[Visit]) -> bool:
    given = sum(one.status == Status.COMPLETED.value for one in visits)
    (least,) = (
        phase.count.min
        for phase in protocol_of(visits[0].protocol_id).series
        if phase.code == INDUCTION
    )
    over = {Status.COMPLETED.value, *CALLED_OFF}
    return given >= least and all(one.status in over for one in visits)


def _still_holds(response: Response, visits: list[Visit]) -> bool:
    """A response is to what had been given of the phase: nothing has been given since."""
    of_phase = [
        one for one in visits if (one.phase, one.course) == (response.phase, response.course)
    ]
    begun = [one.infusion_started_at for one in of_phase if one.infusion_started_at is not None]
    return bool(begun) and response.recorded_at >= max(begun)


def _of_drug(response: Response, protocol: Protocol) -> bool:
    if response.protocol_code == protocol.code:
        return True
    row = ProtocolRow.objects.filter(code=response.protocol_code).order_by("-version").first()
    return row is not None and _akin(protocol_of(row.id), protocol)


def _therapy_named(patient_id: UUID, protocol: Protocol) -> bool:
    """By the latest answers."""
    if not any(Requirement.THERAPY_NAMED in phase.requires for phase in protocol.series):
        return False
    taken = Screening.objects.filter(patient_id=patient_id, protocol__code=protocol.code)
    last = taken.order_by("-taken_at", "-id").first()
    return last is not None and bool(json.loads(last.answers).get(THERAPIST))
