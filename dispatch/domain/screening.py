"""Judges a patient's answers by a questionnaire's rules: cleared, to be reviewed, or refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch.domain.errors import Invalid
from dispatch.domain.questionnaire import (
    AnswerType,
    Outcome,
    Question,
    Questionnaire,
    VerdictRule,
)
from dispatch.domain.sentences import Sentence

MAX_TEXT = 2000
MAX_ENTRIES = 50
OLDEST_YEAR = 1900


class AnswerError(Invalid):
    """Answers that cannot be judged; `fields` has a sentence for each question at fault."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults, "answers_invalid")


@dataclass(frozen=True)
class Reason:
    """Why a screening did not end as cleared."""

    code: str
    question: str
    text: str
    outcome: Outcome


@dataclass(frozen=True)
class Verdict:
    """The worst outcome of all reasons; cleared where there is none."""

    outcome: Outcome
    reasons: tuple[Reason, ...]


def evaluate(questionnaire: Questionnaire, answers: Mapping[str, Any], *, on: date) -> Verdict:
    """Judge the answers as of a day; raises AnswerError with every fault at once."""
    unanswered: dict[str, Any] = dict.fromkeys(one.id for one in questionnaire.questions)
    check(questionnaire, unanswered | dict(answers), on=on)
    return verdict_of(
        Reason(rule.code, rule.question, rule.text, rule.outcome)
        for rule in _met(questionnaire, answers, on)
    )


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """Return what the reasons come to together."""
    found = tuple(reasons)
    outcomes = {reason.outcome for reason in found}
    return Verdict(max(outcomes, key=list(Outcome).index, default=Outcome.CLEARED), found)


def check(questionnaire: Questionnaire, answers: Mapping[str, Any], *, on: date) -> None:
    """Look at some of the answers; raises AnswerError for those that cannot be kept."""
    questions = {question.id: question for question in questionnaire.questions}
    faults = {
        id_: _fault(questions[id_], answer, on)
        if id_ in questions
        else "This is not a question of this form."
        for id_, answer in answers.items()
    }
    faulty = {id_: fault for id_, fault in faults.items() if fault is not None}
    if faulty:
        raise AnswerError(faulty)


def red_flags(
    questionnaire: Questionnaire, answers: Mapping[str, Any], *, on: date
) -> tuple[VerdictRule, ...]:
    """Return the rules that ask for a clinician at once; answers that are missing meet none."""
    return tuple(
        rule
        for rule in _met(questionnaire, answers, on)
        if rule.red_flag and all(answers.get(test.question) is not None for test in rule.conditions)
    )


def _met(
    questionnaire: Questionnaire, answers: Mapping[str, Any], on: date
) -> Iterator[VerdictRule]:
    return (
        rule
        for rule in questionnaire.rules
        if all(test.holds(answers.get(test.question), on) for test in rule.conditions)
    )


def _fault(question: Question, answer: Any, on: date) -> str | None:
    if answer is None:
        return "Please answer this question." if question.required else None
    return _CHECKS[question.type](question, answer, on)


def _boolean_fault(_question: Question, answer: Any, _on: date) -> str | None:
    return None if isinstance(answer, bool) else "Answer yes or no: true or false."


def _choice_fault(question: Question, answer: Any, on: date) -> str | None:
    return _choices_fault(question, [answer], on)


def _choices_fault(question: Question, answer: Any, _on: date) -> str | None:
    if isinstance(answer, list) and answer and all(entry in question.choices for entry in answer):
        return None
    return Sentence("Choose from: {choices}.", choices=", ".join(question.choices))


def _date_fault(_question: Question, answer: Any, on: date) -> str | None:
    try:
        day = date.fromisoformat(answer)
    except (TypeError, ValueError):
        return "Give a date as YYYY-MM-DD."
    if day.year < OLDEST_YEAR or day > on:
        return Sentence("Give a date from {year} on that is not in the future.", year=OLDEST_YEAR)
    return None


def _text_fault(_question: Question, answer: Any, _on: date) -> str | None:
    if not isinstance(answer, str) or not answer.strip():
        return "Write a text."
    if not _is_plain(answer):
        return "Write letters that can be kept."
    if len(answer) > MAX_TEXT:
        return Sentence("Write at most {most} characters.", most=MAX_TEXT)
    return None


def _is_plain(text: str) -> bool:
    """Without null characters, and without the halves of a letter (lone surrogates)."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _list_fault(question: Question, answer: Any, on: date) -> str | None:
    if not isinstance(answer, list) or len(answer) > MAX_ENTRIES:
        pattern = "Give a list of at most {most} entries; an empty list stands for none."
        return Sentence(pattern, most=MAX_ENTRIES)
    faults = (_text_fault(question, entry, on) for entry in answer)
    return next(filter(None, faults), None)


def _person_fault(question: Question, answer: Any, on: date) -> str | None:
    if not isinstance(answer, dict) or set(answer) != {"name", "contact"}:
        return "Give a person's name and contact."
    faults = (_text_fault(question, entry, on) for entry in answer.values())
    return next(filter(None, faults), None)


_CHECKS: dict[AnswerType, Callable[[Question, Any, date], str | None]] = {
    AnswerType.BOOLEAN: _boolean_fault,
    AnswerType.CHOICE: _choice_fault,
    AnswerType.MULTI_CHOICE: _choices_fault,
    AnswerType.DATE: _date_fault,
    AnswerType.LIST: _list_fault,
    AnswerType.TEXT: _text_fault,
    AnswerType.PERSON: _person_fault,
}
