"""What protocols and questionnaires say, in the language of whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dispatch.domain.channels import Language
from dispatch.domain.shipped import load_translations


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
        translated = _translations(Language(language)).get(text)
        if translated is not None:
            return Said(translated, language)
    return Said(text, Language.ENGLISH.value)


@lru_cache(maxsize=len(Language))
def _translations(language: Language) -> dict[str, str]:
    return load_translations(language)
