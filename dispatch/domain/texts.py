"""The texts of messages: placeholders filled, days and hours as people say them, and how many
segments a text takes on a phone."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter

from dispatch.domain.channels import Language
from dispatch.domain.fields import FieldError

PLACEHOLDERS = frozenset({"when", "link", "instructions", "phone", "eating", "next"})

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters of the basic table of 3GPP TS 23.038: seven bits each, and all else costs sixteen."""
GSM_7_TWICE = frozenset("^{}\\[~]|€")
"""Those of its extension table, which take the place of two."""
DASHES = {ord("–"): "-", ord("—"): "-", ord("\N{NO-BREAK SPACE}"): " ", ord("’"): "'"}

LONG_MONTHS_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
DAYS_ES = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
MONTHS_ES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


def render(template: str, context: Mapping[str, str]) -> str:
    """Fill a text's placeholders; raise FieldError for one that is unknown or has no value."""
    for name in placeholders(template):
        if name not in context:
            raise FieldError(name, "has no value")
    return template.format_map(context)


def placeholders(template: str) -> frozenset[str]:
    """Return the placeholders of a text; raise FieldError for one that is not known."""
    found = set()
    for _, name, spec, conversion in Formatter().parse(template):
        if name is None:
            continue
        if name not in PLACEHOLDERS or spec or conversion:
            raise FieldError(name or "template", "is not a placeholder of messages")
        found.add(name)
    return frozenset(found)


def window(start: datetime, end: datetime, language: Language) -> str:
    """Return an arrival window by the clocks of its place, e.g. ``Tue 1 Dec, 9:00 AM–9:30 AM``."""
    return f"{day(start, language)}, {_hour(start, language)}–{_hour(end, language)}"


def about(start: datetime, language: Language) -> str:
    """Return an expected start, e.g. ``Tue 1 Dec, about 9:40 AM``."""
    near = "about"
    if language is Language.SPANISH:
        near = "hacia la" if start.hour % 12 == 1 else "hacia las"
    return f"{day(start, language)}, {near} {_hour(start, language)}"


def clock(moment: datetime, language: Language) -> str:
    """Return the time of day as the clocks show it, e.g. ``9:40 AM``."""
    return _hour(moment, language)


def moment(at: datetime, language: Language) -> str:
    """Return a moment by the clocks it is given in, e.g. ``Tue 1 Dec, 9:40 AM``."""
    return f"{day(at, language)}, {_hour(at, language)}"


def day(on: date, language: Language) -> str:
    """Return a day, e.g. ``Tue 1 Dec``."""
    if language is Language.SPANISH:
        return f"{DAYS_ES[on.weekday()]} {on.day} {MONTHS_ES[on.month - 1]}"
    return f"{on:%a} {on.day} {on:%b}"


def long_day(on: date, language: Language) -> str:
    """Return a day with its year, e.g. ``March 1, 2027``."""
    if language is Language.SPANISH:
        return f"{on.day} de {LONG_MONTHS_ES[on.month - 1]} de {on.year}"
    return f"{on:%B} {on.day}, {on.year}"


def _hour(moment: datetime, language: Language) -> str:
    if language is Language.SPANISH:
        return f"{moment:%-I:%M} {'a. m.' if moment.hour < 12 else 'p. m.'}"  # noqa: PLR2004 - noon
    return f"{moment:%-I:%M %p}"


def for_phones(text: str) -> str:
    """Return the text in letters that a phone's short messages have: an accent that they lack is
    left out, so that a text is not cut into more than twice as many segments for its sake."""
    plain = text.translate(DASHES)
    return "".join(one if one in GSM_7 | GSM_7_TWICE else _bare(one) for one in plain)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in GSM_7 else letter


def segments(text: str) -> int:
    """Return in how many parts a phone receives the text, by 3GPP TS 23.038 and 23.040."""
    if set(text) <= GSM_7 | GSM_7_TWICE:
        septets = sum(2 if one in GSM_7_TWICE else 1 for one in text)
        return 1 if septets <= 160 else -(-septets // 153)  # noqa: PLR2004 - the standard's
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)  # noqa: PLR2004 - likewise
