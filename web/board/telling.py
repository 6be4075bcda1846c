"""What the inspector says of candidates, gates, deeds and messages, in the language of the page.

Rules, fixes, gates, verbs and kinds come as codes; their words stand in ``board_inspector.json``.
What stands in no file there is said as its code reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from dispatch.domain.channels import Language
from dispatch.domain.clock import instant, local
from dispatch.domain.texts import window
from dispatch.selectors.candidates import BrokenRule, Candidate, Fix, Standing
from web.languages import words

PAGE = "board_inspector"
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A candidate in words: ``line`` for the row of the nurse, ``why`` for each broken rule."""

    nurse_id: UUID
    shift_id: UUID
    name: str
    standing: Standing
    has_it: bool
    line: str
    why: tuple[str, ...]
    fixes: tuple[str, ...]


def told(one: Candidate, zone: str, now_with: UUID | None) -> Told:
    """Say of a candidate what it would cost, or the first rule that stands in the way."""
    has_it = one.nurse_id == now_with
    why = tuple(broken(rule) for rule in one.breaches)
    return Told(
        nurse_id=one.nurse_id,
        shift_id=one.shift_id,
        name=one.nurse_name,
        standing=one.standing,
        has_it=has_it,
        line=said("has_it") if has_it else why[0] if why else _burden(one, zone),
        why=why,
        fixes=tuple(_fix(fix, zone) for fix in one.fixes),
    )


def said(key: str, **values: object) -> str:
    """Return a sentence of the inspector with its values; the code itself where there is none."""
    known = words(PAGE)
    return known[key].format(**values) if key in known else _plain(key)


def broken(rule: BrokenRule) -> str:
    minutes = -(-rule.amount // MINUTE_S)
    return said(f"rule__{rule.rule}", subject=_paper(rule.subject), minutes=minutes)


def hour(moment: datetime, zone: str) -> str:
    """Return a time of day by the clocks of the zone."""
    return local(moment, zone).strftime(words(PAGE)["hour"])


def day_and_hour(moment: datetime, zone: str) -> str:
    """Return the same with its day, e.g. ``Tue 1 Dec, 9:00 AM``."""
    return window(local(moment, zone), local(moment, zone), language()).rpartition("–")[0]


def language() -> Language:
    return Language((get_language() or "en")[:2])


def _burden(one: Candidate, zone: str) -> str:
    if one.detour_s is None or one.start is None:
        return ""
    minutes = -(-one.detour_s // MINUTE_S)
    return said("burden", minutes=minutes, start=hour(one.start, zone))


def _fix(fix: Fix, zone: str) -> str:
    start = day_and_hour(instant(fix.amount), zone) if fix.change == "start_at" else ""
    minutes = -(-fix.amount // MINUTE_S)
    return said(f"fix__{fix.change}", code=_paper(fix.code), minutes=minutes, start=start)


def _plain(key: str) -> str:
    return key.rpartition("__")[2].replace("_", " ").replace("-", " ")


def _paper(code: str) -> str:
    return code.replace("_", " ")
