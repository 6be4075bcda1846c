"""What protocols, questionnaires, gates and refusals say, in the language of whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dispatch.domain.channels import Language
from dispatch.domain.sentences import Sentence, Value, spoken
from dispatch.domain.shipped import load_sentences, load_translations


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the language that it is in."""

    text: str
    lang: str

    def __str__(self) -> str:
        return self.text


def said(text: str, language: str) -> Said:
    """Return the sentence in the language.

    A translation belongs to the very wording that it translates: where that has changed, or was
    drafted by a market, the English one is what is told.
    """
    if language != Language.ENGLISH and language in tuple(Language):
        translated = _translated(text, Language(language))
        if translated is not None:
            return Said(translated, language)
    return Said(text, Language.ENGLISH.value)


def _translated(text: str, language: Language) -> str | None:
    known = _translations(language)
    if not isinstance(text, Sentence):
        return known.get(text)
    pattern = known.get(text.pattern)
    if pattern is None:
        return None
    return pattern.format(**{name: _spoken(one, language) for name, one in text.values.items()})


def _spoken(value: Value, language: Language) -> str:
    """A value that is a sentence itself, or one of a protocol, is translated as such."""
    if isinstance(value, tuple):
        value = tuple(said(one, language).text for one in value)
    if isinstance(value, str):
        value = said(value, language).text
    return spoken(value, language)


@lru_cache(maxsize=len(Language))
def _translations(language: Language) -> dict[str, str]:
    return load_translations(language) | load_sentences(language)
