"""A provider of texts that does what the test tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from tests.scripted import Scripted


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Brings every text, and tells of it later."""
    from dispatch.domain.channels import Channel
    from tests.scripted import Scripted
    from workers import delivery

    texts = Scripted("texts", tells=True)
    monkeypatch.setattr(delivery, "carrier", {Channel.TEXT: texts}.__getitem__)
    return texts
