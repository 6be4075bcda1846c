"""Leases that outlast any pause of a busy machine.

That of a message ends after seconds, so that another worker soon takes up what a dead one left: a
thread that stands still for as long is then too late to write down what it has handed over.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.services import sending
from dispatch.services.sending import beginning, claiming
from workers import delivery

LASTS = timedelta(minutes=10)


def let_leases_last(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sending, claiming, beginning, delivery):
        monkeypatch.setattr(module, "LEASE", LASTS)
