"""A carrier for tests that does what it is told."""

from __future__ import annotations

import time

from dispatch.domain.channels import Outgoing


class Scripted:
    """A carrier that does what it is told, and keeps what it was given."""

    def __init__(self, name: str, *, tells: bool) -> None:
        self.name, self.tells = name, tells
        self.fault: Exception | None = None
        self.given: list[Outgoing] = []
        self.answers: dict[str, str] = {}
        self.waits_s: dict[str, float] = {}

    def send(self, outgoing: Outgoing) -> str:
        self.given.append(outgoing)
        time.sleep(self.waits_s.get(outgoing.key, 0))
        if self.fault is not None:
            raise self.fault
        return self.answers.get(outgoing.key, f"{self.name}-{outgoing.key}")
