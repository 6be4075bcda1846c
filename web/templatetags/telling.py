"""Words filled in, and times as people say them, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils.translation import get_language

from dispatch.domain import texts
from dispatch.domain.channels import Language

register = template.Library()


@register.filter
def fill(sentence: str, value: object) -> str:
    """Return the sentence with the value in the place of its braces."""
    return sentence.replace("{}", str(value))


@register.filter
def known_as(words: dict[str, str], code: str) -> str:
    """Return the word for a code of a protocol, or the code itself as people read it."""
    return words.get(code, code.partition("_")[2].replace("_", " "))


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
