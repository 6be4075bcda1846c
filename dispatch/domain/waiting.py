"""Waiting for a treatment at a place where it cannot be given yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unserved(StrEnum):
    """Why a treatment cannot be given at a place."""

    NOT_LICENSED = "not_licensed"
    NOT_CERTIFIED = "not_certified"
    NO_TIMES = "no_times"


@dataclass(frozen=True, slots=True)
class WaitingTerms:
    """What people agree to who wait; a new word makes a new version."""

    version: int
    text: str
