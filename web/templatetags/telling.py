"""Words filled in, and times as people say them, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from dispatch.domain import texts
from dispatch.domain.channels import Language
from dispatch.selectors import translating
from web.languages import words

register = template.Library()


@register.filter
def fill(sentence: str, value: object) -> str:
    """Return the sentence with the value in the place of its braces."""
    return sentence.replace("{}", str(value))


@register.filter
def moment(at: datetime) -> str:
    """Return a local moment, e.g. ``Tue 1 Dec, 9:40 AM``."""
    return texts.moment(at, _language())


@register.filter
def day(on: date) -> str:
    """Return a day, e.g. ``Tue 1 Dec``."""
    return texts.day(on, _language())


@register.filter
def hour(at: datetime) -> str:
    """Return the hour of a local moment, e.g. ``9:40 AM``."""
    return texts.moment(at, _language()).rpartition(", ")[2]


@register.simple_tag
def window(start: datetime, end: datetime) -> str:
    """Return a local window, e.g. ``Tue 1 Dec, 9:00 AM–9:30 AM``."""
    return texts.window(start, end, _language())


def _language() -> Language:
    return Language((get_language() or "en")[:2])


@register.filter
def spaced(code: str) -> str:
    """Return a code as people read it."""
    return code.replace("_", " ")


@register.simple_tag(takes_context=True)
def word(context: dict[str, Any], *parts: str) -> str:
    """Return the page's word for what is only known as it is written, e.g. a visit's status.

    What has no word of its own, as a code of a market's own protocol, is told as it reads.
    """
    return str(context["words"].get("_".join(map(str, parts)), spaced(str(parts[-1]))))


@register.simple_tag
def said(text: str) -> str:
    """Return what a protocol says in the language of the page; where it is not translated, the
    English one, marked as such for whoever has it read aloud."""
    told = translating.said(text, _language().value)
    return format_html('<span lang="{}">{}</span>', told.lang, told.text)


@register.simple_tag
def choice_word(code: str) -> str:
    """Return an answer to choose, as the questions before a booking word it."""
    told = words("book_new_choices").get(code)
    return told or format_html('<span lang="en">{}</span>', spaced(code))


@register.simple_tag(takes_context=True)
def word_or(context: dict[str, Any], kind: str, code: str, otherwise: str) -> str:
    """Return the page's word for a code of a protocol, or else what the protocol says."""
    return context["words"].get(f"{kind}_{code}") or said(otherwise)


@register.simple_tag(takes_context=True)
def word_if(context: dict[str, Any], kind: str, code: str) -> str:
    """Return a paragraph about a code, if the page has words about it."""
    told = context["words"].get(f"{kind}_{code}")
    return "" if told is None else format_html("<p>{}</p>", told)


@register.simple_tag
def text_of(texts_by: dict[str, str], code: str) -> str:
    """Return the text of a code."""
    return texts_by[code]
