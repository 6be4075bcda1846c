"""Questionnaires as data: questions, and the rules that turn answers into reasons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from dispatch.domain.fields import FieldError, Fields


class Outcome(StrEnum):
    """What a screening comes to, from best to worst."""

    CLEARED = "cleared"
    REVIEW = "review"
    REFUSED = "refused"


class AnswerType(StrEnum):
    """The shape of an answer in JSON; a person is an object with `name` and `contact`."""

    BOOLEAN = "boolean"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    DATE = "date"
    LIST = "list"
    TEXT = "text"
    PERSON = "person"


@dataclass(frozen=True)
class Question:
    """One question. `valid_days` 0: asked again at each visit; None: as long as the clearance."""

    id: str
    text: str
    type: AnswerType
    required: bool
    choices: tuple[str, ...]
    valid_days: int | None


@dataclass(frozen=True)
class Condition:
    """A test of one answer: the name of the test and what it compares with."""

    question: str
    test: str
    value: Any

    def holds(self, answer: Any, on: date) -> bool:
        """Tell whether a well-formed answer, or None for no answer, meets the condition."""
        if answer is None:
            return self.test == "empty"
        return _TESTS[self.test].holds(answer, self.value, on)


@dataclass(frozen=True)
class VerdictRule:
    """Where all conditions hold, the outcome follows, with a reason code and a sentence.

    A red flag asks for a clinician at once; its sentence says where help is to be had.
    """

    conditions: tuple[Condition, ...]
    outcome: Outcome
    code: str
    text: str
    red_flag: bool = False

    @property
    def question(self) -> str:
        """The question whose answer the rule judges."""
        return self.conditions[0].question


@dataclass(frozen=True)
class Questionnaire:
    """Questions in the order of asking, and the rules that judge the answers."""

    code: str
    version: int
    name: str
    questions: tuple[Question, ...]
    rules: tuple[VerdictRule, ...]

    def under(self, rules: Iterable[VerdictRule]) -> "Questionnaire":
        """Return this questionnaire with a protocol's own rules added; raises FieldError."""
        joined = replace(self, rules=(*self.rules, *rules))
        for rule in joined.rules:
            for condition in rule.conditions:
                joined._check(condition)
        return joined

    def _check(self, condition: Condition) -> None:
        """Raise FieldError for a condition that no answer could ever meet."""
        question = next((q for q in self.questions if q.id == condition.question), None)
        if question is None:
            raise FieldError(condition.question, f"is no question of {self.code}")
        if question.type not in _TESTS[condition.test].types:
            raise FieldError(condition.question, f"cannot be tested with {condition.test}")
        named = condition.value if isinstance(condition.value, tuple) else ()
        if not set(named) <= set(question.choices):
            raise FieldError(condition.question, "a rule names a choice that is not offered")


@dataclass(frozen=True)
class _Test:
    types: frozenset[AnswerType]
    read: Callable[[Fields, str], Any]
    holds: Callable[[Any, Any, date], bool]


def _years(born: str, on: date) -> int:
    birth = date.fromisoformat(born)
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _chosen(answer: str | list[str]) -> set[str]:
    return {answer} if isinstance(answer, str) else set(answer)


_CHOICES = frozenset({AnswerType.CHOICE, AnswerType.MULTI_CHOICE})
_TESTS = {
    "is": _Test(frozenset({AnswerType.BOOLEAN}), Fields.flag, lambda a, value, _: a is value),
    "any_of": _Test(_CHOICES, Fields.texts, lambda a, value, _: bool(_chosen(a) & set(value))),
    "none_of": _Test(_CHOICES, Fields.texts, lambda a, value, _: not _chosen(a) & set(value)),
    "fewer_than": _Test(
        frozenset({AnswerType.LIST}), Fields.whole, lambda a, value, _: len(a) < value
    ),
    "under_years": _Test(
        frozenset({AnswerType.DATE}), Fields.whole, lambda a, value, on: _years(a, on) < value
    ),
    "empty": _Test(
        frozenset({AnswerType.PERSON, AnswerType.TEXT, AnswerType.LIST}),
        Fields.flag,
        lambda a, _, __: not a,
    ),
}


def parse_questionnaire(data: object) -> Questionnaire:
    """Read a questionnaire from plain data; raises FieldError naming the faulty field."""
    fields = Fields(data)
    questions: list[Question] = []
    rules: list[VerdictRule] = []
    for entry in fields.children("questions"):
        question = _parse_question(entry)
        questions.append(question)
        if entry.has("rules"):
            rules += [parse_verdict_rule(rule, question.id) for rule in entry.children("rules")]
        entry.reject_unknown()
    if len({question.id for question in questions}) != len(questions):
        raise FieldError("questions", "two questions have the same id")
    code, version, name = fields.text("code"), fields.whole("version", 1), fields.text("name")
    fields.reject_unknown()
    return Questionnaire(code, version, name, tuple(questions), ()).under(rules)


def _parse_question(fields: Fields) -> Question:
    kind = fields.one_of("type", AnswerType)
    return Question(
        id=fields.text("id"),
        text=fields.text("text"),
        type=kind,
        required=fields.flag("required"),
        choices=fields.texts("choices") if kind in _CHOICES else (),
        valid_days=fields.whole("valid_days") if fields.has("valid_days") else None,
    )


def parse_verdict_rule(fields: Fields, question: str | None = None) -> VerdictRule:
    """Read one rule; a protocol's rule names its `question`, a question's own rule does not.

    `given` adds a condition on another question.
    """
    conditions = [_parse_condition(fields.child("when"), question or fields.text("question"))]
    if fields.has("given"):
        given = fields.child("given")
        conditions.append(_parse_condition(given, given.text("question")))
    outcome = fields.one_of("outcome", Outcome)
    if outcome is Outcome.CLEARED:
        raise FieldError(fields.at("outcome"), "must be review or refused")
    rule = VerdictRule(
        tuple(conditions),
        outcome,
        fields.text("code"),
        fields.text("text"),
        red_flag=fields.has("red_flag") and fields.flag("red_flag"),
    )
    fields.reject_unknown()
    return rule


def _parse_condition(fields: Fields, question: str) -> Condition:
    test = next((name for name in _TESTS if fields.has(name)), None)
    if test is None:
        raise FieldError(fields.path, f"must be one of {', '.join(_TESTS)}")
    condition = Condition(question, test, _TESTS[test].read(fields, test))
    fields.reject_unknown()
    return condition
