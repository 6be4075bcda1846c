"""What the business refuses, told to people: a line in the page they are on, or a page of its own.

The sentences are by code in ``web/words/*/every.json``; what does not stand there is said in
general words. What is said of fields comes from the business, and is translated as it says it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from dispatch.domain.errors import Conflict, DispatchError, Forbidden, Invalid, NotFound, TooMany
from dispatch.selectors.translating import said
from web.languages import words

STATUS_OF: dict[type[DispatchError], int] = {
    Invalid: 422, NotFound: 404, Forbidden: 403, Conflict: 409, TooMany: 429,
}  # fmt: skip
LINE = "#refusal"
"""Where the layout shows a refusal: read aloud by screen readers as it appears."""


def refused(request: HttpRequest, refusal: DispatchError) -> HttpResponse:
    """Answer with the refusal in words; what was on the screen stays there."""
    status = next(code for kind, code in STATUS_OF.items() if isinstance(refusal, kind))
    at_fault = [*fields(refusal).items()]  # pairs: a field may be named "items"
    context = {"words": words("refusals"), "told": sentence(refusal), "fields": at_fault}
    if not getattr(request, "htmx", False):
        return render(request, "web/refused.html", context, status=status)
    answer = render(request, "web/refusal.html", context, status=status)
    answer["HX-Retarget"], answer["HX-Reswap"] = LINE, "innerHTML"
    return answer


def sentence(refusal: DispatchError) -> str:
    """Return what is said of a refusal, in the language of the page."""
    told = words("refusals")
    return told.get(refusal.code, told["other"])


def fields(refusal: DispatchError) -> dict[str, str]:
    """Return the sentence about each field at fault; none where it is no matter of fields."""
    if not isinstance(refusal, Invalid):
        return {}
    return {
        name: in_words(text) if isinstance(text, str) else " ".join(map(in_words, text))
        for name, text in refusal.fields.items()
    }


def in_words(text: str) -> str:
    """Return what the business says in the language of the page; a page's own words are in it."""
    return said(text, (get_language() or "en")[:2]).text


def said_of(fault: str, **values: object) -> str:
    """Return what is said of a field that a page cannot read, in its language."""
    return words("faults")[fault].format(**values)
