"""The screening, one question at a screen; each answer is kept as it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.questionnaire import Question
from dispatch.selectors.access import patient_for
from dispatch.selectors.protocols import form_of
from dispatch.selectors.screening import answers_of, crisis_seen_by, progress_seen_by
from dispatch.selectors.translating import said
from dispatch.services.screening import keep_answers
from web.book.new import way as steps
from web.book.new.address import Chosen
from web.book.new.answers import answer_in
from web.book.new.resuming import remember
from web.book.new.way import Way, shown, way_of
from web.guarding import Visitor
from web.languages import words


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from; ``before`` is what was answered earlier."""

    value: str
    label: str
    before: bool


def onward(request: HttpRequest, visitor: Visitor, chosen: Chosen) -> HttpResponse:  # noqa: ARG001
    """Lead to what is asked next, or to what the answers come to."""
    return steps.onward(_next(visitor, way_of(visitor, chosen)))


def question(request: HttpRequest, visitor: Visitor, number: int, chosen: Chosen) -> HttpResponse:
    """Ask one question; where the answer calls for help, tell where it is to be had at once."""
    way = way_of(visitor, chosen)
    asked = _asked(way, number)
    if request.method != "POST":
        return _shown(request, visitor, way, number, _before(visitor, asked))
    answer = answer_in(request.POST, asked)
    try:
        kept = keep_answers(
            patient_id=None,
            protocol_code=way.protocol.code,
            answers={asked.id: answer},
            by=visitor.by,
            now=visitor.now,
        )
    except Invalid as refusal:
        return _shown(request, visitor, way, number, answer, refusal=refusal)
    remember(request, chosen)
    if kept.crisis:
        return steps.onward(way.to("help", number=number))
    return steps.onward(_next(visitor, way))


def crisis(request: HttpRequest, visitor: Visitor, number: int, chosen: Chosen) -> HttpResponse:
    """Say where help is to be had, before anything else."""
    way = way_of(visitor, chosen)
    return shown(
        request,
        "crisis",
        "questions",
        way=way,
        crisis=crisis_of(visitor, way),
        back=way.to("question", number=number),
        following=_next(visitor, way),
    )


def crisis_of(visitor: Visitor, way: Way) -> list[Any]:
    """Return where help is to be had in the reader's language, if the answers call for it."""
    texts = crisis_seen_by(visitor.by, None, way.protocol.code, now=visitor.now)
    return [said(text, visitor.language) for text in texts]


def _asked(way: Way, number: int) -> Question:
    questions = form_of(way.protocol_id).questions
    if not 1 <= number <= len(questions):
        raise NotFound("question")
    return questions[number - 1]


def _next(visitor: Visitor, way: Way) -> str:
    progress = progress_seen_by(visitor.by, None, way.protocol.code, now=visitor.now)
    if progress.next is None:
        return way.to("outcome")
    ids = [one.id for one in form_of(way.protocol_id).questions]
    return way.to("question", number=ids.index(progress.next.id) + 1)


def _before(visitor: Visitor, asked: Question) -> Any:
    given = answers_of(patient_for(visitor.by, None).id).get(asked.id)
    return None if given is None else given.value


def _shown(
    request: HttpRequest, visitor: Visitor, way: Way, number: int, before: Any, **more: Any
) -> HttpResponse:
    asked, total = _asked(way, number), len(form_of(way.protocol_id).questions)
    return shown(
        request,
        "question",
        "questions",
        way=way,
        number=number,
        total=total,
        question=asked,
        text=said(asked.text, visitor.language),
        options=_options(asked, before),
        before="\n".join(before) if isinstance(before, list) else before,
        back=way.to("question", number=number - 1) if number > 1 else None,
        crisis=crisis_of(visitor, way),
        **more,
    )


def _options(asked: Question, before: Any) -> list[Option]:
    labels = words("book_new_choices")
    chosen = before if isinstance(before, list) else [before]
    return [
        Option(one, labels.get(one, one.replace("_", " ")), one in chosen) for one in asked.choices
    ]
