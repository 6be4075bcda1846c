"""What is found when messages that should be there are compared with those that are, and what
becomes of those that may have been sent by a service whose database was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from enum import StrEnum
from operator import add

from dispatch.domain.messages import Kind


class HeldBecause(StrEnum):
    """Why nothing is begun."""

    RESTORED = "restored"
    OPERATOR = "operator"


class Doubt(StrEnum):
    """What is done with a message of which nobody can say whether it was sent."""

    SEND = "send"
    WITHDRAW = "withdraw"


NOISE_WHEN_DOUBLED = frozenset({Kind.CONFIRMATION, Kind.FEEDBACK, Kind.NEXT_VISIT})
"""Kinds that nobody is harmed without: what they say stands in the app, too."""


def in_doubt(kind: Kind) -> Doubt:
    """Return what is right for the kind: every other one does harm when it is lost."""
    return Doubt.WITHDRAW if kind in NOISE_WHEN_DOUBLED else Doubt.SEND


@dataclass(frozen=True, slots=True)
class Found:
    """How many visits were looked at, and how many of their messages were missing and are planned
    again, had lost their visit and are withdrawn, are long due without reason, or count as sent
    though no provider ever accepted them."""

    visits: int = 0
    planned: int = 0
    withdrawn: int = 0
    overdue: int = 0
    unproven: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(*map(add, astuple(self), astuple(other)))

    @property
    def is_well(self) -> bool:
        """Nothing was found that is not as it should be."""
        return not (self.planned or self.withdrawn or self.overdue or self.unproven)

    @classmethod
    def of(cls, kept: Mapping[str, int]) -> Found:
        """Read what ``asdict`` wrote."""
        return cls(**kept)
