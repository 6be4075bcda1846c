"""Who carries messages away: one carrier a channel, each in a module of its own."""

from __future__ import annotations

import re
from typing import Protocol, runtime_checkable

from dispatch.domain.channels import Outgoing

PATIENCE_S = 2.5
"""How long a carrier waits for its provider: a lease outlasts the call."""


class Carrier(Protocol):
    """Hands messages of one channel to a provider.

    ``name`` is the provider's, as in attempts and in the address of its hook. ``tells`` says
    whether the provider tells later what became of a message; where it does not, what it has
    accepted counts as delivered.
    """

    name: str
    tells: bool

    def send(self, outgoing: Outgoing) -> str:
        """Hand one message over and return the provider's id of it.

        Gives up after ``PATIENCE_S``. Raises Refused where this address will never get it by this
        way; Busy where the provider asks us to slow down; any OSError, TimeoutError included,
        means: perhaps, look and try again.
        """
        ...


@runtime_checkable
class Remembers(Protocol):
    """A carrier whose provider can be asked what it was given."""

    def find(self, outgoing: Outgoing) -> str | None:
        """Return the provider's id of a message in the same words to the same address, accepted
        since ``tried_since``; None where there is none. Sends nothing; raises as ``send``."""
        ...


def same_words(outgoing: Outgoing, theirs: str) -> bool:
    """True where a body says the same; the links in them may be of two messages planned alike."""
    parts = [outgoing.body] if outgoing.link is None else outgoing.body.split(outgoing.link)
    pattern = r"\S+".join(re.escape(part) for part in parts)
    return re.fullmatch(rf"\s*{pattern}\s*", theirs) is not None


class Refused(Exception):
    """The provider will never bring this message to this address."""


class Busy(Exception):
    """The provider asks for fewer messages; ``wait_s`` is how long it asks us to wait, if told."""

    def __init__(self, wait_s: float | None = None) -> None:
        super().__init__("busy")
        self.wait_s = wait_s
