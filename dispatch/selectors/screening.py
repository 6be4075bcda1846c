"""A patient's dated answers: what has been said, what is to be asked next, what a visit needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from dispatch.domain.answers import Due, Given, Needs, asked_from, due_for, to_ask
from dispatch.domain.clock import service_date
from dispatch.domain.people import Actor
from dispatch.domain.questionnaire import Question
from dispatch.domain.screening import red_flags
from dispatch.models import Answer, Market, Visit
from dispatch.models.visits import RELEASED
from dispatch.selectors.access import patient_for
from dispatch.selectors.protocols import bookable_row, form_of, protocol_of


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    id: str
    text: str
    type: str
    required: bool
    choices: list[str]


@dataclass(frozen=True, slots=True)
class ScreeningProgress:
    """How far a patient is with a questionnaire: ``next`` is null once all is answered."""

    patient: UUID
    protocol: str
    answered: int
    questions: int
    next: AskedQuestion | None


@dataclass(frozen=True, slots=True)
class VisitQuestions:
    """What is to be answered before a visit; answers given before ``asked_from`` do not count."""

    visit: UUID
    patient: UUID
    protocol: str
    asked_from: datetime
    questions: list[AskedQuestion]


def answers_of(patient_id: UUID, *, until: datetime | None = None) -> dict[str, Given]:
    """Return the newest answer of each question by its id; of those up to then, if that is said."""
    answers = Answer.objects.filter(patient_id=patient_id)
    if until is not None:
        answers = answers.filter(answered_at__lte=until)
    newest = answers.order_by("question", "-answered_at", "-id").distinct("question")
    return {one.question: Given(json.loads(one.value), one.answered_at) for one in newest}


def dates_of(patient_id: UUID) -> dict[str, datetime]:
    """Return when each question was last answered, by its id; no answer is read."""
    answers = Answer.objects.filter(patient_id=patient_id).order_by()
    newest = answers.values("question").annotate(newest=Max("answered_at"))
    return dict(newest.values_list("question", "newest"))


def last_yes(patient_id: UUID, question: str) -> datetime | None:
    """Return when a question was last answered with yes."""
    answers = Answer.objects.filter(patient_id=patient_id, question=question)
    return next(
        (
            one.answered_at
            for one in answers.order_by("-answered_at", "-id")
            if json.loads(one.value) is True
        ),
        None,
    )


def today_in(market_id: UUID, now: datetime) -> date:
    """Return the market's own day, on which answers are judged."""
    return service_date(now, Market.objects.values_list("zone", flat=True).get(id=market_id))


def unanswered(patient_id: UUID, protocol_id: UUID, *, now: datetime) -> tuple[Question, ...]:
    """Return the questions of a protocol without an answer that holds now."""
    dates = dates_of(patient_id)
    return to_ask(form_of(protocol_id), protocol_of(protocol_id), dates, now)


def progress_seen_by(
    by: Actor, patient_id: UUID | None, protocol_code: str, *, now: datetime
) -> ScreeningProgress:
    """Return how far the patient is, and what is asked next. Raises NotFound, Invalid."""
    patient = patient_for(by, patient_id)
    row = bookable_row(by.market_id, protocol_code)
    left = unanswered(patient.id, row.id, now=now)
    total = len(form_of(row.id).questions)
    following = _asked(left[0]) if left else None
    return ScreeningProgress(patient.id, row.code, total - len(left), total, following)


def crisis_seen_by(
    by: Actor, patient_id: UUID | None, protocol_code: str, *, now: datetime
) -> tuple[str, ...]:
    """Return where help is to be had, if the newest answers call for it. Raises NotFound."""
    patient = patient_for(by, patient_id)
    form = form_of(bookable_row(by.market_id, protocol_code).id)
    given = {question: one.value for question, one in answers_of(patient.id).items()}
    flags = red_flags(form, given, on=today_in(patient.market_id, now))
    return tuple(dict.fromkeys(rule.text for rule in flags))


def due_before(visit: Visit, *, end: datetime) -> Due:
    """Return what is to be answered before a visit that is expected to end then."""
    protocol = protocol_of(visit.protocol_id)
    return due_for(
        form_of(visit.protocol_id),
        protocol,
        dates_of(visit.patient_id),
        Needs(_asked_from(visit), end),
    )


def questions_of(visit: Visit, *, end: datetime) -> VisitQuestions:
    """Return these questions as they are asked."""
    due = due_before(visit, end=end)
    return VisitQuestions(
        visit=visit.id,
        patient=visit.patient_id,
        protocol=protocol_of(visit.protocol_id).code,
        asked_from=_asked_from(visit),
        questions=[_asked(one) for one in (*due.own, *due.outdated)],
    )


def _asked_from(visit: Visit) -> datetime:
    before = (
        Visit.objects.filter(patient_id=visit.patient_id, window_start__lt=visit.window_start)
        .exclude(status__in=RELEASED)
        .aggregate(last=Max("window_start"))["last"]
    )
    return asked_from(visit.window_start, before, protocol_of(visit.protocol_id))


def _asked(question: Question) -> AskedQuestion:
    return AskedQuestion(
        id=question.id,
        text=question.text,
        type=question.type.value,
        required=question.required,
        choices=list(question.choices),
    )
