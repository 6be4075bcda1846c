"""What a text in free words means, where it is plain; everything else is for a person.

A text means yes or no only where every word of it is one that we know (``reply_words``). So no word
that is added to a yes – a negation, a doubt, a condition – leaves it one, unless it says yes, too.
A question is never an answer. An emergency is the other way round: one word is enough.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain import reply_words as words
from dispatch.domain.channels import Language
from dispatch.domain.phones import numbers_in

HARMLESS = dict.fromkeys(map(ord, "🙂😊😀😃😁😄🙏❤💙👍👌✅\ufe0f\u200d🏻🏼🏽🏾🏿"))
"""Signs that change nothing beside words, and say nothing plain alone."""
LONGEST = 320
"""Characters: what is longer tells more than yes or no."""
QUOTES = dict.fromkeys(map(ord, "'’‘`´"))


class Command(StrEnum):
    """What everybody may ask of whoever sends texts, in words that the carriers have fixed."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class Understood(StrEnum):
    """What a text was understood to say."""

    YES = "yes"
    NO = "no"
    NAMES = "names"
    NUMBER = "number"
    THANKS = "thanks"
    EMERGENCY = "emergency"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Meaning:
    """``relation`` is whom it names, in English, ``phone`` that person's number in E.164."""

    understood: Understood
    relation: str = ""
    phone: str | None = None


def command_of(body: str, *, stopped: bool = False) -> Command | None:
    """Return what the whole text asks for, whatever its case, spaces and punctuation.

    ``stopped`` is whether this number has stopped our texts: only then "yes" starts them again.
    """
    bare = re.sub(r"[\W_]", "", _plain(body))
    if bare in words.STOP or (len(body) <= LONGEST and _is(words.STOP_SENTENCE, _tokens(body))):
        return Command.STOP
    if bare in words.START or (stopped and bare in words.START_AGAIN | {"sí"}):
        return Command.START
    return Command.HELP if bare in words.HELP else None


def meaning_of(body: str) -> Meaning:
    """Return what a text says; ``UNCLEAR`` for all that is not plain. Never raises."""
    numbers = numbers_in(body)
    rest = body
    for begin, end, _ in reversed(numbers):
        rest = f"{rest[:begin]} # {rest[end:]}"
    tokens = _tokens(rest)
    if re.search(words.EMERGENCY, tokens, re.VERBOSE):
        return Meaning(Understood.EMERGENCY)
    if len(body) > LONGEST or re.search(r"[?¿]", _plain(body)):
        return Meaning(Understood.UNCLEAR)
    phone = numbers[0][2] if len(numbers) == 1 else None
    return _said(tokens) or _named(tokens, phone) or Meaning(Understood.UNCLEAR)


def language_of(body: str) -> Language:
    """Guess which of our languages a text is written in; English where nothing speaks for Spanish.

    The words are compared one by one, accents apart.
    """
    tokens = set(_tokens(body).split())
    return Language.SPANISH if tokens & words.SPANISH else Language.ENGLISH


def _said(tokens: str) -> Meaning | None:
    """Yes, no or thanks, where the whole text is that."""
    opening, closing = f"(?:{words.OPENING}\\ )*", f"(?:\\ {words.CLOSING})*"
    yes = rf"(?:{words.YES}|{words.ASSENT})"
    between = rf"(?:{words.YES}|{words.ASSENT}|{words.OPENING})"
    if _is(rf"{opening}{yes}(?:\ {between})*{closing}", tokens):
        return Meaning(Understood.YES)
    no = rf"(?:{words.NO}|{words.DISSENT})"
    before = rf"(?:(?:{words.OPENING}|{words.SORRY})\ )*"
    if _is(rf"{before}{no}(?:\ (?:{no}|{words.SORRY}))*{closing}", tokens):
        return Meaning(Understood.NO)
    thanks = rf"(?:{words.OPENING}\ )*{words.CLOSING}(?:\ {words.CLOSING})*"
    return Meaning(Understood.THANKS) if _is(thanks, tokens) else None


def _named(tokens: str, phone: str | None) -> Meaning | None:
    """Somebody who helps, with or without a number, or a number alone."""
    if tokens.count("#") != (0 if phone is None else 1):
        return None
    opening = rf"(?:(?:{words.OPENING}|{words.YES}|{words.PRESENTS})\ )*"
    closing = f"(?:\\ {words.CLOSING})*"
    number = rf"(?:(?:\ {words.NUMBER_OF})*\ \#)?"
    relation = "|".join(sorted(map(re.escape, words.RELATIONS), key=len, reverse=True))
    helps = rf"(?:\ {words.HELPS})?"
    more = rf"(?:{helps}{number}|{number}{helps})"
    somebody = rf"{opening}(?:my|mi)\ (?P<who>{relation}){more}{closing}"
    if found := re.fullmatch(somebody, tokens, re.VERBOSE):
        return Meaning(Understood.NAMES, words.RELATIONS[found["who"]], phone)
    alone = rf"{opening}(?:{words.NUMBER_OF}\ )*\#{closing}"
    if phone is not None and _is(alone, tokens):
        return Meaning(Understood.NUMBER, phone=phone)
    return None


def _is(pattern: str, tokens: str) -> bool:
    return re.fullmatch(pattern, tokens, re.VERBOSE) is not None


def _plain(body: str) -> str:
    """Lower case, without accents except that of ``sí``, without quotes and harmless signs."""
    text = unicodedata.normalize("NFKC", body).casefold().translate(QUOTES | HARMLESS)
    return " ".join(word if _is_yes(word) else _unaccented(word) for word in text.split())


def _is_yes(word: str) -> bool:
    return re.sub(r"\W", "", word) == "sí"


def _unaccented(word: str) -> str:
    apart = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _tokens(body: str) -> str:
    """Words between single spaces; ``si`` alone, or that a comma sets off, is ``sí``."""
    text = re.sub(r"^[\s.,!¡]*si[\s.,!¡]*$|\bsi\s*[,.!]+", " sí ", _plain(body))
    return " ".join(re.sub(r"[.,;:!¡()\"“”/*–—-]", " ", text).split())
