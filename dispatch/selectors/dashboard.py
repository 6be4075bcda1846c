"""A course of treatment as people see it: what was done, what is next, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.clock import service_date
from dispatch.domain.course import SENTENCES, Course
from dispatch.domain.disclosure import Fact, is_told
from dispatch.domain.errors import NotFound
from dispatch.domain.infusions import Stage
from dispatch.domain.people import Actor
from dispatch.domain.terms import SeriesPhase
from dispatch.domain.visit import ENDED
from dispatch.models import Protocol as ProtocolRow
from dispatch.models import Questionnaire, Response, Score, Series, Visit
from dispatch.selectors.access import patient_for, series_for
from dispatch.selectors.courses import standing_of
from dispatch.selectors.protocols import protocol_of, questionnaire_of

CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class MissingLine:
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """How many infusions were given, and are planned in all; of how many it has at least, usually
    and at most; ``missing`` is what must be on record before one can be booked."""

    code: str
    done: int
    planned: int
    least: int
    usual: int
    most: int
    missing: list[MissingLine]


@dataclass(frozen=True, slots=True)
class NextLine:
    visit: UUID
    day: date
    phase: str


@dataclass(frozen=True, slots=True)
class SuggestedLine:
    """The soonest day for the next infusion, the best, and the last; the patient's calendar."""

    soonest: date
    day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """``elsewhere_on`` is the day of an induction that others completed."""

    phase: str
    improvement: str | None
    note: str | None
    elsewhere_on: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ScoreLine:
    instrument: str
    total: int
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """``scores``, and what the ``responses`` say, are None for those whom they do not concern."""

    patient: UUID
    protocol: str
    course: int
    series: UUID | None
    series_state: str | None
    phases: list[PhaseLine]
    next: NextLine | None
    suggested: SuggestedLine | None
    responses: list[ResponseLine]
    scores: list[ScoreLine] | None


@dataclass(frozen=True, slots=True)
class ScoreTaken:
    """``crisis`` says where help is to be had, where an answer calls for it; ``total`` is None for
    those whom it does not concern."""

    id: UUID
    instrument: str
    total: int | None
    taken_at: datetime
    crisis: str | None


def dashboard_of_series(by: Actor, series_id: UUID, *, now: datetime) -> Dashboard:
    """Return the course that a series belongs to. Raises NotFound."""
    series = series_for(by, series_id)
    return _dashboard(by, series.patient_id, series.protocol_id, series, now)


def dashboard_of_patient(
    by: Actor, patient_id: UUID, protocol_code: str, *, now: datetime
) -> Dashboard:
    """Return the patient's present course of a protocol. Raises NotFound."""
    patient = patient_for(by, patient_id)
    row = ProtocolRow.objects.filter(code=protocol_code, is_current=True).first()
    if row is None:
        raise NotFound("protocol")
    series = Series.objects.filter(patient=patient, protocol__code=protocol_code).order_by("id")
    return _dashboard(by, patient.id, row.id, series.last(), now)


def score_taken(by: Actor, score_id: UUID, *, red_flag: bool) -> ScoreTaken:
    """Return a score that was just kept, with the words for whoever is in danger."""
    score = Score.objects.get(id=score_id, market_id=by.market_id)
    crisis = crisis_text() if red_flag else None
    total = int(score.total) if is_told(by.role, Fact.SCORES) else None
    return ScoreTaken(score.id, score.instrument, total, score.taken_at, crisis)


def crisis_text() -> str | None:
    """Return what a questionnaire's rule of that name says; the newest version's."""
    for row_id in Questionnaire.objects.order_by("-version").values_list("id", flat=True):
        for rule in questionnaire_of(row_id).rules:
            if rule.red_flag and rule.code == CRISIS:
                return rule.text
    return None


def _dashboard(
    by: Actor, patient_id: UUID, protocol_id: UUID, series: Series | None, now: datetime
) -> Dashboard:
    protocol = protocol_of(protocol_id)
    standing = standing_of(patient_id, protocol, now=now)
    course = standing.course
    return Dashboard(
        patient=patient_id,
        protocol=protocol.code,
        course=standing.number,
        series=None if series is None else series.id,
        series_state=None if series is None else series.state,
        phases=[_phase(course, one) for one in course.phases],
        next=_next(patient_id, protocol.code, now),
        suggested=_suggested(course),
        responses=_responses(patient_id, protocol.code, whole=is_told(by.role, Fact.RESPONSE)),
        scores=_scores(patient_id) if is_told(by.role, Fact.SCORES) else None,
    )


def _suggested(course: Course) -> SuggestedLine | None:
    found = course.suggested()
    return None if found is None else SuggestedLine(found.soonest, found.day, found.until)


def _phase(course: Course, phase: SeriesPhase) -> PhaseLine:
    return PhaseLine(
        code=phase.code,
        done=course.count(phase, Stage.GIVEN),
        planned=course.count(phase),
        least=phase.count.min,
        usual=phase.count.target,
        most=phase.count.max,
        missing=[MissingLine(one.value, SENTENCES[one]) for one in course.missing(phase)],
    )


def _next(patient_id: UUID, code: str, now: datetime) -> NextLine | None:
    visits = Visit.objects.filter(patient_id=patient_id, protocol__code=code, window_end__gt=now)
    visit = visits.exclude(status__in=ENDED).order_by("window_start").first()
    if visit is None:
        return None
    return NextLine(visit.id, service_date(visit.window_start, visit.location.zone), visit.phase)


def _responses(patient_id: UUID, code: str, *, whole: bool) -> list[ResponseLine]:
    rows = Response.objects.filter(patient_id=patient_id, protocol_code=code)
    return [
        ResponseLine(
            one.phase,
            one.improvement if whole else None,
            one.note if whole else None,
            one.elsewhere_on,
            one.recorded_at,
        )
        for one in rows.order_by("recorded_at", "id")
    ]


def _scores(patient_id: UUID) -> list[ScoreLine]:
    rows = Score.objects.filter(patient_id=patient_id).order_by("taken_at", "id")
    return [ScoreLine(one.instrument, int(one.total), one.taken_at) for one in rows]
