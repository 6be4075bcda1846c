"""The screens that somebody may open, for the way to them at the top of each."""

from __future__ import annotations

from typing import Any

from django import template

from dispatch.domain.people import Role
from dispatch.domain.places import in_words
from dispatch.domain.whose import reach_of
from dispatch.models import User
from web.policy import PAGES

SCREENS = ("book", "route", "board", "messages", "tasks", "inbox", "office")

register = template.Library()


@register.simple_tag
def screens_of(user: Any) -> list[str]:
    """Return the names of the screens that the policy opens to the user's role."""
    if not isinstance(user, User):
        return []
    role = Role(user.role)
    return [one for one in SCREENS if reach_of(PAGES[f"{one}/"]["GET"], role) is not None]


@register.filter
def of(words: dict[str, str], key: str) -> str:
    """Return the word for a key that is only known as the page is written, as a visit's status."""
    return words[key]


@register.filter
def name_of(words: dict[str, str], key: str) -> str:
    """Return the word for a key that a market's own data may have brought; empty for none."""
    return words.get(key, "")


@register.filter
def named(names: dict[str, str], code: str) -> str:
    """Return the name of a code, or the code itself where it has none, as that of a state."""
    return names.get(code, code)


@register.filter
def in_one_line(place: Any) -> str:
    """Return the address of a place, or of what happens there, with its ZIP code."""
    return in_words(place.address, place.zip_code, getattr(place, "state", ""))
