"""Answers as forms send them, read as the questions have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from dispatch.domain.contact import phone_number
from dispatch.domain.errors import Invalid
from dispatch.domain.questionnaire import AnswerType
from dispatch.domain.symptoms import Haste
from dispatch.selectors.screening import AskedQuestion
from web.refusals import said_of

LONGEST_NAME = 200


def answers_in(request: HttpRequest, questions: Iterable[AskedQuestion]) -> dict[str, Any]:
    """Return the answer to each question, None where nothing was said.

    Whether it is one that the question takes, the service says.
    """
    return {one.id: _answer(request, one) for one in questions}


def _answer(request: HttpRequest, question: AskedQuestion) -> Any:
    name = f"answer_{question.id}"
    sent = request.POST.get(name, "").strip()
    match AnswerType(question.type):
        case AnswerType.BOOLEAN:
            return {"yes": True, "no": False}.get(sent)
        case AnswerType.MULTI_CHOICE:
            return request.POST.getlist(name) or None
        case AnswerType.LIST:
            return [row.strip() for row in sent.splitlines() if row.strip()]
        case AnswerType.PERSON:
            contact = request.POST.get(f"{name}_contact", "").strip()
            return {"name": sent, "contact": contact} if sent or contact else None
        case _:
            return sent or None


def name_in(request: HttpRequest) -> str:
    """Return a person's name as it was typed. Raises Invalid."""
    name = request.POST.get("name", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid({"name": said_of("name")})
    return name


def phone_in(request: HttpRequest) -> str:
    """Return a number that takes texts, in E.164. Raises Invalid."""
    try:
        return phone_number(request.POST.get("phone", ""))
    except ValueError as fault:
        raise Invalid({"phone": str(fault)}) from fault


def haste_in(request: HttpRequest) -> Haste:
    """Return how soon the patient needs an answer. Raises Invalid."""
    try:
        return Haste(request.POST.get("haste", ""))
    except ValueError as fault:
        raise Invalid({"haste": said_of("choose_one")}) from fault
