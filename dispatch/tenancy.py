"""Whose rows a piece of work may touch: those of one market, or of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


@contextmanager
def within(market_id: UUID) -> Iterator[None]:  # noqa: ARG001 - the market's rows alone
    yield


@contextmanager
def everywhere() -> Iterator[None]:
    """For what begins without a signed-in user: workers, commands, secret links."""
    yield
