"""What a course is made of: infusions on their days, and what is on record of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Improvement(StrEnum):
    """What a clinician found of a phase once it was over."""

    NONE = "none"
    SOME = "some"
    SIGNIFICANT = "significant"


class Stage(StrEnum):
    """Given whole; booked; or begun and broken off, which keeps its gaps and counts for nothing."""

    GIVEN = "given"
    BOOKED = "booked"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Infusion:
    """On a day from ``first`` to ``last``, which are the same once its window is promised."""

    first: date
    last: date
    phase: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included; None is open."""

    first: date | None
    last: date | None

    def meet(self, other: Days) -> Days | None:
        """The days that are in both, or None."""
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        both = Days(max(firsts, default=None), min(lasts, default=None))
        empty = both.first is not None and both.last is not None and both.last < both.first
        return None if empty else both


ANY_DAY = Days(None, None)


@dataclass(frozen=True, slots=True)
class Record:
    """What clinicians and the patient have put on record for the phases.

    ``responses`` are to this course's phases, each given after the last infusion of the phase;
    ``induction`` says that one was completed, here or elsewhere, and ``induction_response`` what
    came of it.
    """

    responses: dict[str, Improvement]
    induction: bool = False
    induction_response: Improvement | None = None
    therapy_named: bool = False
