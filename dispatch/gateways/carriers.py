"""Who carries messages away: one carrier a channel, each in a module of its own."""

from __future__ import annotations

from typing import Protocol

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


class Refused(Exception):
    """The provider will never bring this message to this address."""


class Busy(Exception):
    """The provider asks for fewer messages; ``wait_s`` is how long it asks us to wait, if told."""

    def __init__(self, wait_s: float | None = None) -> None:
        super().__init__("busy")
        self.wait_s = wait_s
