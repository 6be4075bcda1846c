"""What a form says to a question, as the answer that the question takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from dispatch.domain.questionnaire import AnswerType, Question

YES_NO = {"yes": True, "no": False}


def answer_in(sent: QueryDict, question: Question) -> Any:
    """Return the answer, None where nothing is said; whether it will do is not decided here."""
    return None if "skip" in sent else _READ[question.type](sent)


def _text(sent: QueryDict) -> str | None:
    return sent.get("answer", "").strip() or None


def _yes_or_no(sent: QueryDict) -> Any:
    return YES_NO.get(sent.get("answer", ""))


def _several(sent: QueryDict) -> list[str] | None:
    return sent.getlist("answer") or None


def _lines(sent: QueryDict) -> list[str]:
    return [line.strip() for line in sent.get("answer", "").splitlines() if line.strip()]


def _person(sent: QueryDict) -> dict[str, str] | None:
    named = {name: sent.get(name, "").strip() for name in ("name", "contact")}
    return named if any(named.values()) else None


_READ: dict[AnswerType, Callable[[QueryDict], Any]] = {
    AnswerType.BOOLEAN: _yes_or_no,
    AnswerType.CHOICE: _text,
    AnswerType.MULTI_CHOICE: _several,
    AnswerType.DATE: _text,
    AnswerType.LIST: _lines,
    AnswerType.TEXT: _text,
    AnswerType.PERSON: _person,
}
