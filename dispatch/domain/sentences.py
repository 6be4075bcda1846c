"""Sentences for people that carry values, so that they can be said in every language.

In English a sentence reads as any text does. In other languages it is put together anew, from the
translation of its pattern and what stands in it: see ``selectors/translating.py``. One without
values is a plain text, translated as it stands.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from dispatch.domain import texts
from dispatch.domain.channels import Language

Value = str | int | date | tuple[str, ...]
"""What may stand in a sentence; several lines are told one after the other, without full stops."""


class Sentence(str):
    """A pattern with named placeholders, and their values, e.g. ``At most {days} days.``"""

    __slots__ = ("pattern", "values")
    pattern: str
    values: dict[str, Value]

    def __new__(cls, pattern: str, /, **values: Value) -> Self:
        told = {name: spoken(value, Language.ENGLISH) for name, value in values.items()}
        made = super().__new__(cls, pattern.format(**told))
        made.pattern, made.values = pattern, values
        return made

    def __str__(self) -> str:
        """The sentence itself: what an exception carries, ``str()`` gives back whole."""
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """From these it is made again where it is copied."""
        return (self.pattern,), self.values


def spoken(value: Value, language: Language) -> str:
    """Return a value as it stands in a sentence."""
    if isinstance(value, date):
        return texts.long_day(value, language)
    if isinstance(value, tuple):
        return "; ".join(one.rstrip(".") for one in value)
    return str(value)
