"""Dated answers: how long each holds, what is to be asked next, and what a visit still needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.domain.protocol import Protocol
from dispatch.domain.questionnaire import (
    Condition,
    Outcome,
    Question,
    Questionnaire,
    VerdictRule,
)

_MEDICATION = (
    "A clinician plans the timing together with you and your own provider. "
    "Keep taking it as prescribed until they have spoken with you."
)

Dates = Mapping[str, datetime]
"""When each question was last answered, by its id; one that never was is left out."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer and when it was given; None stands for nothing to say."""

    value: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Needs:
    """When a visit's own questions may be answered, and until when its other answers must hold.

    An answer belongs to the first visit after it: none given before ``asked_from`` counts.
    """

    asked_from: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Questions that a visit still needs: its own, and those whose answers will be too old."""

    own: tuple[Question, ...]
    outdated: tuple[Question, ...]


def form_of(protocol: Protocol, questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire under the protocol's own rules; raises FieldError.

    A medication that has to end before an infusion asks for a review, whether or not the
    questionnaire says so itself.
    """
    form = questionnaire.under(protocol.verdict_rules)
    tests = {rule.conditions for rule in form.rules}
    more = [
        VerdictRule((taken,), Outcome.REVIEW, rule.code, _MEDICATION)
        for rule in protocol.medication
        if ((taken := Condition(rule.question, "is", value=True)),) not in tests
    ]
    return form.under(more)


def lasts(question: Question, protocol: Protocol) -> timedelta:
    """Return how long an answer holds; one of each visit, in the screening before any visit."""
    if question.valid_days is None:
        return timedelta(days=protocol.valid_days.clearance)
    if question.valid_days == 0:
        return timedelta(seconds=protocol.visit_questions_s)
    return timedelta(days=question.valid_days)


def to_ask(
    form: Questionnaire, protocol: Protocol, dates: Dates, now: datetime
) -> tuple[Question, ...]:
    """Return the questions without an answer that holds now, in the order of asking."""
    return tuple(
        question
        for question in form.questions
        if question.id not in dates or dates[question.id] + lasts(question, protocol) < now
    )


def rests_until(form: Questionnaire, protocol: Protocol, dates: Dates) -> datetime:
    """Return until when a clearance may last: as long as the oldest answer that lasts with it.

    Answers with a validity of their own are looked at for each visit instead.
    """
    lasting = [dates[one.id] for one in form.questions if one.valid_days is None]
    oldest = min(lasting, default=max(dates.values()))
    return oldest + timedelta(days=protocol.valid_days.clearance)


def asked_from(window_start: datetime, before: datetime | None, protocol: Protocol) -> datetime:
    """Return from when a visit's own questions may be answered; ``before`` is the last visit's
    window, whose answers were for that visit."""
    opens = window_start - timedelta(seconds=protocol.visit_questions_s)
    return opens if before is None else max(opens, before)


def due_for(form: Questionnaire, protocol: Protocol, dates: Dates, needs: Needs) -> Due:
    """Return the questions that are to be answered before the visit."""
    own = [
        one
        for one in form.questions
        if one.valid_days == 0 and (one.id not in dates or dates[one.id] < needs.asked_from)
    ]
    outdated = [one for one in form.questions if _outdated(one, protocol, dates, needs.end)]
    return Due(tuple(own), tuple(outdated))


def _outdated(question: Question, protocol: Protocol, dates: Dates, end: datetime) -> bool:
    if question.id not in dates:
        return question.valid_days != 0
    return bool(question.valid_days) and dates[question.id] + lasts(question, protocol) < end
