"""What a clinician's decision covers, and what medication that was taken lately asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dispatch.domain.answers import Given
from dispatch.domain.care import MedicationRule
from dispatch.domain.protocol import Protocol
from dispatch.domain.questionnaire import Condition, Outcome, Questionnaire
from dispatch.domain.screening import Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """A clinician cleared the patient on these answers, taken then, for all these reasons."""

    taken_at: datetime
    answers: Mapping[str, Any]
    reasons: frozenset[tuple[str, str]]
    """Code and question of each."""


def undecided(
    reasons: Iterable[Reason],
    decision: Decision | None,
    given: Mapping[str, Given],
    asked_anew: frozenset[str],
) -> tuple[Reason, ...]:
    """Return the reasons that the clinician's decision does not cover.

    It covers a review whose answer is the one that was looked at, or says the same again – but
    not to a question of ``asked_anew``, where each time counts.
    """
    return tuple(one for one in reasons if not _covered(one, decision, given, asked_anew))


def _covered(
    reason: Reason,
    decision: Decision | None,
    given: Mapping[str, Given],
    asked_anew: frozenset[str],
) -> bool:
    if decision is None or reason.outcome is not Outcome.REVIEW:
        return False
    if (reason.code, reason.question) not in decision.reasons:
        return False
    answer = given.get(reason.question)
    if answer is None or answer.at <= decision.taken_at:
        return True
    same = answer.value == decision.answers.get(reason.question)
    return same and reason.question not in asked_anew


def asked_anew(form: Questionnaire, protocol: Protocol) -> frozenset[str]:
    """Return the questions to which the same answer given again is news."""
    of_visits = {question.id for question in form.questions if question.valid_days == 0}
    return frozenset(of_visits | {rule.question for rule in protocol.medication})


def recent_reasons(
    protocol: Protocol, form: Questionnaire, last_yes: Mapping[str, datetime], now: datetime
) -> tuple[Reason, ...]:
    """Return a reason for each medication that was taken less than its days ago.

    Whoever said yes and now says no took it until then, for all that is known.
    """
    judged_by = {rule.conditions: rule for rule in form.rules}
    return tuple(
        Reason(rule.code, rule.question, rule.text, Outcome.REVIEW)
        for one in protocol.medication
        if one.question in last_yes
        and now < last_yes[one.question] + timedelta(days=one.washout_days)
        for rule in [judged_by[(Condition(one.question, "is", value=True),)]]
    )


def earliest_day(rule: MedicationRule, last_dose_on: date) -> date:
    """Return the first day on which an infusion may be given."""
    return last_dose_on + timedelta(days=rule.washout_days)
